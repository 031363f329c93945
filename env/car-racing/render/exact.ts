/**
 * The renderer whose frames equal Gymnasium's byte for byte, drawn by the WebAssembly kernel. It takes 7.7 MB, and
 * nothing more per frame.
 */
import { InvalidOption } from "../../errors.ts";
import { rgb } from "./canvas.ts";
import { KernelCanvas } from "./kernel-canvas.ts";
import {
  OBSERVATION_SIZE,
  type Renderer,
  type Scene,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  type View,
} from "./renderer.ts";
import { ScenePainter } from "./scene.ts";

/** Colours of tiles and kerbs that the kernel's palette has room for beside the others; CarRacing has six. */
const MAX_ROAD_COLORS = 12;

class ExactRenderer implements Renderer {
  private readonly painter = new ScenePainter();
  private readonly canvas: KernelCanvas;

  constructor(canvas: KernelCanvas) {
    this.canvas = canvas;
  }

  load(scene: Scene): void {
    const colors = new Set<number>();
    const c = scene.quadColors;
    for (let i = 0; i < c.length; i += 3) colors.add(rgb(c[i], c[i + 1], c[i + 2]));
    if (colors.size > MAX_ROAD_COLORS) {
      throw new InvalidOption(`expected at most ${MAX_ROAD_COLORS} colours of road, got ${colors.size}`);
    }
    this.painter.load(scene);
  }

  observe(view: View, out: Uint8Array): void {
    this.painter.paint(this.canvas, view, false);
    this.canvas.scale(OBSERVATION_SIZE, OBSERVATION_SIZE, out);
  }

  render(view: View, out: Uint8Array): void {
    this.painter.paint(this.canvas, view, true);
    this.canvas.scale(VIDEO_WIDTH, VIDEO_HEIGHT, out);
  }

  /** Nothing is held outside of the garbage collector's reach. */
  free(): void {}
}

/** A renderer of its own memory; `load` a scene before the first frame. */
export async function createRenderer(): Promise<Renderer> {
  return new ExactRenderer(await KernelCanvas.create());
}
