import { createHash } from "node:crypto";

/** sha256 of float32 [n, 3]: beta, x, y of each point, as test/golden/make_tracks.py writes it. */
export function trackSha256(points: Float64Array): string {
  const n = points.length / 4;
  const rounded = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) rounded.set(points.subarray(4 * i + 1, 4 * i + 4), 3 * i);
  return createHash("sha256").update(new Uint8Array(rounded.buffer)).digest("hex");
}
