/**
 * The whole track seen from above, +y upwards, with the car on it: `CarRacing.renderMap`. Gymnasium has no such picture,
 * so it is drawn simply: each pixel takes the colour of what lies on top at its centre.
 */
import type { Frame } from "../../api.ts";
import { HULL_POLYGONS, SIZE } from "../car-shape.ts";
import { BodyColumn } from "../physics/physics.ts";
import type { Scene, View } from "./renderer.ts";

const PLAYFIELD = 2000 / 6;
const GRASS = PLAYFIELD / 20;
/** World units between the track and the edge of the picture. */
const MARGIN = 20;
const HULL_RED = [204, 0, 0] as const;
/** The hull is drawn no shorter than this, pixels, so that it is seen on small maps. */
const MIN_CAR_LENGTH = 14;
const CAR_LENGTH = 250 * SIZE;

type Color = ArrayLike<number>;

/** @param size pixels; the track is as large as fits */
export function drawMap(
  scene: Scene,
  view: View,
  { width, height }: { width: number; height: number },
): Frame {
  const { left, right, bottom, top } = bounds(scene.quads);
  const zoom = Math.min(width / (right - left + 2 * MARGIN), height / (top - bottom + 2 * MARGIN));
  const column = (x: number) => width / 2 + (x - (left + right) / 2) * zoom;
  const row = (y: number) => height / 2 - (y - (bottom + top) / 2) * zoom;
  const data = new Uint8Array(width * height * 3);
  const fill = (corners: ArrayLike<number>, color: Color) => {
    const pixels = Array.from(corners, (value, i) => (i % 2 === 0 ? column(value) : row(value)));
    fillConvex(data, width, height, pixels, color);
  };
  const fillSquare = (x: number, y: number, side: number, color: Color) =>
    fill([x, y, x + side, y, x + side, y + side, x, y + side], color);

  fillSquare(-PLAYFIELD, -PLAYFIELD, 2 * PLAYFIELD, scene.background);
  for (let i = -20; i < 20; i += 2) {
    for (let j = -20; j < 20; j += 2) fillSquare(GRASS * i, GRASS * j, GRASS, scene.grass);
  }
  for (let quad = 0; quad < scene.quads.length / 8; quad++) {
    fill(scene.quads.subarray(8 * quad, 8 * quad + 8), scene.quadColors.subarray(3 * quad, 3 * quad + 3));
  }
  const scale = SIZE * Math.max(1, MIN_CAR_LENGTH / (CAR_LENGTH * zoom));
  const { bodies } = view;
  const [sin, cos] = [bodies[BodyColumn.sin] * scale, bodies[BodyColumn.cos] * scale];
  for (const polygon of HULL_POLYGONS) {
    const corners = Array.from(polygon, (_, i) =>
      i % 2 === 0
        ? bodies[BodyColumn.x] + cos * polygon[i] - sin * polygon[i + 1]
        : bodies[BodyColumn.y] + sin * polygon[i - 1] + cos * polygon[i],
    );
    fill(corners, HULL_RED);
  }
  return { width, height, data };
}

function bounds(quads: Float64Array) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < quads.length; i += 2) {
    left = Math.min(left, quads[i]);
    right = Math.max(right, quads[i]);
    bottom = Math.min(bottom, quads[i + 1]);
    top = Math.max(top, quads[i + 1]);
  }
  return { left, right, bottom, top };
}

/** Colours the pixels whose centres lie in a convex polygon of x, y pairs. */
function fillConvex(data: Uint8Array, width: number, height: number, corners: number[], color: Color): void {
  const ys = corners.filter((_, i) => i % 2 === 1);
  const first = Math.max(0, Math.ceil(Math.min(...ys) - 0.5));
  const last = Math.min(height - 1, Math.floor(Math.max(...ys) - 0.5));
  for (let row = first; row <= last; row++) {
    const y = row + 0.5;
    let from = Infinity;
    let to = -Infinity;
    for (let i = 0; i < corners.length; i += 2) {
      const j = (i + 2) % corners.length;
      if (corners[i + 1] <= y === corners[j + 1] <= y) continue;
      const share = (y - corners[i + 1]) / (corners[j + 1] - corners[i + 1]);
      const x = corners[i] + share * (corners[j] - corners[i]);
      from = Math.min(from, x);
      to = Math.max(to, x);
    }
    const end = Math.min(width - 1, Math.ceil(to - 0.5) - 1);
    for (let column = Math.max(0, Math.ceil(from - 0.5)); column <= end; column++) {
      for (let c = 0; c < 3; c++) data[3 * (row * width + column) + c] = color[c];
    }
  }
}
