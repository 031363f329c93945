/**
 * The parts of a search in rounds, with one thread: steps a second that a 90 %-sparse network drives, network and exact
 * frames included (bar: 2,500), environment and network by themselves, and first neighbours a second of each layer on
 * 2,000 frames by delta evaluation. The reference of the neighbours is a full integer forward pass of the network over
 * the same frames.
 *
 *     npm run bench:search-rounds -- [--network zoo:car-90] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`.
 */

import { parseArgs } from "node:util";
import { Random } from "../env/random.ts";
import { CROP_BYTES } from "../policies/ternary/crop.ts";
import { Inference, inferBatch } from "../policies/ternary/forward.ts";
import { TernaryPolicy } from "../policies/ternary/policy.ts";
import { SwapDrawer } from "../policies/ternary/swap.ts";
import { networkByName } from "../src/cli/common/driver.ts";
import { sliceExamples } from "../src/data/examples.ts";
import { sum } from "../src/data/statistics.ts";
import { tracks } from "../src/data/tracks.ts";
import { makeFor, runEpisode } from "../src/episodes/evaluate.ts";
import { DeltaEngine } from "../src/search/engine/delta-engine.ts";
import { localEpisodes } from "../src/search/rounds/episodes.ts";
import { bestRate, printRows, type Row } from "./common.ts";

const { values } = parseArgs({
  options: {
    network: { type: "string", default: "zoo:car-90" },
    json: { type: "boolean", default: false },
  },
});
const { network } = await networkByName(values.network);
/** Seeds of the episodes. */
const SEEDS = tracks("validation", 5);
/** Frames on which network and neighbours are measured. */
const FRAMES = 2000;

const rows: Row[] = [];
const add = (name: string, unit: string, value: number, referenceValue: number | null = null) =>
  rows.push({
    name,
    unit,
    value,
    reference: referenceValue === null ? null : "full forward pass",
    referenceValue,
    ratio: referenceValue && value / referenceValue,
  });

const policy = await TernaryPolicy.create(network);
const env = await makeFor(policy, {});
const steps = () => sum(SEEDS.map((seed) => runEpisode(env, policy, seed).steps));
steps();
add("rounds/episodes", "steps/s", await bestRate(steps));
// The same tracks and about as many steps, by a policy that takes no time.
const idle = { name: "idle", reset() {}, act: () => Float32Array.of(0, 0.1, 0) };
add(
  "rounds/environment",
  "steps/s",
  await bestRate(() => sum(SEEDS.map((seed) => runEpisode(env, idle, seed).steps))),
);
env.close();

const sets = await localEpisodes().frames(network, SEEDS);
const inputs = new Uint8Array(FRAMES * CROP_BYTES);
const targets = new Float32Array(FRAMES * 3);
let filled = 0;
for (const set of sets)
  for (let i = 0; i < set.targets.length / 3 && filled < FRAMES; i++, filled++) {
    inputs.set(set.inputs.subarray(i * CROP_BYTES, (i + 1) * CROP_BYTES), filled * CROP_BYTES);
    targets.set(set.targets.subarray(i * 3, i * 3 + 3), filled * 3);
  }
const inference = await Inference.create(network);
add(
  "rounds/network",
  "frames/s",
  await bestRate(() => {
    for (let i = 0; i < filled; i++) inference.run(inputs.subarray(i * CROP_BYTES, (i + 1) * CROP_BYTES));
    return filled;
  }),
);
const forward =
  (await bestRate(
    async () => (await inferBatch(network, inputs.subarray(0, filled * CROP_BYTES))).length / 3,
  )) / filled;
const engine = await DeltaEngine.create(network, sliceExamples({ task: "car", inputs, targets }, 0, filled), [
  "1.0",
]);
const random = new Random(1);
for (const [layer, count] of [
  ["fc2", 40_000],
  ["fc1", 40_000],
  ["2.0", 1500],
  ["1.0", 40],
] as const) {
  const drawer = new SwapDrawer(network, layer);
  const swaps = Array.from({ length: count }, () => drawer.draw(random, "same"));
  add(
    `search/car-${layer}`,
    "neighbours/s",
    await bestRate(() => engine.neighbours("loss", layer, swaps).length),
    forward,
  );
}
printRows(rows, values.json);
