/**
 * The fast canvas: the WebAssembly kernel `kernels/raster.as.ts`, which never makes the surface it is drawn on. It
 * takes 7.7 MB, and nothing more per frame.
 */
import { instantiateKernel } from "../../wasm.ts";
import kernel from "../kernels/raster.wasm.ts";
import type { Canvas, Color } from "./canvas.ts";
import { MAX_VERTICES } from "./canvas.ts";
import { type ScoreBitmap, TEXT_HEIGHT } from "./glyphs.ts";
import { OBSERVATION_SIZE, VIDEO_HEIGHT, VIDEO_WIDTH } from "./renderer.ts";

interface Exports {
  memory: WebAssembly.Memory;
  /** Addresses in `memory`. */
  POINTS: WebAssembly.Global<"i32">;
  TEXT: WebAssembly.Global<"i32">;
  OBSERVATION: WebAssembly.Global<"i32">;
  VIDEO: WebAssembly.Global<"i32">;
  init(): void;
  fill(color: Color): void;
  smoothQuad(color: Color): void;
  polygon(count: number, color: Color): void;
  line(color: Color): void;
  flip(): void;
  text(width: number, column: number, row: number, changed: boolean): void;
  observe(): void;
  video(): void;
}

/** Columns of text that the kernel has room for. */
const MAX_TEXT_WIDTH = 640;

export class KernelCanvas implements Canvas {
  readonly points: Int32Array;
  private readonly kernel: Exports;
  private readonly observation: Uint8Array;
  private readonly video: Uint8Array;
  private readonly grey: Uint8Array;
  /** The text that the kernel has, and its version. */
  private shown: ScoreBitmap | null = null;
  private version = 0;

  static async create(): Promise<KernelCanvas> {
    return new KernelCanvas(await instantiateKernel<Exports>(kernel));
  }

  private constructor(kernel: Exports) {
    this.kernel = kernel;
    kernel.init();
    const { buffer } = kernel.memory;
    this.points = new Int32Array(buffer, kernel.POINTS.value, MAX_VERTICES * 2);
    this.observation = new Uint8Array(buffer, kernel.OBSERVATION.value, OBSERVATION_SIZE ** 2 * 3);
    this.grey = new Uint8Array(buffer, kernel.TEXT.value, MAX_TEXT_WIDTH * TEXT_HEIGHT);
    this.video = new Uint8Array(buffer, kernel.VIDEO.value, VIDEO_WIDTH * VIDEO_HEIGHT * 3);
  }

  fill(color: Color): void {
    this.kernel.fill(color);
  }

  smoothQuad(color: Color): void {
    this.kernel.smoothQuad(color);
  }

  polygon(count: number, color: Color): void {
    this.kernel.polygon(count, color);
  }

  line(color: Color): void {
    this.kernel.line(color);
  }

  flip(): void {
    this.kernel.flip();
  }

  text(bitmap: ScoreBitmap, column: number, row: number): void {
    const changed = bitmap !== this.shown || bitmap.version !== this.version;
    if (changed) this.grey.set(bitmap.grey);
    this.shown = bitmap;
    this.version = bitmap.version;
    this.kernel.text(bitmap.width, column, row, changed);
  }

  /** Knows the two sizes that CarRacing asks for. */
  scale(width: number, _height: number, out: Uint8Array): void {
    if (width === OBSERVATION_SIZE) {
      this.kernel.observe();
      out.set(this.observation);
    } else {
      this.kernel.video();
      out.set(this.video);
    }
  }
}
