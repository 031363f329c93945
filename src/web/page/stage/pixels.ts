/** Shows an RGB frame, byte for byte, on a canvas of the frame's own size; the page's style makes its pixels bigger. */
export class PixelView {
  private readonly context: CanvasRenderingContext2D;
  private readonly image: ImageData;

  constructor(canvas: HTMLCanvasElement, width: number, height: number) {
    canvas.width = width;
    canvas.height = height;
    this.context = canvas.getContext("2d", { alpha: false })!;
    this.image = this.context.createImageData(width, height);
    this.image.data.fill(255); // opaque
  }

  /** @param frame row-major RGB bytes */
  draw(frame: Uint8Array): void {
    const { data } = this.image;
    for (let i = 0, j = 0; j < frame.length; i += 4, j += 3) {
      data[i] = frame[j];
      data[i + 1] = frame[j + 1];
      data[i + 2] = frame[j + 2];
    }
    this.context.putImageData(this.image, 0, 0);
  }
}
