import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import {
  architectures,
  carArchitecture,
  cloneNetwork,
  mnistArchitecture,
  type TernaryNetwork,
} from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { SwapDrawer } from "../../policies/ternary/swap.ts";
import { actionAccuracy } from "../../src/data/actions.ts";
import { type MnistExamples, sliceExamples } from "../../src/data/examples.ts";
import { loadMnist } from "../../src/data/mnist-node.ts";
import { measureNetwork } from "../../src/search/engine/delta-engine.ts";
import type { SearchOptions } from "../../src/search/options.ts";
import { startRewardThreads } from "../../src/search/reward-node.ts";
import type { Rule } from "../../src/search/rule.ts";
import { search } from "../../src/search/search.ts";
import { balance, balanceModule } from "./balance.ts";
import { carData } from "./search-data.ts";

function digits(from: number, to: number): MnistExamples {
  return sliceExamples(loadMnist().train, from, to);
}

const counts = (network: TernaryNetwork) =>
  Object.values(network.weights).map((weights) =>
    [-1, 0, 1].map((v) => weights.filter((w) => w === v).length),
  );

/** Algorithm 1 with full evaluations, as the paper writes it. */
async function algorithm1(
  start: TernaryNetwork,
  data: MnistExamples,
  layers: string[],
  m: number,
  nk: number,
  seed: number,
) {
  const network = cloneNetwork(start);
  const random = new Random(seed);
  let maxAcc = await measureNetwork(network, data, "accuracy");
  for (const layer of layers) {
    for (let ii = 0; ii < nk; ii++) {
      const drawer = new SwapDrawer(network, layer);
      const swaps = Array.from({ length: m }, () => drawer.draw(random, "same"));
      const accuracies: number[] = [];
      for (const swap of swaps) {
        drawer.apply(swap);
        accuracies.push(await measureNetwork(network, data, "accuracy"));
        drawer.undo(swap);
      }
      const best = Math.max(...accuracies);
      if (maxAcc > best) break;
      drawer.apply(swaps[accuracies.indexOf(best)]);
      maxAcc = best;
    }
  }
  return { network, maxAcc };
}

test('rule "paper" is Algorithm 1: it ends at the network that full evaluations lead to', async () => {
  const data = digits(0, 60);
  const network = randomNetwork(mnistArchitecture, 90, 11);
  const original = cloneNetwork(network);
  const stops: boolean[] = [];
  // A step that finds no better neighbour happens only with few neighbours.
  for (const neighbours of [2, 12]) {
    const layers = ["2.0", "fc", "1.0"];
    const options = {
      data,
      rule: "paper",
      neighbours,
      neighbourhoods: 8,
      rounds: 1,
      layers,
      seed: 5,
    } as const;
    const result = await search(network, options);
    const expected = await algorithm1(network, data, layers, neighbours, 8, 5);
    expect(result.network.weights).toEqual(expected.network.weights);
    expect(result.after.train).toBe(expected.maxAcc);
    expect(result.before.train).toBe(await measureNetwork(network, data, "accuracy"));
    expect(result.neighbours).toBe(neighbours * result.log.length);
    expect(result.accepted).toBe(result.log.filter((step) => step.accepted > 0).length);
    stops.push(result.log.some((step) => step.accepted === 0));
  }
  expect(stops).toContain(true);
  expect(network).toEqual(original);
});

test('rule "strict" takes better neighbours only', async () => {
  const options: SearchOptions = { data: digits(0, 40), rule: "strict", neighbours: 30, rounds: 2, seed: 1 };
  const { log, before, after } = await search(randomNetwork(mnistArchitecture, 90, 2), options);
  let measure = before.train;
  for (const step of log) {
    expect(step.accepted === 1).toBe(step.above > 0);
    expect(step.measure > measure).toBe(step.above > 0);
    measure = step.measure;
  }
  expect(after.train).toBe(measure);
});

test("climb learns digits from a random network and keeps its family", async () => {
  const network = randomNetwork(mnistArchitecture, 90, 1);
  const test = digits(10_000, 12_000);
  const options: SearchOptions = {
    data: digits(0, 2000),
    test,
    layers: ["fc", "2.0"],
    neighbours: 400,
    rounds: 2,
  };
  const { before, after, network: found } = await search(network, options);
  expect(before.test).toBeLessThan(0.25);
  expect(after.train).toBeGreaterThan(0.5);
  expect(after.test).toBeGreaterThan(0.5);
  expect(counts(found)).toEqual(counts(network));
  expect(found.weights["1.0"]).toEqual(network.weights["1.0"]);
});

test("climb works on nine inputs", async () => {
  const options: SearchOptions = {
    data: digits(0, 9),
    fitness: "loss",
    layers: ["fc"],
    neighbours: 100,
    rounds: 1,
  };
  const { before, after, accepted } = await search(randomNetwork(mnistArchitecture, 90, 1), options);
  expect(accepted).toBeGreaterThan(0);
  expect(after.train).toBeGreaterThan(before.train);
});

test("the result of every rule is not worse on the validation images", async () => {
  const options = {
    data: digits(0, 100),
    validation: digits(5000, 5200),
    rounds: 2,
    neighbours: 40,
    seed: 3,
  };
  for (const rule of ["paper", "climb"] as const) {
    const { before, after } = await search(randomNetwork(mnistArchitecture, 90, 4), { ...options, rule });
    expect(after.train).toBeGreaterThanOrEqual(before.train);
    expect(after.validation).toBeGreaterThanOrEqual(before.validation!);
  }
});

test("batches leave a trained network as it was where validation shows no gain", async () => {
  const bytes = readFileSync(new URL("../../policies/zoo/mnist-90.safetensors", import.meta.url));
  let from = 20_000;
  while ((await measureNetwork(readNetwork(bytes), digits(from, from + 20), "accuracy")) < 1) from += 20;
  const options = {
    data: digits(0, 13_000),
    // All are answered rightly already.
    validation: digits(from, from + 20),
    layers: ["fc"],
    neighbours: 100,
    budget: 300,
    seed: 1,
  };
  const { network, before, after, accepted } = await search(readNetwork(bytes), options);
  expect(before.validation).toBe(1);
  expect(accepted).toBeGreaterThan(0);
  expect(after).toEqual(before);
  expect(network.weights).toEqual(readNetwork(bytes).weights);
});

test('"reward" follows the reward alone; "both" lowers neither', async () => {
  const network = randomNetwork(carArchitecture, 90, 1);
  const base = { data: carData(40, 1), reward: balance, layers: ["fc1"], family: "free", seed: 2 } as const;
  const byReward = await search(network, { ...base, fitness: "reward", neighbours: 6, rounds: 1 });
  expect(byReward.after.reward).toBeGreaterThan(byReward.before.reward!);
  for (const rule of ["paper", "climb"] as const) {
    const both = await search(network, { ...base, rule, fitness: "both", neighbours: 60, rounds: 2 });
    expect(both.accepted).toBeGreaterThan(0);
    expect(both.after.reward).toBeGreaterThanOrEqual(both.before.reward!);
    expect(both.after.train).toBeGreaterThanOrEqual(both.before.train);
    expect(both.after.reward).toBe(balance(both.network));
  }
});

test("driving reward alone needs no examples; the candidates of a step are evaluated together", async () => {
  const network = randomNetwork(carArchitecture, 90, 8);
  let running = 0;
  const together: number[] = [];
  const reward = async (candidate: TernaryNetwork) => {
    together.push(++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return balance(candidate);
  };
  const options: SearchOptions = { fitness: "reward", reward, layers: ["fc2", "fc1"], rounds: 2, seed: 4 };
  const checkpoints: Uint8Array[] = [];
  const whole = await search(network, {
    ...options,
    onCheckpoint: (make) => void checkpoints.push(make()),
  });
  expect(whole.after.reward).toBeGreaterThan(whole.before.reward!);
  expect(whole.after).toEqual({ train: balance(whole.network), reward: balance(whole.network) });
  expect(whole.log.at(-1)).toMatchObject({ measure: whole.after.reward, reward: whole.after.reward });
  // 8 neighbours a step is the default.
  expect(Math.max(...together)).toBe(8);
  const resumed = await search(network, { ...options, resume: checkpoints[3] });
  expect(resumed).toEqual({ ...whole, log: whole.log.slice(4) });
});

test("a reward function of one's own is evaluated on threads, to the same network", async () => {
  const network = randomNetwork(carArchitecture, 90, 8);
  const options: SearchOptions = {
    fitness: "reward",
    layers: ["fc2"],
    rounds: 1,
    neighbourhoods: 3,
    seed: 4,
  };
  const here = await search(network, { ...options, reward: balance });
  const threads = startRewardThreads({ module: balanceModule, name: "balance", workers: 2 });
  try {
    const there = await search(network, { ...options, reward: threads.reward });
    expect(there.network.weights).toEqual(here.network.weights);
    expect(there.log).toEqual(here.log);
  } finally {
    await threads.close();
  }
  const wrong = startRewardThreads({ module: balanceModule, name: "none", workers: 1 });
  await expect(wrong.reward(network)).rejects.toThrow(
    /expected an export "none" that is a function, got undefined$/,
  );
  await wrong.close();
});

test("a rule of one's own is resumed like the others, state and all", async () => {
  const network = randomNetwork(mnistArchitecture, 90, 1);
  /** Takes every second swap that it draws; remembers how many it has taken, in an array too. */
  const rule: Rule<{ taken: number }> = {
    name: "every second",
    identity: () => ({ options: { every: 2 } }),
    start({ network, random, layers, family }, state = { taken: 0, seen: new Int32Array(6) }) {
      return {
        state,
        async step({ steps, before }) {
          if (steps === 6) return null;
          const drawer = new SwapDrawer(network, layers[0]);
          const swap = drawer.draw(random, family);
          if (steps % 2 === 1) drawer.apply(swap);
          state.taken += steps % 2;
          state.seen[steps] = swap.add;
          expect(before.train).toBeGreaterThan(0);
          return { log: { taken: state.taken }, neighbours: 1, accepted: steps % 2, done: steps / 6 };
        },
      };
    },
  };
  const options = { rule, data: digits(0, 40), validation: digits(50, 70), layers: ["fc"], seed: 3 };
  const checkpoints: Uint8Array[] = [];
  const whole = await search(network, {
    ...options,
    onCheckpoint: (make) => void checkpoints.push(make()),
  });
  expect(whole.log.map(({ taken }) => taken)).toEqual([0, 1, 1, 2, 2, 3]);
  expect(whole.after.train).toBe(await measureNetwork(whole.network, options.data, "accuracy"));
  expect(whole.after.validation).toBe(await measureNetwork(whole.network, options.validation, "accuracy"));
  const resumed = await search(network, { ...options, resume: checkpoints[2] });
  expect(resumed).toEqual({ ...whole, log: whole.log.slice(3) });
  const other = { ...rule, identity: () => ({ options: { every: 3 } }) };
  await expect(search(network, { ...options, rule: other, resume: checkpoints[2] })).rejects.toThrow(
    "resume: the checkpoint is of another search: its every was 2, now it is 3",
  );
  await expect(search(network, { ...options, rule: "strict", resume: checkpoints[2] })).rejects.toThrow(
    'its rule was "every second", now it is "strict"',
  );
});

test("a search that was cut off resumes from its checkpoint to the same network", async () => {
  for (const [rule, task] of [
    ["paper", "car"],
    ["climb", "mnist"],
  ] as const) {
    const data = task === "car" ? carData(24, 1) : digits(0, 120);
    const network = randomNetwork(architectures[task], 90, 6);
    const options: SearchOptions = { data, rule, neighbours: 30, neighbourhoods: 2, rounds: 2, seed: 9 };
    const checkpoints: Uint8Array[] = [];
    const whole = await search(network, {
      ...options,
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint()),
    });
    expect(checkpoints.length).toBe(whole.log.length);
    const resumed = await search(network, { ...options, resume: checkpoints[2] });
    expect(resumed).toEqual({ ...whole, log: whole.log.slice(3) });
    const refused = (other: Partial<SearchOptions>) =>
      expect(search(network, { ...options, ...other, resume: checkpoints[2] })).rejects;
    const another = "resume: the checkpoint is of another search: ";
    await refused({ seed: 8 }).toThrow(`${another}its seed was 9, now it is 8`);
    await refused({ rounds: 3 }).toThrow(`${another}its rounds was 2, now it is 3`);
    await refused({ budget: 50 }).toThrow(`${another}its budget was not given, now it is 50`);
    const others = task === "car" ? carData(24, 2) : digits(200, 320);
    await refused({ data: others }).toThrow(`${another}it had other data`);
    await refused({ validation: others }).toThrow(`${another}it had other validation data`);
    await expect(
      search(randomNetwork(architectures[task], 90, 7), { ...options, resume: checkpoints[2] }),
    ).rejects.toThrow(`${another}it had another network to begin from`);
    let steps = 0;
    const stopped = await search(network, { ...options, shouldStop: () => steps++ === 3 });
    expect(stopped.log).toEqual(whole.log.slice(0, 3));
  }
});

test("a file that is no checkpoint, or a damaged one, is refused", async () => {
  const network = randomNetwork(architectures.car, 90, 6);
  const data = carData(8, 1);
  let checkpoint: Uint8Array = new Uint8Array();
  const onCheckpoint = (make: () => Uint8Array) => {
    checkpoint = make();
  };
  const options: SearchOptions = { data, rule: "paper", neighbours: 2, layers: ["fc2"], rounds: 1 };
  await search(network, { ...options, onCheckpoint });
  const refused = (resume: Uint8Array) => expect(search(network, { ...options, resume })).rejects;
  await refused(writeNetwork(network)).toThrow(
    /^resume: expected the checkpoint of a search, got another file$/,
  );
  // Cut off, and with any bit of it turned.
  const damaged = /^resume: (the checkpoint is damaged; without it|expected)/;
  await refused(checkpoint.subarray(0, 5000)).toThrow(damaged);
  for (const share of [0, 0.001, 0.01, 0.1, 0.5, 0.999]) {
    const changed = checkpoint.slice();
    changed[Math.floor(share * changed.length)] ^= 4;
    await refused(changed).toThrow(damaged);
  }
});

test("progress rises to 1", async () => {
  const seen: number[] = [];
  const onProgress = ({ done }: { done: number }) => void seen.push(done);
  const options = { data: digits(0, 40), rounds: 2, neighbours: 10, onProgress };
  const { log } = await search(randomNetwork(mnistArchitecture, 90, 4), options);
  expect(seen.length).toBe(log.length);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});

test("options that do not fit together are refused", async () => {
  const network = randomNetwork(carArchitecture, 90, 1);
  const data = carData(8, 1);
  const refused = (options: Partial<SearchOptions>) => expect(search(network, { data, ...options })).rejects;
  await refused({ fitness: "both" }).toThrow('reward: expected a function for fitness "both", got none');
  await refused({ fitness: "reward", reward: balance, rule: "climb" }).toThrow(
    'rule: expected paper or strict for fitness "reward", got climb, which follows the loss',
  );
  await expect(search(network, { fitness: "accuracy" })).rejects.toThrow(
    'data: expected examples for fitness "accuracy", got none; only "reward" does without',
  );
  await expect(search(network, { rule: "rounds", data } as object)).rejects.toThrow(
    'data, reward: expected none for rule "rounds", which drives for its frames and rewards, got some',
  );
  await refused({ layers: ["fc"] }).toThrow('no layer "fc": a car network has 1.0, 2.0, fc1, fc2');
  // Callers from JavaScript have no compiler.
  const misspelt = (options: object) => refused(options as Partial<SearchOptions>);
  await misspelt({ rule: "Paper" }).toThrow('rule: expected paper, strict, climb, rounds, got "Paper"');
  await misspelt({ order: "x" }).toThrow('order: expected fixed, alternating, yield, got "x"');
  await misspelt({ family: "x" }).toThrow('family: expected same, free, got "x"');
  await misspelt({ fitness: "x" }).toThrow('fitness: expected accuracy, loss, margin, reward, both, got "x"');
  await refused({ layers: [] }).toThrow("layers: expected at least one, got none");
  await refused({ layers: ["fc2", "fc1", "fc2"] }).toThrow(
    'layers: expected each layer once, got "fc2" twice',
  );
  await refused({ neighbours: 0 }).toThrow("neighbours: expected a whole number from 1 up, got 0");
  await refused({ data: { ...data, targets: new Float32Array(3) } }).toThrow("bytes for 1 targets");
});

test("action accuracy needs steer bin, gas and brake to agree, at the documented cut points", () => {
  const target = [0.2, 0.5, 0];
  expect(actionAccuracy([0.11, 0.26, 0.05], target)).toBe(1);
  expect(actionAccuracy([0.1, 0.5, 0], target)).toBe(0);
  expect(actionAccuracy([-0.2, 0.5, 0], target)).toBe(0);
  expect(actionAccuracy([0.2, 0.25, 0], target)).toBe(0);
  expect(actionAccuracy([0.2, 0.5, 0.06], target)).toBe(0);
  expect(actionAccuracy([0.2, 0.5, 0, 0.9, 0.5, 0.9], [...target, -0.9, 0.5, 0.9])).toBe(0.5);
});
