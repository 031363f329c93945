/** The core's parts (parts.as.ts) from TypeScript, and a canvas on its raster that the oracles' scene can be drawn on too. */

import { POLYGON_BYTES, POLYGON_COUNT, POLYGONS } from "../../../env/car-racing/core/layout.ts";
import type { CoreExports } from "../../../env/car-racing/core.ts";
import { instantiateKernel } from "../../../env/wasm.ts";
import type { Canvas, Color, ScoreBitmap } from "../oracle/canvas.ts";
import binary from "./parts.wasm.ts";

type Address = WebAssembly.Global<"i32">;

export interface Parts extends CoreExports {
  STATIC_END: Address;
  POINTS: Address;
  TEXT: Address;
  TRACK_INPUT: Address;
  textWidth: WebAssembly.Global<"i32">;
  sine: WebAssembly.Global<"f64">;
  cosine: WebAssembly.Global<"f64">;
  sinf: WebAssembly.Global<"f32">;
  cosf: WebAssembly.Global<"f32">;
  steer(angle: number): void;
  gas(gas: number): void;
  brake(brake: number): void;
  resetCar(): void;
  stepCar(dt: number): void;
  sincos(angle: number): void;
  sinCos(angle: number): void;
  atan2(y: number, x: number): number;
  roughAtan2(y: number, x: number): number;
  fill(color: Color): void;
  flip(): void;
  smoothQuad(color: Color): void;
  polygon(count: number, color: Color): void;
  line(color: Color): void;
  text(width: number, column: number, row: number, changed: boolean): void;
  observePicture(): void;
  renderPicture(): void;
  paintScene(reward: number, skidMarks: boolean): void;
  setScore(value: number): number;
  convexHull(points: number, count: number, out: number): number;
  makeTile(i: number, corners: number): void;
  placeTrack(tiles: number, quads: number): void;
  writeCircle(quad: number, corners: number): void;
  beginWorld(): void;
  stepWorld(): void;
}

/** A fresh instance. */
export function loadParts(): Promise<Parts> {
  return instantiateKernel<Parts>(binary);
}

/** Memory of an instance in all types. */
export function viewsOf({ memory: { buffer } }: Pick<Parts, "memory">) {
  return {
    bytes: new Uint8Array(buffer),
    ints: new Int32Array(buffer),
    floats: new Float32Array(buffer),
    doubles: new Float64Array(buffer),
  };
}

/** The score's bitmap, laid out by the core. */
export function scoreOf(parts: Parts, value: number): ScoreBitmap {
  parts.setScore(value);
  const width = parts.textWidth.value;
  const grey = new Uint8Array(parts.memory.buffer, parts.TEXT.value, width * 46).slice();
  return { width, grey };
}

/** float32 x, y of the hull's four polygons, then of a wheel. */
export function polygonsOf(parts: Parts): Float32Array[] {
  const { ints, floats } = viewsOf(parts);
  return [0, 1, 2, 3, 4].map((i) => {
    const at = (POLYGONS + POLYGON_BYTES * i) / 4;
    return floats.slice(at, at + 2 * ints[at + POLYGON_COUNT / 4]);
  });
}

/** The core's raster as a canvas. */
export class CoreCanvas implements Canvas {
  readonly points: Int32Array;
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
    this.points = new Int32Array(parts.memory.buffer, parts.POINTS.value, 16);
  }

  fill(color: Color): void {
    this.parts.fill(color);
  }
  smoothQuad(color: Color): void {
    this.parts.smoothQuad(color);
  }
  polygon(count: number, color: Color): void {
    this.parts.polygon(count, color);
  }
  line(color: Color): void {
    this.parts.line(color);
  }
  flip(): void {
    this.parts.flip();
  }
  /** Draws a bitmap as the score of an instance that lays out none of its own. */
  text({ width, grey }: ScoreBitmap, column: number, row: number): void {
    new Uint8Array(this.parts.memory.buffer).set(grey, this.parts.TEXT.value);
    this.parts.text(width, column, row, true);
  }
  /** Knows the two sizes that CarRacing asks for. */
  scale(width: number, _height: number, out: Uint8Array): void {
    if (width === 96) this.parts.observePicture();
    else this.parts.renderPicture();
    const from = (width === 96 ? this.parts.OBSERVATION : this.parts.VIDEO).value;
    out.set(new Uint8Array(this.parts.memory.buffer, from, out.length));
  }
}
