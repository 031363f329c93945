/**
 * The core's raster and scene against their oracles, the plain surface and its scene: the same shapes and the same moments
 * must come to the same bytes.
 */
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import * as at from "../../env/car-racing/core/layout.ts";
import { BODY_STRIDE, type Scene, type View } from "../../env/car-racing/view.ts";
import { CoreCanvas, loadParts, type Parts, polygonsOf, scoreOf, viewsOf } from "./core/parts.ts";
import type { Canvas } from "./oracle/canvas.ts";
import { ScenePainter } from "./oracle/scene.ts";
import { PlainSurface } from "./oracle/surface.ts";

const plain = new PlainSurface();
/** An instance that paints scenes, one that lays out scores for the oracles, and one whose raster is drawn on. */
let parts: Parts;
let font: Parts;
let core: CoreCanvas;
beforeAll(async () => {
  parts = await loadParts();
  font = await loadParts();
  core = new CoreCanvas(await loadParts());
});

/** Few enough for the kernel's palette, some of them met twice. */
const color = fc.constantFrom(0x000000, 0xffffff, 0x0000ff, 0x666666, 0x686868, 0x66cc66, 0x66e666, 0x010203);

interface Shape {
  kind: "quad" | "polygon" | "line";
  points: number[];
  color: number;
}

const shape: fc.Arbitrary<Shape> = fc
  .record({
    kind: fc.constantFrom("quad", "quad", "polygon", "line"),
    count: fc.integer({ min: 4, max: 8 }),
    x: fc.integer({ min: -200, max: 1200 }),
    y: fc.integer({ min: -200, max: 1000 }),
    size: fc.constantFrom(3, 12, 60, 300, 3000),
    offsets: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 }),
    color,
  })
  .map(({ kind, count, x, y, size, offsets, color }) => ({
    kind,
    points: offsets
      .slice(0, 2 * (kind === "polygon" ? count : kind === "quad" ? 4 : 2))
      .map((offset, i) => Math.trunc((i % 2 ? y : x) + size * offset)),
    color,
  }));

/** Quads that share an edge with the one before, as the tiles of a road do. */
const road: fc.Arbitrary<Shape[]> = fc
  .array(
    fc.record({ points: fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 4, maxLength: 4 }), color }),
    {
      minLength: 2,
      maxLength: 6,
    },
  )
  .map((edges) =>
    edges.slice(1).map(({ points, color }, i): Shape => {
      const before = edges[i].points;
      return { kind: "quad", points: [...points, before[2], before[3], before[0], before[1]], color };
    }),
  );

const shapes = fc.array(
  fc.oneof({ weight: 3, arbitrary: shape.map((s) => [s]) }, { weight: 1, arbitrary: road }),
  {
    maxLength: 12,
  },
);

test("shapes", () => {
  fc.assert(
    fc.property(
      color,
      shapes,
      // Drawn on the panel: of the right way up, and never smooth.
      fc.array(
        shape.filter(({ kind }) => kind !== "quad"),
        { maxLength: 4 },
      ),
      fc.integer({ min: -12000, max: 12000 }),
      fc.boolean(),
      (background, scene, panel, score, video) => {
        const bitmap = scoreOf(font, score);
        expectEqual(video, (canvas) => {
          canvas.fill(background);
          for (const shape of scene.flat()) draw(canvas, shape);
          canvas.flip();
          draw(canvas, { kind: "polygon", points: [0, 700, 1000, 700, 1000, 800, 0, 800], color: 0 });
          for (const shape of panel) draw(canvas, shape);
          canvas.text(bitmap, 60 - (bitmap.width >> 1), 727);
        });
      },
    ),
    { numRuns: 150 },
  );
});

const angle = fc.oneof(
  fc.double({ min: -20, max: 20, noNaN: true }),
  fc.integer({ min: -8, max: 8 }).map((quarters) => (quarters * Math.PI) / 2),
);
const rate = fc.oneof(fc.double({ min: -120, max: 120, noNaN: true }), fc.constantFrom(0, 1e-5, 700, -900));

/** A coordinate on the field, or as far off as a lost car gets that drives on. */
const place = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: -340, max: 340, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -6000, max: 6000, noNaN: true }) },
);

const view: fc.Arbitrary<View> = fc
  .record({
    time: fc.oneof(fc.double({ min: 0, max: 1.2, noNaN: true }), fc.constant(5)),
    reward: fc.oneof(fc.double({ min: -200, max: 1000, noNaN: true }), fc.integer({ min: -9, max: 9 })),
    x: place,
    y: place,
    angle,
    motion: fc.array(rate, { minLength: 7, maxLength: 7 }),
    steer: fc.array(fc.double({ min: -0.42, max: 0.42, noNaN: true }), { minLength: 4, maxLength: 4 }),
    phase: fc.array(angle, { minLength: 4, maxLength: 4 }),
    skid: fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 4, maxLength: 20 }),
    grass: fc.boolean(),
  })
  .map(({ time, reward, x, y, angle, motion, steer, phase, skid, grass }) => {
    const bodies = new Float32Array(5 * BODY_STRIDE);
    const wheels = [
      [-1.1, 1.6],
      [1.1, 1.6],
      [-1.1, -1.64],
      [1.1, -1.64],
    ];
    [[0, 0], ...wheels].forEach(([dx, dy], i) => {
      const heading = i === 0 ? angle : angle + steer[i - 1];
      const [s, c] = [Math.sin(angle), Math.cos(angle)];
      const column = [x + c * dx - s * dy, y + s * dx + c * dy, heading, motion[4], motion[5], motion[6]];
      bodies.set([...column, Math.sin(heading), Math.cos(heading)], i * BODY_STRIDE);
    });
    return {
      time,
      reward,
      bodies,
      jointAngle: Float32Array.from(steer),
      omega: Float64Array.from(motion.slice(0, 4)),
      phase: Float64Array.from(phase),
      skidMarks: [
        { points: skid.slice(0, skid.length & ~1).map((v, i) => Math.fround(v + (i % 2 ? y : x))), grass },
        { points: [x - 3, y, x, y + 3].map(Math.fround), grass: !grass },
      ],
    };
  });

test("scenes of a road, on and off the field, from any angle and height", () => {
  const painter = new ScenePainter(polygonsOf(parts), (value) => scoreOf(font, value));
  fc.assert(
    fc.property(view, fc.double({ min: 0.05, max: 0.3 }), fc.boolean(), (view, bend, video) => {
      const scene = bendingRoad(view.bodies[0], view.bodies[1], bend);
      painter.load(scene);
      painter.paint(plain, view, video);
      writeMoment(scene, view);
      parts.paintScene(view.reward, video);
      expectEqualPictures(video, new CoreCanvas(parts));
      // The oracle's scene on the core's raster: where it agrees and the core's own does not, the scene is at fault.
      expectEqual(video, (canvas) => painter.paint(canvas, view, video));
    }),
    { numRuns: 150 },
  );
});

/** Writes a scene and a moment to the core's memory, in place of an episode's. */
function writeMoment(scene: Scene, view: View): void {
  const { bytes, ints, floats, doubles } = viewsOf(parts);
  const episode = at.EPISODE_AT / 4;
  const quads = scene.quads.length / 8;
  ints[episode + 10] = 1;
  ints[episode + 11] = quads;
  parts.placeTrack(1, quads);
  doubles.set(scene.quads, ints[episode + 17] / 8);
  bytes.set(scene.quadColors, ints[episode + 18]);
  for (let quad = 0; quad < quads; quad++) parts.writeCircle(quad, ints[episode + 17] + 64 * quad);
  doubles.set([...scene.background, ...scene.grass], at.COLORS_AT / 8 + 3);
  doubles[at.EPISODE_AT / 8 + 2] = view.time;
  floats.set(view.bodies, at.BODIES_AT / 4);
  floats.set(view.jointAngle, at.JOINT_ANGLE_AT / 4);
  for (let wheel = 0; wheel < 4; wheel++) {
    doubles[at.WHEELS_AT / 8 + 5 * wheel] = view.omega[wheel];
    doubles[at.WHEELS_AT / 8 + 5 * wheel + 1] = view.phase[wheel];
  }
  ints.set([28, view.skidMarks.length], at.SKIDS_AT / 4);
  view.skidMarks.forEach(({ points, grass }, i) => {
    const mark = (at.SKIDS_AT + 8 + at.SKID_MARK_BYTES * ((28 + i) % at.MAX_SKID_MARKS)) / 4;
    ints.set([points.length / 2, Number(grass)], mark);
    floats.set(points, mark + 2);
  });
}

/** Thirty tiles that bend to the left around a point, every third one with a kerb. */
function bendingRoad(x: number, y: number, bend: number): Scene {
  const quads: number[] = [];
  const colors: number[] = [];
  const radius = 3.5 / bend;
  const at = (i: number, r: number) => [
    x - radius + (radius + r) * Math.cos(i * bend),
    y - 20 + (radius + r) * Math.sin(i * bend),
  ];
  for (let i = 0; i < 30; i++) {
    quads.push(...at(i + 1, -6.7), ...at(i + 1, 6.7), ...at(i, 6.7), ...at(i, -6.7));
    colors.push(...[102, 104, 107].map((grey) => [grey, grey, grey])[i % 3]);
    if (i % 3) continue;
    quads.push(...at(i + 1, 6.7), ...at(i + 1, 8), ...at(i, 8), ...at(i, 6.7));
    colors.push(255, i % 2 ? 255 : 0, i % 2 ? 255 : 0);
  }
  return {
    quads: Float64Array.from(quads),
    quadColors: Uint8Array.from(colors),
    background: [102, 204, 102],
    grass: [102, 230, 102],
  };
}

function draw(canvas: Canvas, { kind, points, color }: Shape): void {
  canvas.points.set(points);
  if (kind === "quad") canvas.smoothQuad(color);
  else if (kind === "polygon") canvas.polygon(points.length / 2, color);
  else canvas.line(color);
}

/** Draws on both canvases and compares the observation, or the 600×400 picture. */
function expectEqual(video: boolean, paint: (canvas: Canvas) => void): void {
  for (const canvas of [plain, core]) paint(canvas);
  expectEqualPictures(video, core);
}

/** Compares the picture of the plain surface with a canvas's. */
function expectEqualPictures(video: boolean, canvas: Canvas): void {
  const [width, height] = video ? [600, 400] : [96, 96];
  const [expected, actual] = [plain, canvas].map((canvas) => {
    const out = new Uint8Array(width * height * 3);
    canvas.scale(width, height, out);
    return out;
  });
  const different = actual.findIndex((byte, i) => byte !== expected[i]);
  if (different >= 0) {
    const pixel = Math.trunc(different / 3);
    expect([Math.trunc(pixel / width), pixel % width, actual[different]]).toEqual([
      Math.trunc(pixel / width),
      pixel % width,
      expected[different],
    ]);
  }
}
