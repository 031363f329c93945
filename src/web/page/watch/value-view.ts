/** Numbers from -1 to +1 as pixels of a canvas, one each; the page's style makes the pixels bigger. */
import { writeColor } from "./colors.ts";

export class ValueView {
  private readonly context: CanvasRenderingContext2D;
  private readonly image: ImageData;
  /** Index of the number that each pixel shows; -1: none. */
  private readonly indices: Int32Array;

  /** @param indexAt which number is shown at a column and row; null: none */
  constructor(
    canvas: HTMLCanvasElement,
    columns: number,
    rows: number,
    indexAt: (column: number, row: number) => number | null,
  ) {
    canvas.width = columns;
    canvas.height = rows;
    this.context = canvas.getContext("2d")!;
    this.image = this.context.createImageData(columns, rows);
    this.indices = Int32Array.from(
      { length: columns * rows },
      (_, i) => indexAt(i % columns, Math.floor(i / columns)) ?? -1,
    );
  }

  draw(values: ArrayLike<number>): void {
    const { indices, image } = this;
    for (let i = 0; i < indices.length; i++)
      if (indices[i] >= 0) writeColor(image.data, 4 * i, values[indices[i]]);
    this.context.putImageData(image, 0, 0);
  }
}

/** Column and row of the canvas's pixels under the pointer. */
export function pixelUnder(event: MouseEvent, canvas: HTMLCanvasElement): [column: number, row: number] {
  const box = canvas.getBoundingClientRect();
  return [
    Math.floor(((event.clientX - box.left) / box.width) * canvas.width),
    Math.floor(((event.clientY - box.top) / box.height) * canvas.height),
  ];
}
