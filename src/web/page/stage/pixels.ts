/** Shows RGB frames byte for byte on a canvas of their own size. The page's style enlarges the pixels. */
export class PixelView {
  readonly #context: CanvasRenderingContext2D;
  readonly #image: ImageData;

  /**
   * @param width of the frames, pixels
   * @param height of the frames, pixels
   */
  constructor(canvas: HTMLCanvasElement, width: number, height: number) {
    canvas.width = width;
    canvas.height = height;
    this.#context = canvas.getContext("2d", { alpha: false })!;
    this.#image = this.#context.createImageData(width, height);
    this.#image.data.fill(255); // opaque
  }

  /**
   * Draws a frame.
   * @param frame uint8 [height, width, 3], RGB
   */
  draw(frame: Uint8Array): void {
    const { data } = this.#image;
    for (let i = 0, j = 0; j < frame.length; i += 4, j += 3) {
      data[i] = frame[j];
      data[i + 1] = frame[j + 1];
      data[i + 2] = frame[j + 2];
    }
    this.#context.putImageData(this.#image, 0, 0);
  }
}
