/** Network files that `tritrack drive` was given, for the page to show and to race. */
import { basename } from "node:path";
import { InvalidOption } from "../../../env/errors.ts";
import { MAX_NETWORK_BYTES, readNetwork } from "../../../policies/ternary/safetensors.ts";
import { readBoundedFile } from "../../../recordings/files/file-source.ts";

/**
 * Their bytes by name, the file's without its suffix.
 * @throws CorruptFile, InvalidOption on a network that does not drive, or the system's error: before anyone drives
 */
export function readNetworkFiles(paths: readonly string[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    const bytes = readBoundedFile(path, MAX_NETWORK_BYTES);
    const { task } = readNetwork(bytes, path).architecture;
    if (task !== "car") throw new InvalidOption(`${path} is a ${task} network: it cannot drive`);
    files.set(basename(path, ".safetensors"), bytes);
  }
  return files;
}
