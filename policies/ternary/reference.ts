/** Inference as the definition reads: the plain twin of kernels/forward.as.ts, and its oracle in tests. Slow and exact. */
import { fanIn, type TernaryNetwork, unitValue } from "./network.ts";

/**
 * The outputs of a network for one input.
 * @param pixels height × width × channels bytes
 * @returns the last layer's sums, one an output: the values times `unitValue(network)`
 */
export function inferReference(network: TernaryNetwork, pixels: Uint8Array): Int32Array {
  return activations(network, pixels).at(-1)!;
}

/**
 * Activations of every layer for one input, pooled and clipped: values times `unitValue(network, k)`.
 * @param pixels height × width × channels bytes
 * @returns int32 [channel, row, column] of each convolution, [unit] of each dense layer
 */
export function activations(network: TernaryNetwork, pixels: Uint8Array): Int32Array[] {
  const { architecture } = network;
  const { channels } = architecture;
  let height = architecture.height;
  let width = architecture.width;
  // From [row, column, channel] bytes to [channel, row, column] integers.
  let map = Int32Array.from({ length: channels * height * width }, (_, i) => {
    const p = pixels[(i % (height * width)) * channels + Math.floor(i / (height * width))];
    return architecture.pixel === "p" ? p : 2 * p - 255;
  });
  return architecture.layers.map((layer, k) => {
    const weights = network.weights[layer.name];
    const last = k === architecture.layers.length - 1;
    const limit = last ? Number.POSITIVE_INFINITY : unitValue(network, k);
    const clip = (v: number) => Math.max(-limit, Math.min(limit, v));
    if (layer.kind === "dense") {
      map = Int32Array.from({ length: layer.out }, (_, unit) => {
        let sum = 0;
        for (let i = 0; i < layer.in; i++) sum += weights[unit * layer.in + i] * map[i];
        return clip(sum);
      });
      return map;
    }
    const { kernel, stride, pad, pool } = layer;
    const pooledHeight = Math.floor((Math.floor((height + 2 * pad - kernel) / stride) + 1) / pool);
    const pooledWidth = Math.floor((Math.floor((width + 2 * pad - kernel) / stride) + 1) / pool);
    const pooled = new Int32Array(layer.out * pooledHeight * pooledWidth);
    const sumAt = (unit: number, row: number, column: number): number => {
      let sum = 0;
      for (let i = 0; i < fanIn(layer); i++) {
        const w = weights[unit * fanIn(layer) + i];
        if (w === 0) continue;
        const y = row * stride - pad + (Math.floor(i / kernel) % kernel);
        const x = column * stride - pad + (i % kernel);
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        sum += w * map[(Math.floor(i / kernel ** 2) * height + y) * width + x];
      }
      return sum;
    };
    for (let unit = 0; unit < layer.out; unit++)
      for (let row = 0; row < pooledHeight; row++)
        for (let column = 0; column < pooledWidth; column++) {
          let best = Number.NEGATIVE_INFINITY;
          for (let dy = 0; dy < pool; dy++)
            for (let dx = 0; dx < pool; dx++)
              best = Math.max(best, sumAt(unit, row * pool + dy, column * pool + dx));
          pooled[(unit * pooledHeight + row) * pooledWidth + column] = clip(best);
        }
    map = pooled;
    height = pooledHeight;
    width = pooledWidth;
    return map;
  });
}
