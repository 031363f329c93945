/**
 * `pygame.transform.smoothscale` when it shrinks both ways (`filter_shrink_X_SSE2`, `filter_shrink_Y_SSE2`): an area
 * average in 16-bit fixed point, rows first, stored as bytes, then columns. Every step cuts off, so the order matters.
 */

/** One axis of the filter: each output is a window of `space / 2^14` inputs. */
export interface ShrinkAxis {
  /** Index of the last input of each window; the first is the last of the window before. */
  readonly last: Int32Array;
  /** Weight of the last input in its own window, of 2^14; the rest counts in the next one. */
  readonly weight: Int32Array;
  /** 2^16 over the window's length. */
  readonly reciprocal: number;
}

function shrinkAxis(from: number, to: number): ShrinkAxis {
  const space = Math.trunc((0x4000 * from) / to);
  const last = new Int32Array(to);
  const weight = new Int32Array(to);
  for (let i = 0, left = space, at = 0; i < to; i++, at++) {
    for (; left > 0x4000; left -= 0x4000) at++;
    last[i] = at;
    weight[i] = left;
    left = space - (0x4000 - left);
  }
  return { last, weight, reciprocal: Math.trunc(0x40000000 / space) };
}

/**
 * Shrinks one line of one channel.
 * @param stride distance between neighbours, in elements, of `input` and `output`
 */
function shrinkLine(
  axis: ShrinkAxis,
  input: Uint8Array,
  inputAt: number,
  inputStride: number,
  output: Uint8Array,
  outputAt: number,
  outputStride: number,
): void {
  let sum = 0;
  let at = 0;
  for (let i = 0; i < axis.last.length; i++) {
    for (; at < axis.last[i]; at++) sum += input[inputAt + at * inputStride];
    const edge = input[inputAt + at++ * inputStride];
    sum += (edge * axis.weight[i]) >> 14;
    output[outputAt + i * outputStride] = (sum * axis.reciprocal) >>> 16;
    sum = (edge * (0x4000 - axis.weight[i])) >> 14;
  }
}

/** Shrinks RGBX pixels (four bytes each, the fourth unused) to RGB. */
export function smoothscale(
  pixels: Uint8Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
  out: Uint8Array,
): void {
  const across = shrinkAxis(width, toWidth);
  const down = shrinkAxis(height, toHeight);
  const narrow = new Uint8Array(toWidth * height * 3);
  for (let channel = 0; channel < 3; channel++) {
    for (let row = 0; row < height; row++) {
      shrinkLine(across, pixels, row * width * 4 + channel, 4, narrow, row * toWidth * 3 + channel, 3);
    }
    for (let column = 0; column < toWidth; column++) {
      const at = column * 3 + channel;
      shrinkLine(down, narrow, at, toWidth * 3, out, at, toWidth * 3);
    }
  }
}
