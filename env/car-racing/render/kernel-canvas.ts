/**
 * The fast canvas: the WebAssembly kernel `kernels/raster.as.ts`, which never makes the surface it is drawn on. It
 * takes 7.7 MB, and nothing more per frame.
 */
import { instantiateKernel } from "../../wasm.ts";
import kernel from "../kernels/raster.wasm.ts";
import type { Canvas, Color } from "./canvas.ts";
import { MAX_VERTICES } from "./canvas.ts";
import type { ScoreBitmap } from "./glyphs.ts";
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

export class KernelCanvas implements Canvas {
  readonly points: Int32Array;
  private readonly kernel: Exports;
  private readonly observation: Uint8Array;
  private readonly video: Uint8Array;
  /** The grey values that the kernel has. */
  private shown: Uint8Array | null = null;

  static async create(): Promise<KernelCanvas> {
    return new KernelCanvas(await instantiateKernel<Exports>(kernel));
  }

  private constructor(kernel: Exports) {
    this.kernel = kernel;
    kernel.init();
    const { buffer } = kernel.memory;
    this.points = new Int32Array(buffer, kernel.POINTS.value, MAX_VERTICES * 2);
    this.observation = new Uint8Array(buffer, kernel.OBSERVATION.value, OBSERVATION_SIZE ** 2 * 3);
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

  text({ width, grey }: ScoreBitmap, column: number, row: number): void {
    const changed = grey !== this.shown;
    if (changed) new Uint8Array(this.kernel.memory.buffer).set(grey, this.kernel.TEXT.value);
    this.shown = grey;
    this.kernel.text(width, column, row, changed);
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
