/** Network files that commands write. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";

/** Refuses an output path before the work, not after it. */
export function checkOutput(path: string): void {
  if (!path.endsWith(".safetensors")) throw new InvalidOption(`--out ${path}: expected FILE.safetensors`);
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new InvalidOption(`--out ${path}: there is no folder ${folder}`);
}

export async function writeNetworkFile(path: string, network: TernaryNetwork): Promise<void> {
  const [{ writeNetwork }, { writeFileAtomic }] = await Promise.all([
    import("../../../policies/ternary/safetensors.ts"),
    import("../../../recordings/files/atomic.ts"),
  ]);
  writeFileAtomic(path, writeNetwork(network));
}
