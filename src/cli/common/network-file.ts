/** Network files that commands write. */
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe } from "../../../env/describe.ts";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { writeNetwork } from "../../../policies/ternary/safetensors.ts";
import { temporaryName, writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { errorLine } from "./errors.ts";

/**
 * Checks an output path before the work rather than after it.
 * @throws InvalidOption when it does not end in .safetensors, names a folder, or nothing can be written there
 */
export function checkOutput(path: string): void {
  if (!path.endsWith(".safetensors"))
    throw new InvalidOption(`--out: expected FILE.safetensors, got ${describe(path)}`);
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new InvalidOption(`--out ${path}: there is no folder ${folder}`);
  if (existsSync(path) && statSync(path).isDirectory())
    throw new InvalidOption(`--out ${path}: expected a file, got a folder`);
  const probe = temporaryName(path);
  try {
    writeFileSync(probe, "");
  } catch (error) {
    // The system's error names the temporary file, which means nothing to the user.
    const cause = errorLine(Object.assign(error as Error, { path: undefined }));
    throw new InvalidOption(`--out ${path}: nothing can be written there (${cause})`);
  }
  rmSync(probe);
}

/** Writes a network, whole or not at all. */
export async function writeNetworkFile(path: string, network: TernaryNetwork): Promise<void> {
  writeFileAtomic(path, writeNetwork(network));
}
