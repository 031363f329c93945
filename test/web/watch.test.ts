/** Watching without a browser: playing, going back, correcting, and swapping the weights of a network at work. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { carArchitecture, unitValue } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { inferReference } from "../../policies/ternary/reference.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { type Episode, parseEpisode } from "../../recordings/episode.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { framesOfRecording } from "../../src/data/recorded-frames.ts";
import { NetworkLibrary } from "../../src/web/page/networks/library.ts";
import { Timeline } from "../../src/web/page/run/timeline.ts";
import { WORLDS, worldOf } from "../../src/web/page/run/worlds.ts";
import { nearestSwap } from "../../src/web/page/watch/nearest-swap.ts";
import { Player } from "../../src/web/page/watch/player.ts";
import { NetworkSession } from "../../src/web/page/watch/session.ts";
import { TileGrid } from "../../src/web/page/watch/tile-grid.ts";
import { weightLayout } from "../../src/web/page/watch/weight-layout.ts";

describe("TileGrid", () => {
  const grids = fc.record({
    count: fc.integer({ min: 1, max: 100 }),
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 9 }),
    gap: fc.integer({ min: 0, max: 2 }),
  });

  test("each cell is found where it lies, and nothing in the gaps", () => {
    fc.assert(
      fc.property(grids, ({ count, width, height, gap }) => {
        const grid = new TileGrid(count, width, height, gap);
        let cells = 0;
        let misplaced = 0;
        for (let row = 0; row < grid.rows; row++)
          for (let column = 0; column < grid.columns; column++) {
            const cell = grid.at(column, row);
            if (!cell) continue;
            cells++;
            const [left, top] = grid.origin(cell.tile);
            if (left + cell.x !== column || top + cell.y !== row) misplaced++;
          }
        expect(misplaced).toBe(0);
        expect(cells).toBe(count * width * height);
        expect(grid.at(grid.columns, 0)).toBe(null);
        expect(grid.at(-1, 0)).toBe(null);
      }),
      { numRuns: 50 },
    );
  });

  test("maps and kernels lie in full rows", () => {
    expect(new TileGrid(32, 20, 20, 1)).toMatchObject({ across: 8, columns: 167, rows: 83 });
    expect(new TileGrid(64, 6, 6, 1)).toMatchObject({ across: 16 });
    expect(new TileGrid(3, 7, 7, 1)).toMatchObject({ across: 3 });
  });
});

test("every weight of every layer has one place", () => {
  carArchitecture.layers.forEach((layer, k) => {
    const { layer: grid, weightAt, units, fanIn } = weightLayout(carArchitecture, k);
    const seen = new Set<number>();
    for (let row = 0; row < grid.rows; row++)
      for (let column = 0; column < grid.columns; column++) {
        const weight = weightAt(column, row);
        if (weight !== null) seen.add(weight);
      }
    expect(units).toBe(layer.out);
    expect(seen.size).toBe(units * fanIn);
    expect(Math.max(...seen)).toBe(units * fanIn - 1);
  });
});

async function session(seed = 1): Promise<NetworkSession> {
  const bytes = writeNetwork(randomNetwork(carArchitecture, 90, seed));
  return NetworkSession.create(new NetworkLibrary(new Map()).add("net.safetensors", bytes));
}

describe("a swap by a click", () => {
  const places = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.nat());

  test("exchanges the weight with one of the other kind in its unit, and the network answers as the changed one", async () => {
    const made = await session();
    fc.assert(
      fc.property(places, ([k, n]) => {
        const { layers } = carArchitecture;
        const weights = made.network.weights[layers[k].name];
        const index = n % weights.length;
        const before = weights.slice();
        const swap = nearestSwap(made.network, k, index)!;
        const { fanIn } = weightLayout(carArchitecture, k);
        expect([swap.remove, swap.add]).toContain(index);
        expect(Math.floor(swap.remove / fanIn)).toBe(Math.floor(swap.add / fanIn));
        made.swap(swap);
        expect([before[swap.remove], before[swap.add]]).toEqual([weights[swap.add], weights[swap.remove]]);
        expect(before.filter((w, i) => w !== weights[i]).length).toBe(2);
      }),
      { numRuns: 20 },
    );
    // All these swaps have reached the network that decides.
    const frame = new Uint8Array(96 * 96 * 3).map((_, i) => (i * 31) % 251);
    made.decide(frame, new Float32Array(3));
    const sums = inferReference(readNetwork(made.file()), made.crop);
    expect(made.outputs).toEqual(Float32Array.from(sums, (sum) => sum / unitValue(made.network)));

    const swaps = made.swaps.length;
    for (let i = 0; i < swaps; i++) made.undo();
    const untouched = await session();
    expect(Buffer.compare(made.file(), untouched.file())).toBe(0);
  });

  test("is the nearest, and there is none where all weights are alike", async () => {
    const { network } = await session();
    const weights = network.weights["1.0"].fill(0);
    expect(nearestSwap(network, 0, 24)).toBe(null);
    // In the first kernel, 7×7: one weight two to the right of the middle, one three below it.
    weights[24 + 2] = -1;
    weights[24 + 21] = 1;
    expect(nearestSwap(network, 0, 24)).toEqual({
      layer: "1.0",
      remove: 26,
      add: 24,
      sign: -1,
      removedSign: -1,
    });
  });

  test("is named in the file and in the driver's name", async () => {
    const made = await session();
    const { sha256 } = made.driver;
    made.swap(nearestSwap(made.network, 1, 100)!);
    expect(readNetwork(made.file()).metadata.swapped).toBe("1 weight by hand");
    expect(made.driver.name).toBe("net, 1 swapped");
    expect(made.driver.sha256).not.toBe(sha256);
    made.undo();
    expect(made.driver).toEqual({ kind: "policy", name: "net", sha256 });
  });
});

describe("Player", () => {
  let saved: Map<string, string>;
  let held: number | null;
  let player: Player;
  let pilot: NetworkSession;
  let now: number;

  beforeEach(async () => {
    saved = new Map();
    held = null;
    now = 0;
    pilot = await session(2);
    player = new Player(await Timeline.create(WORLDS.scored), pilot, {
      changed: () => {},
      save: (name, text) => saved.set(name, text),
      correct: (action) => {
        if (held === null) return false;
        action[0] = held;
        return true;
      },
    });
    player.begin(3);
  });

  function watch(seconds: number): void {
    player.frame(now); // the frame that the next one is timed against
    for (const end = now + 1000 * seconds; now < end - 1e-6; ) player.frame((now += 1000 / 60));
  }
  const episodes = (): Episode[] => [...saved.values()].map((text) => parseEpisode(text));

  test("plays at the speed that is set, pauses, and steps", () => {
    player.play();
    watch(1);
    expect(player.run.steps).toBeGreaterThanOrEqual(48);
    expect(player.run.steps).toBeLessThanOrEqual(50);
    player.pause();
    player.speed = 4;
    const { steps } = player.run;
    watch(1);
    expect(player.run.steps).toBe(steps);
    player.play();
    watch(1);
    expect(Math.abs(player.run.steps - steps - 200)).toBeLessThan(6);
    player.step();
    expect(player.playing).toBe(false);
  });

  test("going back and forth shows the recorded steps, until a changed network drives on", () => {
    player.play();
    watch(3);
    const { steps, reward } = player.run;
    const state = player.run.car.bodyState();
    player.seek(40);
    player.play();
    while (player.run.steps < steps) player.step();
    expect(player.run.reward).toBe(reward);
    expect(player.run.car.bodyState()).toEqual(state);

    player.seek(40);
    expect(player.run.length).toBe(steps);
    pilot.swap(nearestSwap(pilot.network, 3, 5)!);
    player.hand(pilot);
    player.step();
    expect(player.run.length).toBe(41);
    expect(saved.size).toBe(0); // nobody corrected anything
  });

  test("corrections are recorded with the person's steps, and learnt from", async () => {
    player.play();
    watch(1);
    held = -1;
    watch(0.5);
    held = null;
    watch(1);
    player.pause();
    const [episode] = episodes();
    expect(episode).toMatchObject({ seed: 3, end: "interrupted", driver: { kind: "policy", name: "net" } });
    const [[first, end]] = episode.corrections!;
    expect(Math.abs(end - first - 25)).toBeLessThan(3);
    expect(Math.abs(first - 50)).toBeLessThan(3);
    const env = await makeRecordedEnv<Uint8Array, Float32Array>(episode);
    verify(episode, env);
    const { targets } = framesOfRecording(episode, env);
    env.close();
    expect(targets.length).toBeGreaterThanOrEqual(3 * 11);
    expect(targets.filter((_, i) => i % 3 === 0).every((steer) => steer === -1)).toBe(true);
  });

  test("correcting again from an earlier moment makes another recording and keeps the first", async () => {
    held = 1;
    player.play();
    watch(2);
    player.pause();
    const [first] = episodes();
    await new Promise((resolve) => setTimeout(resolve, 5)); // names tell milliseconds
    player.seek(20);
    held = -1;
    player.step();
    player.step();
    player.pause();
    player.seek(0);
    expect(saved.size).toBe(2);
    expect(episodes()[0]).toEqual(first);
    expect(episodes()[1].rewards).toHaveLength(22);
  });

  test("a recording is played to its end, comes out exactly, and is not recorded again", async () => {
    held = 0.3;
    player.play();
    watch(2);
    player.pause();
    const [episode] = episodes();
    saved.clear();
    player.load(episode, await Timeline.create(worldOf(episode)));
    player.play();
    watch(3);
    expect(player.playing).toBe(false);
    expect(player.over).toBe(true);
    expect(player.exact).toBe(true);
    expect(saved.size).toBe(0);
    player.play(); // from the start again
    expect(player.run.steps).toBe(0);

    player.load({ ...episode, frameSha256: "0".repeat(64) }, player.run);
    player.seek(1e9);
    expect(player.exact).toBe(false);
  });
});
