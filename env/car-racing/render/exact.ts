/**
 * The renderer whose frames equal Gymnasium's byte for byte.
 */
import type { Canvas } from "./canvas.ts";
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

class CanvasRenderer implements Renderer {
  private readonly painter = new ScenePainter();
  private readonly canvas: Canvas;
  constructor(canvas: Canvas) {
    this.canvas = canvas;
  }

  load(scene: Scene): void {
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

  free(): void {}
}

export async function createRenderer(): Promise<Renderer> {
  return new CanvasRenderer(await KernelCanvas.create());
}
