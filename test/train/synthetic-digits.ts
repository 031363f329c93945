/** Images with a bright band whose row is the label: easy to learn, and nothing to load. */
import { Random } from "../../env/random.ts";

export function bands(count: number): { pixels: Uint8Array; labels: Uint8Array } {
  const random = new Random(5);
  const pixels = Uint8Array.from({ length: count * 784 }, () => random.integers(60));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  labels.forEach((label, i) => {
    const row = i * 784 + (2 + 2 * label) * 28;
    pixels.fill(250, row, row + 56);
  });
  return { pixels, labels };
}
