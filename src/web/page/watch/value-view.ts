/** Shows numbers from -1 to +1 as pixels of a canvas. The page's style enlarges the pixels. */
import { writeColor } from "./colors.ts";

/** A picture of numbers. */
export class ValueView {
  readonly #context: CanvasRenderingContext2D;
  readonly #image: ImageData;
  /** Index of the number that each pixel shows, or -1. */
  readonly #indices: Int32Array;

  /**
   * @param columns width, pixels
   * @param rows height, pixels
   * @param indexAt index of the number at a column and row, or null where there is none
   */
  constructor(
    canvas: HTMLCanvasElement,
    columns: number,
    rows: number,
    indexAt: (column: number, row: number) => number | null,
  ) {
    canvas.width = columns;
    canvas.height = rows;
    this.#context = canvas.getContext("2d")!;
    this.#image = this.#context.createImageData(columns, rows);
    this.#indices = Int32Array.from(
      { length: columns * rows },
      (_, i) => indexAt(i % columns, Math.floor(i / columns)) ?? -1,
    );
  }

  /** Draws the numbers. */
  draw(values: ArrayLike<number>): void {
    const indices = this.#indices;
    const image = this.#image;
    for (let i = 0; i < indices.length; i++)
      if (indices[i] >= 0) writeColor(image.data, 4 * i, values[indices[i]]);
    this.#context.putImageData(image, 0, 0);
  }
}

/** Column and row of the canvas pixel under the pointer. */
export function pixelUnder(event: MouseEvent, canvas: HTMLCanvasElement): [column: number, row: number] {
  const box = canvas.getBoundingClientRect();
  return [
    Math.floor(((event.clientX - box.left) / box.width) * canvas.width),
    Math.floor(((event.clientY - box.top) / box.height) * canvas.height),
  ];
}
