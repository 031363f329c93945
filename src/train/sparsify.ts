/**
 * Pruning: the schedule by which a dense network becomes sparse, and the selection of the largest weights of a layer. The
 * number of weights that are left at the end comes from `data/layer-counts.ts`.
 */

/**
 * Cubic schedule of Zhu and Gupta (2017): prunes fast while there is much to spare.
 * @param progress 0 at the start of pruning, 1 (and beyond) at its end
 * @returns how many of `weights` are kept, from all of them down to `kept`
 */
export function scheduledCount(weights: number, kept: number, progress: number): number {
  return kept + Math.round((weights - kept) * (1 - Math.min(1, Math.max(0, progress))) ** 3);
}

const bins = new Uint32Array(1 << 16);

/**
 * Marks the `count` largest magnitudes with 1 and the rest with 0. Among equal magnitudes those of lower index are
 * kept, so the count is exact. Two passes of counting over the bits: linear time.
 */
export function keepLargest(values: Float32Array, count: number, mask: Uint8Array): void {
  // Bits of non-negative floats are ordered as the floats are.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  /** Goes down the bins until `wanted` values are passed. @returns the bin reached, and how many values to take of it */
  const descend = (wanted: number): [number, number] => {
    let bin = bins.length - 1;
    while (bins[bin] < wanted) wanted -= bins[bin--];
    return [bin, wanted];
  };
  mask.fill(count < values.length ? 0 : 1);
  if (count === 0 || count >= values.length) return;
  bins.fill(0);
  for (let i = 0; i < bits.length; i++) bins[(bits[i] & 0x7fffffff) >>> 16]++;
  const [high, fromHigh] = descend(count);
  bins.fill(0);
  for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7fffffff) >>> 16 === high) bins[bits[i] & 0xffff]++;
  const [low, fromLow] = descend(fromHigh);
  const threshold = high * 0x10000 + low;
  let ties = fromLow;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude > threshold || (magnitude === threshold && ties-- > 0)) mask[i] = 1;
  }
}
