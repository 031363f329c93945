/** Fingerprints: whether a search that goes on has what it had before, told by a number of 32 bits. */
import type { TernaryNetwork } from "../../policies/ternary/network.ts";

/** FNV-1a of all bytes; what is no array counts as its JSON. */
export function fingerprint(...parts: readonly unknown[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(part)
      ? part
      : new TextEncoder().encode(JSON.stringify(part));
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** Of a network's weights and scales. */
export function networkFingerprint({ architecture, weights, divisors }: TernaryNetwork): number {
  return fingerprint(divisors, ...architecture.layers.map(({ name }) => weights[name]));
}
