/**
 * Values from -1 to +1 as colours: orange, over gray at 0, to blue, which every common colour vision tells apart.
 * Colour grows with the root of the value: most of what a network sums is small, and would all look gray.
 */

type Rgb = readonly [number, number, number];

const MINUS: Rgb = [255, 150, 40];
const ZERO: Rgb = [92, 98, 108];
const PLUS: Rgb = [80, 160, 255];

/** Writes a value's colour, opaque, to four bytes of an image. */
export function writeColor(data: Uint8ClampedArray, at: number, value: number): void {
  const end = value < 0 ? MINUS : PLUS;
  const share = Math.sqrt(Math.min(1, Math.abs(value)));
  for (let c = 0; c < 3; c++) data[at + c] = ZERO[c] + share * (end[c] - ZERO[c]);
  data[at + 3] = 255;
}

export function cssColor(value: number): string {
  const data = new Uint8ClampedArray(4);
  writeColor(data, 0, value);
  return `rgb(${data[0]} ${data[1]} ${data[2]})`;
}
