/** A map of a track with the line that a car drove on it. */
import * as Plot from "@observablehq/plot";
import { TRACK_WIDTH } from "../../../env/car-racing/core/constants.ts";
import { drawChart } from "./chart.ts";

/** A place on the driven line. */
export interface PathPoint {
  /** Place, world units. */
  x: number;
  /** Place, world units. */
  y: number;
  /** World units a second. */
  speed: number;
}

/** Side of the map and its margin, CSS pixels. */
const MAP = 600;
const MARGIN = 34;

/** Width of the track on the map, CSS pixels, about: it turns world units into the width of the road's line. */
const ROAD_SCALE = 540;

/** Pieces of the colour scale. */
const SCALE_STEPS = 48;

/**
 * The road in gray and a dot for every step, coloured by speed. The colour scale is above the map.
 * @param options.track [n, 4]: alpha, beta, x, y of each tile (`env.unwrapped.track`)
 * @param options.path places in the order in which they were driven
 * @returns SVG text
 */
export function trackMap(options: { track: ArrayLike<number>; path: readonly PathPoint[] }): string {
  const { track, path } = options;
  // The first tile again at the end closes the road.
  const centre = Array.from({ length: track.length / 4 + 1 }, (_, i) => {
    const k = (4 * i) % track.length;
    return { x: track[k + 2], y: track[k + 3] };
  });
  const xs = centre.map((point) => point.x);
  const ys = centre.map((point) => point.y);
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  const fastest = Math.max(...path.map((point) => point.speed), 1);
  return drawChart({
    height: MAP,
    margin: MARGIN,
    marginLeft: MARGIN,
    marginBottom: MARGIN,
    aspectRatio: 1,
    x: { axis: null },
    y: { axis: null },
    color: { scheme: "turbo", domain: [0, fastest] },
    marks: [
      Plot.line(centre, {
        x: "x",
        y: "y",
        stroke: "#d0d0d0",
        // TRACK_WIDTH is half the width of the road, in world units.
        strokeWidth: (ROAD_SCALE * 2 * TRACK_WIDTH) / extent,
        curve: "catmull-rom-closed",
      }),
      Plot.dot(path, { x: "x", y: "y", fill: "speed", r: 2.2 }),
      Plot.text([centre[0]], { x: "x", y: "y", text: () => "start", dx: 22, textAnchor: "start" }),
      ...speedScale(fastest, Math.min(...xs), Math.max(...ys) + 0.1 * extent, extent),
    ],
  });
}

/**
 * The colour scale, a third as long as the map is wide.
 * @param fastest speed at its right end, world units a second
 * @param extent width of the map, world units
 */
function speedScale(fastest: number, left: number, top: number, extent: number): Plot.Markish[] {
  const length = extent / 3;
  const pieces = Array.from({ length: SCALE_STEPS }, (_, i) => ({
    x1: left + length * (i / SCALE_STEPS),
    x2: left + length * ((i + 1) / SCALE_STEPS),
    speed: (fastest * (i + 0.5)) / SCALE_STEPS,
  }));
  const labels = [
    { x: left, text: "0" },
    { x: left + length, text: `${Math.round(fastest)} units/s` },
  ];
  return [
    Plot.rect(pieces, { x1: "x1", x2: "x2", y1: top, y2: top + 0.025 * extent, fill: "speed", inset: -0.5 }),
    Plot.text(labels, { x: "x", y: top, text: "text", dy: 12 }),
  ];
}
