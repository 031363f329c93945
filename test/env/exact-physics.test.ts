/**
 * The core's world: it and its twin against Gymnasium's Box2D, and against each other on inputs of fast-check. The
 * twin works as the physics of a host, on the memory of a core whose own world rests. golden.test.ts replays the episodes
 * through the whole environment.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import * as at from "../../env/car-racing/core/layout.ts";
import { Random } from "../../env/random.ts";
import { type GoldenEpisode, goldenNames, loadCommitted, loadGolden, STATE_COLUMNS } from "../golden.ts";
import { loadParts, type Parts, viewsOf } from "./core/parts.ts";
import { createSolverTwin, type Solver } from "./oracle/solver-twin.ts";

type Action = Iterable<number>;

/** An environment whose world is the core's own or the twin. */
class Drive {
  static async create({ twin }: { twin: boolean }): Promise<Drive> {
    const parts = await loadParts();
    return new Drive(parts, twin ? createSolverTwin(parts.memory.buffer) : null);
  }

  readonly parts: Parts;
  readonly views: ReturnType<typeof viewsOf>;
  readonly #twin: Solver | null;

  private constructor(parts: Parts, twin: Solver | null) {
    this.parts = parts;
    this.#twin = twin;
    this.views = viewsOf(parts);
    this.views.ints[at.OPTIONS_AT / 4 + 9] = 0; // draws nothing
    this.views.ints[at.OPTIONS_AT / 4 + 12] = 1; // its world is stepped below
    parts.create();
  }

  begin(): void {
    if (this.#twin) this.#twin.begin();
    else this.parts.beginWorld();
  }

  stepWorld(): void {
    if (this.#twin) this.#twin.step();
    else this.parts.stepWorld();
  }

  reset(seed: number | bigint): void {
    new Uint32Array(this.parts.memory.buffer).set(new Random(seed).state(), at.RANDOM_AT / 4);
    this.parts.beginReset(0);
    this.begin();
    this.parts.beginWorldStep();
    this.stepWorld();
    this.parts.endWorldStep();
  }

  step([steer, gas, brake]: Action): void {
    this.parts.beginStep(steer, gas, brake);
    this.parts.beginWorldStep();
    this.stepWorld();
    this.parts.endWorldStep();
    this.parts.endStep();
  }

  /** Tiles that began to be touched in the last step, by wheels and by the hull. */
  get begun(): number[] {
    return this.#list(at.BEGUN_AT, at.BEGUN_COUNT_AT);
  }
  get hullBegun(): number[] {
    return this.#list(at.HULL_BEGUN_AT, at.HULL_BEGUN_COUNT_AT);
  }
  #list(from: number, count: number): number[] {
    return [...this.views.ints.subarray(from / 4, from / 4 + this.views.ints[count / 4])];
  }

  snapshot(): Uint8Array {
    return this.views.bytes.slice(at.STATE_AT, at.STATE_AT + this.parts.stateSize());
  }

  restore(state: Uint8Array): number {
    this.views.bytes.set(state, at.SNAPSHOT_AT);
    return this.parts.restore(state.length);
  }
}

let kernel: Drive;
let twin: Drive;
beforeAll(async () => {
  kernel = await Drive.create({ twin: false });
  twin = await Drive.create({ twin: true });
});

/** One step more than the episode has: `reset` makes the first, without an action. */
function replay(drive: Drive, golden: GoldenEpisode, afterStep: (k: number) => void): void {
  drive.reset(golden.seed);
  afterStep(0);
  for (let k = 0; k < golden.steps; k++) {
    drive.step(golden.action(k) as Float32Array);
    afterStep(k + 1);
  }
}

describe("twin", () => {
  // In the others colours are drawn, or numbers turned into controls, before the world that is tested here is stepped.
  const continuous = goldenNames
    .map((name) => loadGolden(name))
    .filter(({ kwargs }) => kwargs.continuous !== false && !kwargs.domainRandomize);

  test.each(continuous)("$name: no bit of the state differs", (golden) => {
    const states = new Float32Array(golden.state.length);
    replay(twin, golden, (k) => {
      twin.parts.bodyState();
      const from = at.BODY_STATE_AT / 4;
      states.set(twin.views.floats.subarray(from, from + STATE_COLUMNS), STATE_COLUMNS * k);
    });
    expect(states).toEqual(golden.state);
  });
});

describe("kernel and twin", () => {
  function expectEqualStates(): void {
    expect(kernel.begun).toEqual(twin.begun);
    expect(kernel.hullBegun).toEqual(twin.hullBegun);
    expect(Buffer.compare(kernel.snapshot(), twin.snapshot())).toBe(0);
  }

  /** Steps both and compares all that a later step depends on. */
  function expectEqualRuns(actions: number[][]): void {
    for (const action of actions) {
      kernel.step(action);
      twin.step(action);
      expectEqualStates();
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
        kernel.reset(seed);
        twin.reset(seed);
        expectEqualRuns(drive);
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
        for (const world of [kernel, twin]) layRoad(world, road, angle, x, y);
        expectEqualStates();
        expectEqualRuns(drive.slice(0, 30));
      }),
      { numRuns: 100 },
    );
  });

  /** Puts tiles of any form and the car, at rest, into the world of a drive that has been reset. */
  function layRoad(drive: Drive, road: number[][], angle: number, x: number, y: number): void {
    const { parts, views } = drive;
    drive.reset(0);
    views.ints[at.EPISODE_AT / 4 + 10] = road.length;
    views.ints[at.EPISODE_AT / 4 + 11] = road.length;
    parts.placeTrack(road.length, road.length);
    views.bytes.fill(0, at.TILES, views.ints[at.CONTACTS_PLACE / 4]);
    views.bytes.fill(0, at.BODIES_AT, at.TILE_COUNT);
    views.ints[at.TILE_COUNT / 4] = road.length;
    views.ints[at.CONTACT_COUNT / 4] = 0;
    road.forEach((corners, i) => {
      views.doubles.set(corners, at.TRACK_INPUT_AT / 8);
      parts.makeTile(i, at.TRACK_INPUT_AT);
    });
    parts.resetCar();
    const wheels = [0, 0, -1.1, 1.6, 1.1, 1.6, -1.1, -1.64, 1.1, -1.64];
    for (let body = 0; body < 5; body++) {
      const place = [x + wheels[2 * body], y + wheels[2 * body + 1], angle];
      views.floats.set(place, (at.BODIES_AT + at.BODY_BYTES * body) / 4);
    }
    drive.begin();
  }

  /** Box2D takes no polygon whose vertices lie on a line. */
  function isPolygon(quad: number[]): boolean {
    const area = (i: number, j: number, k: number) =>
      (quad[2 * j] - quad[2 * i]) * (quad[2 * k + 1] - quad[2 * i + 1]) -
      (quad[2 * j + 1] - quad[2 * i + 1]) * (quad[2 * k] - quad[2 * i]);
    return Math.max(Math.abs(area(0, 1, 2)), Math.abs(area(0, 2, 3))) > 0.1;
  }

  test("read each other's snapshots", () => {
    kernel.reset(5);
    for (let k = 0; k < 60; k++) kernel.step([-0.3, 1, 0]);
    expect(twin.restore(kernel.snapshot())).toBe(0);
    expectEqualRuns(Array.from({ length: 20 }, () => [0.5, 0.2, 0]));
  });
});

describe.each([{ twin: false }, { twin: true }])("with %o", (options) => {
  let drive: Drive;
  beforeAll(async () => {
    drive = await Drive.create(options);
  });

  /** Steps in which a contact began: `step: tiles of wheels / tiles first touched by any part of the car`. */
  function contacts(golden: GoldenEpisode): string {
    const painted = new Set<number>();
    let lines = "";
    replay(drive, golden, (k) => {
      const touched = [...drive.begun, ...drive.hullBegun];
      const first = [...new Set(touched)].filter((tile) => !painted.has(tile)).sort((a, b) => a - b);
      for (const tile of first) painted.add(tile);
      if (touched.length) lines += `${k}: ${drive.begun.join(" ")} / ${first.join(" ")}\n`;
    });
    return lines;
  }

  // The expected lines are the calls of pybox2d's contact listener under the same actions.
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

  test("a restored state goes on with the same bits, after another road was driven too", () => {
    const go = (from: number, to: number) => {
      for (let k = from; k < to; k++) drive.step([Math.sin(k / 9), 0.7, k % 50 > 40 ? 0.6 : 0]);
    };
    drive.reset(3);
    go(0, 150);
    const middle = drive.snapshot();
    go(150, 250);
    const end = drive.snapshot();

    drive.reset(4);
    expect(drive.restore(middle)).toBe(0);
    expect(Buffer.compare(drive.snapshot(), middle)).toBe(0);
    expect([...drive.begun, ...drive.hullBegun]).toEqual([]);
    go(150, 250);
    expect(Buffer.compare(drive.snapshot(), end)).toBe(0);
  });

  test("a reset forgets the world before it", () => {
    drive.reset(6);
    drive.step([0, 0, 0]);
    const fresh = drive.snapshot();
    drive.reset(7);
    for (let k = 0; k < 40; k++) drive.step([1, 1, 0]);
    drive.reset(6);
    drive.step([0, 0, 0]);
    expect(Buffer.compare(drive.snapshot(), fresh)).toBe(0);
  });
});
