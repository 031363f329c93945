/**
 * The part of a CarRacing frame that a car network sees. On a raw 96×96 frame the network's floor pooling drops rows
 * and columns 83–95: the status bars, the only sign of speed, would never be seen and the view would be off centre.
 * The panel crop keeps the road ahead, the car and the middle of the status bars, centred on the car.
 */

/** Side of the cropped frame, pixels. */
export const CROP_SIZE = 83;
/** Bytes of a cropped frame: 83×83×3, row-major RGB. */
export const CROP_BYTES = CROP_SIZE * CROP_SIZE * 3;

/** Side of a whole frame, pixels. */
export const FRAME_SIZE = 96;
/** Column of a whole frame where the cropped one begins: it ends as many before the other side. */
export const CROP_FIRST_COLUMN = 6;
/** Rows 0–70 hold the view above the panel; rows 84–95 the panel. */
const VIEW_ROWS = 71;
const PANEL_FIRST_ROW = 84;

/**
 * Writes the cropped frame: rows 0–70 and 84–95, columns 6–88.
 * @param observation 96×96×3 RGB
 * @param out where `CROP_BYTES` bytes are written. Default: a new array
 * @param offset index of the first byte written. Default: 0
 * @returns out
 */
export function cropPanel(
  observation: Uint8Array,
  out: Uint8Array = new Uint8Array(CROP_BYTES),
  offset = 0,
): Uint8Array {
  for (let y = 0; y < CROP_SIZE; y++) {
    const from = (cropRow(y) * FRAME_SIZE + CROP_FIRST_COLUMN) * 3;
    out.set(observation.subarray(from, from + CROP_SIZE * 3), offset + y * CROP_SIZE * 3);
  }
  return out;
}

/** The row of a whole frame that row `y` of the cropped one comes from. */
export function cropRow(y: number): number {
  return y < VIEW_ROWS ? y : y - VIEW_ROWS + PANEL_FIRST_ROW;
}
