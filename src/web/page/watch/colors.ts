/**
 * Colours of values from -1 (orange) over 0 (grey) to +1 (blue), which people with any common colour vision tell apart.
 * Saturation grows with the square root of the value, because most sums of a network are small and would look grey.
 */

type Rgb = readonly [number, number, number];

const MINUS: Rgb = [255, 150, 40];
const ZERO: Rgb = [92, 98, 108];
const PLUS: Rgb = [80, 160, 255];

/** Writes the opaque colour of a value to four bytes of an image, from index `at` on. */
export function writeColor(data: Uint8ClampedArray, at: number, value: number): void {
  const end = value < 0 ? MINUS : PLUS;
  const share = Math.sqrt(Math.min(1, Math.abs(value)));
  for (let c = 0; c < 3; c++) data[at + c] = ZERO[c] + share * (end[c] - ZERO[c]);
  data[at + 3] = 255;
}

/** The colour of a value for CSS. */
export function cssColor(value: number): string {
  const data = new Uint8ClampedArray(4);
  writeColor(data, 0, value);
  return `rgb(${data[0]} ${data[1]} ${data[2]})`;
}
