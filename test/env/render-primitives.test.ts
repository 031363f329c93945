/**
 * Each primitive of the plain surface, and the core's score, against pygame-ce itself: random shapes, drawn there by
 * render-pygame.py, which also explains render-pygame.json.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { OPTIONS_AT } from "../../env/car-racing/core/layout.ts";
import { loadParts, type Parts, scoreOf } from "./core/parts.ts";
import { SURFACE_HEIGHT, SURFACE_WIDTH } from "./oracle/camera.ts";
import { type Canvas, rgb, TEXT_HEIGHT } from "./oracle/canvas.ts";
import { PlainSurface } from "./oracle/surface.ts";

const pygame: { surfaces: Record<string, string[]>; scaled: string[]; scores: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, "render-pygame.json"), "utf8"),
);

test("quads, polygons, lines and smoothscale equal pygame's", () => {
  const below = generator();
  const scaled: string[] = [];
  const surfaces = Object.fromEntries(
    Object.entries({ quad, polygon, line }).map(([name, draw]) => [
      name,
      pygame.surfaces[name].map((_, k) => {
        const surface = new PlainSurface();
        surface.fill(rgb(64, 64, 64));
        for (let i = 0; i < 12; i++) draw(surface, below);
        for (const [width, height] of k < 4
          ? [
              [96, 96],
              [600, 400],
            ]
          : []) {
          const out = new Uint8Array(width * height * 3);
          surface.scale(width, height, out);
          scaled.push(sha256(out));
        }
        return sha256(rgbBytes(surface));
      }),
    ]),
  );
  expect(surfaces).toEqual(pygame.surfaces);
  expect(scaled).toEqual(pygame.scaled);
});

describe("score", () => {
  let parts: Parts;
  beforeAll(async () => {
    parts = await loadParts();
  });

  test("every text from -9999 to 9999 equals pygame's", () => {
    const hash = createHash("sha256");
    for (let value = -9999; value < 10000; value++) {
      hash.update(scoreOf(parts, value).grey);
    }
    expect(hash.digest("hex")).toBe(pygame.scores);
  });

  // Python's "{:04.0f}": halves go to the even number, only exact ones, and a sign stays on what rounds to zero.
  test.each([
    [0.5, 0],
    [1.5, 2],
    [4.5, 4],
    [4.500000000000018, 5],
    [-2.5, -2],
    [899.4999999999999, 899],
  ])("%d shows as %d", (value, shown) => {
    expect(bitmap(value)).toEqual(bitmap(shown));
  });

  test("a negative value that rounds to zero keeps its sign", () => {
    expect(bitmap(-0.4)).toEqual(bitmap(-0));
    expect(bitmap(-0.4)).not.toEqual(bitmap(0));
    expect(bitmap(-0.4).length).toBe(86 * TEXT_HEIGHT);
  });

  // Gymnasium 1.2 and before: "%04i", which cuts off and keeps no sign of a zero.
  test.each([
    [899.99, 899],
    [-0.9, 0],
    [-12.7, -12],
  ])("%d shows as %d where an older release cuts off", async (value, shown) => {
    const older = await loadParts();
    new DataView(older.memory.buffer).setInt32(OPTIONS_AT + 44, 1, true);
    expect(scoreOf(older, value).grey).toEqual(bitmap(shown));
  });

  function bitmap(value: number): Uint8Array {
    return scoreOf(parts, value).grey;
  }
});

type Below = (n: number) => number;

/** `below` of render-pygame.py. */
function generator(): Below {
  let state = 1;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
}

function points(canvas: Canvas, below: Below, count: number): void {
  const size = [6, 60, 300, 3000][below(4)];
  const x = below(1400) - 200;
  const y = below(1200) - 200;
  for (let i = 0; i < count; i++) {
    canvas.points[i * 2] = x + below(2 * size) - size;
    canvas.points[i * 2 + 1] = y + below(2 * size) - size;
  }
}

function color(below: Below): number {
  return rgb(below(256), below(256), below(256));
}

function quad(canvas: Canvas, below: Below): void {
  points(canvas, below, 4);
  canvas.smoothQuad(color(below));
}

function polygon(canvas: Canvas, below: Below): void {
  const count = 4 + below(5);
  points(canvas, below, count);
  canvas.polygon(count, color(below));
}

function line(canvas: Canvas, below: Below): void {
  points(canvas, below, 2);
  canvas.line(color(below));
}

function rgbBytes(surface: PlainSurface): Uint8Array {
  const bytes = new Uint8Array(SURFACE_WIDTH * SURFACE_HEIGHT * 3);
  surface.pixels.forEach((pixel, i) => {
    bytes[i * 3] = pixel & 255;
    bytes[i * 3 + 1] = (pixel >> 8) & 255;
    bytes[i * 3 + 2] = pixel >> 16;
  });
  return bytes;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
