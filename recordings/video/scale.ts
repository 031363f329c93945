/** Frames at another size, each pixel the mean of the area it covers. */
import type { Frame } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";

/** The smallest and the largest factor. */
const MIN_SCALE = 1 / 16;
const MAX_SCALE = 8;

/**
 * Checks a factor of size.
 * @throws InvalidOption when it is outside of [1/16, 8]
 */
export function checkScale(scale: number): void {
  if (!(scale >= MIN_SCALE && scale <= MAX_SCALE))
    throw new InvalidOption(`scale: expected ${MIN_SCALE} to ${MAX_SCALE}, got ${describe(scale)}`);
}

/**
 * A copy of the frame, `scale` times as wide and high, rounded to whole pixels.
 * @throws InvalidOption when the factor is outside of [1/16, 8]
 */
export function scaleFrame(frame: Frame, scale: number): Frame {
  checkScale(scale);
  const width = Math.max(1, Math.round(frame.width * scale));
  const height = Math.max(1, Math.round(frame.height * scale));
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = covered(y, height, frame.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = covered(x, width, frame.width);
      const area = (bottom - top) * (right - left);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = top; v < bottom; v++)
          for (let u = left; u < right; u++) sum += frame.data[(v * frame.width + u) * 3 + c];
        data[(y * width + x) * 3 + c] = Math.round(sum / area);
      }
    }
  }
  return { width, height, data };
}

/** First and one past the last source pixel that pixel `i` of `to` covers out of `from`. */
function covered(i: number, to: number, from: number): [number, number] {
  const first = Math.floor((i * from) / to);
  return [first, Math.max(first + 1, Math.floor(((i + 1) * from) / to))];
}
