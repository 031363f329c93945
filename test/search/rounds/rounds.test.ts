import { expect, test } from "vitest";
import { inferBatch } from "../../../policies/ternary/forward.ts";
import {
  carArchitecture,
  mnistArchitecture,
  type TernaryNetwork,
} from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { writeNetwork } from "../../../policies/ternary/safetensors.ts";
import { joinExamples } from "../../../src/data/examples.ts";

import { measureNetwork } from "../../../src/search/engine/delta-engine.ts";
import { jobs } from "../../../src/search/jobs.ts";
import type { RoundsOptions } from "../../../src/search/options.ts";
import { pooledEpisodes } from "../../../src/search/pooled-episodes.ts";
import { localEpisodes } from "../../../src/search/rounds/episodes.ts";
import { fewerTracks, TRACKS } from "../../../src/search/rounds/plan.ts";
import { randomDriver } from "../../../src/search/rounds/random-driver.ts";
import { search } from "../../../src/search/search.ts";
import { InlinePool } from "../../../src/work/blobs-node.ts";
import { FEW_TRACKS, learnable, quickPlan, standInEpisodes } from "./stand-in.ts";

const start = randomNetwork(carArchitecture, 90, 3);
/** Worth more, the more of fc1's weights differ from the start's; some tracks are harder. */
const changed = (network: TernaryNetwork) =>
  network.weights.fc1.filter((w, i) => w !== start.weights.fc1[i]).length;
/** Comparing hundreds of thousands of weights one by one takes seconds. */
const bytes = (network: TernaryNetwork) => Buffer.from(writeNetwork(network)).toString("base64");
const options = (gain: number): RoundsOptions => ({
  rule: "rounds",
  rounds: 2,
  warmUp: 1,
  seed: 5,
  tracks: FEW_TRACKS,
  plan: quickPlan,
  episodes: standInEpisodes((network, seed) => 800 + (seed % 7) + gain * changed(network)),
});

test("a search learns from frames, keeps its start as it is and the network's family", async () => {
  const original = bytes(start);
  const { network, before, after, accepted, neighbours, log } = await search(start, {
    ...options(1),
    fitness: "imitation",
  });
  expect(bytes(start)).toBe(original);
  expect(accepted).toBeGreaterThan(10);
  const sweeps = log.filter((event) => event.kind === "sweep");
  expect(sweeps.length).toBe(2 + 2 * 4);
  expect(sweeps.reduce((sum, { neighbours }) => sum + neighbours, 0)).toBe(neighbours);
  expect(after.reward! - before.reward!).toBe(changed(network));
  const frames = joinExamples([0, 1].map((seed) => learnable(seed)));
  expect(await measureNetwork(network, frames, "loss")).toBeGreaterThan(
    await measureNetwork(start, frames, "loss"),
  );
  const nonzeros = ({ weights }: TernaryNetwork) =>
    Object.values(weights).map((layer) => [1, -1].map((sign) => layer.filter((w) => w === sign).length));
  expect(nonzeros(network)).toEqual(nonzeros(start));
});

test("under any fitness, a network that drives worse does not replace a better one", async () => {
  for (const fitness of ["imitation", "reward", "both"] as const) {
    const { network, before, after, accepted } = await search(start, { ...options(-1), fitness });
    expect(accepted).toBeGreaterThan(10);
    expect(bytes(network)).toBe(bytes(start));
    expect(after).toEqual(before);
  }
});

test('"both" keeps networks that drive better and agree no less with the teacher', async () => {
  const { before, after, log } = await search(start, { ...options(1), fitness: "both" });
  expect(log.some((event) => event.kind === "round" && event.race?.won)).toBe(true);
  expect(after.reward).toBeGreaterThan(before.reward!);
  expect(after.validation).toBeGreaterThanOrEqual(before.validation!);
});

test("a search resumes from any checkpoint to the same network", async () => {
  for (const fitness of ["imitation", "both"] as const) {
    const checkpoints: Uint8Array[] = [];
    const whole = await search(start, {
      ...options(1),
      fitness,
      onCheckpoint: (make) => void checkpoints.push(make()),
    });
    expect(checkpoints.length).toBe(whole.log.length);
    // The start, a round's frames, the last of its sweeps, and the race after it.
    for (const index of [0, 4, 8, 9]) {
      const resumed = await search(start, { ...options(1), fitness, resume: checkpoints[index] });
      expect(bytes(resumed.network)).toBe(bytes(whole.network));
      expect([resumed.before, resumed.after, resumed.neighbours, resumed.accepted]).toEqual([
        whole.before,
        whole.after,
        whole.neighbours,
        whole.accepted,
      ]);
      expect(resumed.log).toEqual(whole.log.slice(index + 1));
    }
  }
});

test("a search resumes only with the data and options that it began with", async () => {
  let checkpoint: Uint8Array | undefined;
  await search(start, {
    ...options(1),
    onCheckpoint: (make) => {
      checkpoint ??= make();
    },
    shouldStop: () => checkpoint !== undefined,
  });
  const refused = (other: RoundsOptions, network = start) =>
    expect(search(network, { ...options(1), ...other, resume: checkpoint })).rejects;
  const another = "resume: the checkpoint is of another search: ";
  await refused({ seed: 6 }).toThrow(`${another}its seed was 5, now it is 6`);
  await refused({ fitness: "reward" }).toThrow(`${another}its fitness was "both", now it is "reward"`);
  await refused({ demonstrations: [learnable(3)] }).toThrow(`${another}it had other demonstrations`);
  const tracks = { ...FEW_TRACKS, round: (round: number) => [1000 * round] };
  await refused({ tracks }).toThrow(`${another}it had other tracks`);
  await refused({ plan: (round) => quickPlan(round, 2) }).toThrow(`${another}it had another plan`);
  const other = randomNetwork(carArchitecture, 90, 4);
  await refused({}, other).toThrow(`${another}it had another network to begin from`);
});

test("a search that is stopped returns the network kept so far", async () => {
  let sweeps = 0;
  const { network, log } = await search(start, {
    ...options(1),
    warmUp: 0,
    shouldStop: () => ++sweeps > 4,
  });
  expect(bytes(network)).toBe(bytes(start));
  expect(log.filter((event) => event.kind === "sweep").length).toBeLessThan(10);
});

test("it refuses networks that cannot drive and layers that are not there", async () => {
  expect(() => randomDriver(0, 1)).toThrow(
    "sparsity: expected enough zeros for the sums of a random car network to fit int32 (90 is usual), got 0",
  );
  await expect(search(randomNetwork(mnistArchitecture, 90, 1), { rule: "rounds" })).rejects.toThrow(
    'network: expected a car network for rule "rounds", got an MNIST network',
  );
  await expect(search(start, { rule: "rounds", layers: ["fc"] })).rejects.toThrow('no layer "fc"');
  await expect(search(start, { rule: "rounds", fitness: "accuracy" as "both" })).rejects.toThrow(
    'fitness: expected imitation, reward, both, got "accuracy"',
  );
  await expect(search(start, { rule: "rounds", layers: ["fc1", "fc1"] })).rejects.toThrow(
    'layers: expected each layer once, got "fc1" twice',
  );
});

test("a pool drives as this thread does, and the teacher labels what the network sees", async () => {
  const pool = new InlinePool(jobs);
  const [local, pooled] = [localEpisodes(), pooledEpisodes(pool)];
  expect(await pooled.rewards([start], [7])).toEqual(await local.rewards([start], [7]));
  const [[here], [there]] = [await local.frames(start, [7]), await pooled.frames(start, [7])];
  expect(there.targets).toEqual(here.targets);
  expect(there.inputs.length).toBe(here.inputs.length);
  expect(Buffer.compare(there.inputs, here.inputs)).toBe(0);
  expect((await inferBatch(start, here.inputs)).length).toBe(here.targets.length);
  const [[shown], [pooledShown]] = [await local.frames(null, [8]), await pooled.frames(null, [8])];
  expect(pooledShown.targets).toEqual(shown.targets);
  await pool.close();
});

test("the tracks that a search has by default serve one purpose each, in every round; fewer are the first of them", () => {
  const rounds = [1, 2, 3, 4];
  const all = [
    ...[TRACKS.demonstrations, TRACKS.accuracy, TRACKS.accuracyTest, TRACKS.validation],
    ...rounds.flatMap((round) => [TRACKS.round(round), TRACKS.heats(round), TRACKS.finals(round)]),
  ].flat();
  expect(new Set(all).size).toBe(all.length);
  // Networks are reported on these, and nothing else is.
  expect(all.filter((seed) => seed >= 20_000 && seed < 20_100)).toEqual([]);
  const few = fewerTracks(3, 5);
  expect(few.validation).toEqual(TRACKS.validation.slice(0, 3));
  expect(few.finals(2)).toEqual(TRACKS.finals(2).slice(0, 3));
  expect(few.round(4)).toEqual(TRACKS.round(4).slice(0, 5));
});
