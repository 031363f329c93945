/** Fingerprints: whether a search that goes on has what it had before, told by a number of 32 bits. */
import type { TernaryNetwork } from "../../policies/ternary/network.ts";

/**
 * FNV-1a by words of four bytes, stirred after each: hundreds of megabytes a second, since a search on several threads
 * waits for it. What is no array counts as its JSON.
 */
export function fingerprint(...parts: readonly unknown[]): number {
  let hash = 0x811c9dc5;
  const add = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193);
    hash ^= hash >>> 15;
  };
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(part)
      ? part
      : new TextEncoder().encode(JSON.stringify(part));
    const view = new DataView(buffer, byteOffset, byteLength);
    const words = byteLength - (byteLength % 4);
    for (let i = 0; i < words; i += 4) add(view.getInt32(i, true));
    for (let i = words; i < byteLength; i++) add(view.getUint8(i));
  }
  return hash >>> 0;
}

/** Of a network's weights and scales. */
export function networkFingerprint({ architecture, weights, divisors }: TernaryNetwork): number {
  return fingerprint(divisors, ...architecture.layers.map(({ name }) => weights[name]));
}
