/** Runs of seeds: tracks by purpose are named by their first. */

/** `first`, `first + 1`, …: `count` of them. */
export function seedRange(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
