/** Turns RGB frames into what encoders of video take: brightness for each pixel, colour for each square of four (I420). */
import type { Frame } from "../../env/api.ts";

/**
 * Writes a frame as I420: BT.601 in limited range, as players take it where a file says nothing else. Coefficients are in
 * 1/256 (ITU-R BT.601, section 2.5; the same whole numbers as libyuv's).
 * @param width even, and at least the frame's: the last column and row are repeated
 * @param out width * height * 3 / 2 bytes: Y, then U, then V
 */
export function rgbToYuv420(frame: Frame, width: number, height: number, out: Uint8Array): void {
  const { data } = frame;
  const [lastX, lastY] = [frame.width - 1, frame.height - 1];
  const size = width * height;
  for (let y = 0, u = size, v = (size * 5) / 4; y < height; y += 2) {
    const upper = Math.min(y, lastY) * frame.width;
    const lower = Math.min(y + 1, lastY) * frame.width;
    for (let x = 0, to = y * width; x < width; x += 2, to += 2, u++, v++) {
      const left = Math.min(x, lastX);
      const right = Math.min(x + 1, lastX);
      const a = 3 * (upper + left);
      const b = 3 * (upper + right);
      const c = 3 * (lower + left);
      const d = 3 * (lower + right);
      out[to] = brightness(data[a], data[a + 1], data[a + 2]);
      out[to + 1] = brightness(data[b], data[b + 1], data[b + 2]);
      out[to + width] = brightness(data[c], data[c + 1], data[c + 2]);
      out[to + width + 1] = brightness(data[d], data[d + 1], data[d + 2]);
      const red = (data[a] + data[b] + data[c] + data[d] + 2) >> 2;
      const green = (data[a + 1] + data[b + 1] + data[c + 1] + data[d + 1] + 2) >> 2;
      const blue = (data[a + 2] + data[b + 2] + data[c + 2] + data[d + 2] + 2) >> 2;
      out[u] = ((-38 * red - 74 * green + 112 * blue + 128) >> 8) + 128;
      out[v] = ((112 * red - 94 * green - 18 * blue + 128) >> 8) + 128;
    }
  }
}

function brightness(red: number, green: number, blue: number): number {
  return ((66 * red + 129 * green + 25 * blue + 128) >> 8) + 16;
}
