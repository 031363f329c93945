/** Network files that commands write. */
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { temporaryName } from "../../../recordings/files/atomic.ts";
import { errorLine } from "./errors.ts";

/** Refuses an output path before the work, not after it. */
export function checkOutput(path: string): void {
  if (!path.endsWith(".safetensors")) throw new InvalidOption(`--out ${path}: expected FILE.safetensors`);
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new InvalidOption(`--out ${path}: there is no folder ${folder}`);
  const probe = temporaryName(path);
  try {
    writeFileSync(probe, "");
  } catch (error) {
    throw new InvalidOption(`--out ${path}: nothing can be written there (${errorLine(error)})`);
  }
  rmSync(probe);
}

export async function writeNetworkFile(path: string, network: TernaryNetwork): Promise<void> {
  const [{ writeNetwork }, { writeFileAtomic }] = await Promise.all([
    import("../../../policies/ternary/safetensors.ts"),
    import("../../../recordings/files/atomic.ts"),
  ]);
  writeFileAtomic(path, writeNetwork(network));
}
