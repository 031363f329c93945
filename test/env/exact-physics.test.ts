/**
 * The exact engine: both its solvers against Gymnasium's Box2D, and against each other on whatever fast-check thinks
 * of. golden.test.ts replays the episodes on the kernel through the whole environment.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Car } from "../../env/car-racing/car.ts";
import { createExactPhysics } from "../../env/car-racing/physics/exact.ts";
import type { Physics } from "../../env/car-racing/physics/physics.ts";
import { createTrack } from "../../env/car-racing/track.ts";
import { TritrackError } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { type GoldenEpisode, goldenNames, loadCommitted, loadGolden, STATE_COLUMNS } from "../golden.ts";

const DT = 1 / 50;
let kernel: Physics;
let twin: Physics;

beforeAll(async () => {
  kernel = await createExactPhysics();
  twin = await createExactPhysics({ twin: true });
});

/** Loads the road of a seed. @returns a car at rest on it, before its first step */
function start(physics: Physics, seed: number | bigint): Car {
  const { tiles, points } = createTrack(new Random(seed));
  physics.load(tiles, points[1], points[2], points[3]);
  return new Car(physics);
}

function step(physics: Physics, car: Car, [steer, gas, brake]: Iterable<number>): void {
  car.steer(-steer);
  car.gas(gas);
  car.brake(brake);
  car.step(DT);
  physics.step();
}

/** One step more than the episode has: `reset` makes the first, without an action. */
function replay(physics: Physics, golden: GoldenEpisode, afterStep: (k: number) => void): void {
  const car = start(physics, golden.seed);
  car.step(DT);
  physics.step();
  afterStep(0);
  for (let k = 0; k < golden.steps; k++) {
    step(physics, car, golden.action(k) as Float32Array);
    afterStep(k + 1);
  }
}

describe("twin", () => {
  // Of the others, drawing colours or turning numbers into controls comes before what is tested here.
  const plain = goldenNames
    .map((name) => loadGolden(name))
    .filter(({ kwargs }) => kwargs.continuous !== false && !kwargs.domainRandomize);

  test.each(plain)("$name: no bit of the bodies, joints and contacts differs", (golden) => {
    const states = new Float32Array(golden.state.length);
    replay(twin, golden, (k) => {
      const row = STATE_COLUMNS * k;
      states.set(golden.state.subarray(row, row + STATE_COLUMNS), row);
      states.set(twin.bodies.subarray(0, 6), row);
      for (let wheel = 0; wheel < 4; wheel++) {
        const column = row + 6 + 13 * wheel;
        states.set(twin.bodies.subarray(8 * (1 + wheel), 8 * (1 + wheel) + 6), column);
        states[column + 8] = twin.jointAngle[wheel];
        states[column + 9] = twin.touching[wheel];
      }
    });
    expect(states).toEqual(golden.state);
  });
});

describe("kernel and twin", () => {
  /** Steps both engines and compares all that a later step depends on. */
  function expectEqualRuns(actions: number[][], cars: [Car, Car]): void {
    for (const action of actions) {
      step(kernel, cars[0], action);
      step(twin, cars[1], action);
      expect([...kernel.begun.subarray(0, kernel.begunCount)]).toEqual([
        ...twin.begun.subarray(0, twin.begunCount),
      ]);
      expect([...kernel.hullBegun.subarray(0, kernel.hullBegunCount)]).toEqual([
        ...twin.hullBegun.subarray(0, twin.hullBegunCount),
      ]);
      expect(Buffer.compare(kernel.snapshot(), twin.snapshot())).toBe(0);
    }
  }

  /** Actions held for a while, out of the box too. */
  const actions = fc
    .array(
      fc.record({
        action: fc.tuple(
          fc.double({ min: -1.5, max: 1.5, noNaN: true }),
          fc.double({ min: -0.5, max: 1.5, noNaN: true }),
          fc.oneof(fc.constant(0), fc.double({ min: -0.2, max: 1.2, noNaN: true })),
        ),
        steps: fc.integer({ min: 1, max: 40 }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((held) => held.flatMap(({ action, steps }) => Array.from({ length: steps }, () => action)));

  test("agree on any track under any actions", () => {
    fc.assert(
      fc.property(fc.nat(), actions, (seed, drive) => {
        expectEqualRuns(drive, [start(kernel, seed), start(twin, seed)]);
      }),
      { numRuns: 40 },
    );
  });

  test("agree on quadrangles of any form under the car", () => {
    const coordinate = fc.integer({ min: -400, max: 400 }).map((x) => x / 100);
    const quad = fc.array(coordinate, { minLength: 8, maxLength: 8 }).filter(isPolygon);
    const roads = fc.array(quad, { minLength: 1, maxLength: 12 });
    const angles = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(roads, angles, coordinate, coordinate, actions, (road, angle, x, y, drive) => {
        const tiles = Float64Array.from(road.flat());
        for (const physics of [kernel, twin]) physics.load(tiles, angle, x, y);
        expect(Buffer.compare(kernel.snapshot(), twin.snapshot())).toBe(0);
        expectEqualRuns(drive.slice(0, 30), [new Car(kernel), new Car(twin)]);
      }),
      { numRuns: 100 },
    );
  });

  /** Box2D takes no polygon whose vertices lie on a line. */
  function isPolygon(quad: number[]): boolean {
    const area = (i: number, j: number, k: number) =>
      (quad[2 * j] - quad[2 * i]) * (quad[2 * k + 1] - quad[2 * i + 1]) -
      (quad[2 * j + 1] - quad[2 * i + 1]) * (quad[2 * k] - quad[2 * i]);
    return Math.max(Math.abs(area(0, 1, 2)), Math.abs(area(0, 2, 3))) > 0.1;
  }

  test("read each other's snapshots", () => {
    const car = start(kernel, 5);
    for (let k = 0; k < 60; k++) step(kernel, car, [0.3, 1, 0]);
    twin.restore(kernel.snapshot());
    for (let k = 0; k < 20; k++) {
      for (const physics of [kernel, twin]) {
        physics.motorSpeed.fill(0.5);
        physics.force.fill(20);
        physics.step();
      }
    }
    expect(Buffer.compare(kernel.snapshot(), twin.snapshot())).toBe(0);
    expect(kernel.bodies.every(Number.isFinite)).toBe(true);
  });
});

describe.each([{ twin: false }, { twin: true }])("with %o", (options) => {
  let physics: Physics;

  beforeAll(async () => {
    physics = await createExactPhysics(options);
  });

  /** Steps in which a contact began: `step: tiles of wheels / tiles first touched by any part of the car`. */
  function contacts(golden: GoldenEpisode): string {
    const painted = new Set<number>();
    let lines = "";
    replay(physics, golden, (k) => {
      const begun = [...physics.begun.subarray(0, physics.begunCount)];
      const touched = [...begun, ...physics.hullBegun.subarray(0, physics.hullBegunCount)];
      const first = [...new Set(touched)].filter((tile) => !painted.has(tile)).sort((a, b) => a - b);
      for (const tile of first) painted.add(tile);
      if (touched.length) lines += `${k}: ${begun.join(" ")} / ${first.join(" ")}\n`;
    });
    return lines;
  }

  // What pybox2d's contact listener is told under the same actions.
  test("contacts begin in Box2D's order: slowly along the road", () => {
    expect(contacts(loadCommitted("random-1"))).toBe(
      [
        "0: 1 1 0 0 / 0 1",
        "21:  / 2",
        "26: 1 1 / ",
        "31: 2 2 / ",
        "72:  / 3",
        "74: 2 2 / ",
        "76: 3 / ",
        "78: 3 / ",
        "128:  / 4",
        "131: 3 3 / ",
        "133: 4 / ",
        "134: 4 / ",
        "180:  / 5",
        "182: 4 4 / ",
        "184: 5 5 / ",
        "231:  / 6",
        "235: 5 / ",
        "236: 5 / ",
        "243: 6 / ",
        "245: 6 / ",
        "289:  / 7",
        "292: 6 6 / ",
        "294: 7 7 / ",
        "",
      ].join("\n"),
    );
  });

  test("contacts begin in Box2D's order: a lap", () => {
    const lines = contacts(loadCommitted("driver-8"));
    expect(lines.split("\n")).toHaveLength(349 + 1);
    expect(lines).toContain("\n30: 4 3 4 3 / \n");
    expect(createHash("sha256").update(lines).digest("hex")).toBe(
      "b9087e95973a44c70aa2452dbdc2ee7140e2024a532357b8799b8df6d5e4d41d",
    );
  });

  test("a restored world goes on with the same bits, after another road was loaded too", () => {
    const drive = (car: Car, from: number, to: number) => {
      for (let k = from; k < to; k++) step(physics, car, [Math.sin(k / 9), 0.7, k % 50 > 40 ? 0.6 : 0]);
    };
    const car = start(physics, 3);
    drive(car, 0, 150);
    const middle = physics.snapshot();
    const wheels = [car.omega, car.wheelGas].map((values) => values.slice());
    drive(car, 150, 250);
    const end = physics.snapshot();

    start(physics, 4);
    physics.restore(middle);
    expect(Buffer.compare(physics.snapshot(), middle)).toBe(0);
    expect(physics.begunCount + physics.hullBegunCount).toBe(0);
    const again = new Car(physics);
    again.omega.set(wheels[0]);
    again.wheelGas.set(wheels[1]);
    drive(again, 150, 250);
    expect(Buffer.compare(physics.snapshot(), end)).toBe(0);
  });

  test("restoring keeps the arrays, so that who holds them sees the restored world", () => {
    start(physics, 3);
    const state = physics.snapshot();
    const { bodies, begun, force } = physics;
    const before = bodies.slice();
    physics.force.fill(50);
    physics.step();
    expect(bodies).not.toEqual(before);
    physics.restore(state);
    expect(bodies).toEqual(before);
    expect(physics.bodies).toBe(bodies);
    expect(physics.begun).toBe(begun);
    expect(physics.force).toBe(force);
  });

  test("a load forgets the world before it", () => {
    const first = start(physics, 6);
    step(physics, first, [0, 0, 0]);
    const fresh = physics.snapshot();
    const other = start(physics, 7);
    for (let k = 0; k < 40; k++) step(physics, other, [1, 1, 0]);
    step(physics, start(physics, 6), [0, 0, 0]);
    expect(Buffer.compare(physics.snapshot(), fresh)).toBe(0);
  });

  test("memory serves one load after another", () => {
    start(physics, 8);
    const { tiles, points } = createTrack(new Random(8));
    const { byteLength } = physics.bodies.buffer;
    for (let k = 0; k < 2000; k++) physics.load(tiles, points[1], points[2], points[3]);
    expect(physics.bodies.buffer.byteLength).toBe(byteLength);
    expect(byteLength).toBeLessThanOrEqual(65536);
  });

  test("a road larger than any of Gymnasium's finds room", () => {
    const tiles = new Float64Array(8 * 5000);
    for (let i = 0; i < 5000; i++) tiles.set([i, 0, i, 5, i + 1, 5, i + 1, 0], 8 * i);
    physics.load(tiles, 0, 2500.5, 2.5);
    physics.step();
    expect(physics.touching.every((count) => count > 0)).toBe(true);
    expect([...physics.begun.subarray(0, physics.begunCount)].sort()).toContain(2501);
  });

  test("what is no snapshot is refused, and the world stays", () => {
    start(physics, 9);
    const state = physics.snapshot();
    for (const wrong of [new Uint8Array(0), state.slice(0, -1), new Uint8Array(5000).fill(255)]) {
      expect(() => physics.restore(wrong)).toThrow(TritrackError);
    }
    expect(Buffer.compare(physics.snapshot(), state)).toBe(0);
  });
});
