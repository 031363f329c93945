/** Tests imitation end to end on a few frames: a network learns the expert's frames, drives, and learns from its own. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import { architectures, checkNetwork, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { type CarExamples, frameCount } from "../../src/data/examples.ts";
import { layerCounts } from "../../src/data/layer-counts.ts";
import { readSamples } from "../../src/data/samples-node.ts";
import { networkFrames, teacherFrames } from "../../src/episodes/labelled-frames.ts";
import { type CarOptions, type CarReport, trainCar } from "../../src/train/imitate.ts";

/** The first frames of a drive. */
function first({ inputs, targets }: CarExamples, frames: number): CarExamples {
  const bytes = inputs.length / (targets.length / 3);
  return { task: "car", inputs: inputs.slice(0, frames * bytes), targets: targets.slice(0, frames * 3) };
}

const drive = await teacherFrames({ seeds: [1] });

test("a sparse network learns from the expert's frames, drives, and learns from its own", async () => {
  const frames = first(drive, 64);
  const reports: CarReport[] = [];
  const rounds: { network: TernaryNetwork; round: number; frames: number }[] = [];
  const candidates: TernaryNetwork[] = [];
  const { network, curve, scores } = await trainCar(frames, {
    sparsity: 95,
    denseEpochs: 8,
    ternaryEpochs: 8,
    rounds: 1,
    roundEpochs: 1,
    batch: 16,
    collect: async (driver, round) => {
      const own = await networkFrames(driver, { seeds: [2] });
      rounds.push({ network: driver, round, frames: frameCount(own) });
      return first(own, 32);
    },
    // The first of the two is the better one.
    validate: (candidate, phase) => {
      candidates.push(candidate);
      return phase === "ternary" ? 900 : 800;
    },
    onStep: (report) => {
      reports.push(report);
    },
  });
  expect(scores).toEqual([
    { phase: "ternary", score: 900 },
    { phase: "round 1", score: 800 },
  ]);
  expect(network).toBe(candidates[0]);
  expect(candidates[1].weights).not.toEqual(network.weights);
  checkNetwork(network);
  const counts = layerCounts(architectures.car, 95);
  for (const [name, weights] of Object.entries(network.weights)) {
    expect(weights.filter((weight) => weight !== 0).length).toBe(counts[name]);
  }
  expect(rounds.length).toBe(1);
  expect(rounds[0].round).toBe(1);
  expect(rounds[0].frames).toBeGreaterThan(32);
  expect(curve.map(({ phase, losses }) => [phase, losses.length])).toEqual([
    ["dense", 32],
    ["ternary", 32],
    ["round 1", 6],
  ]);
  const [dense] = curve;
  expect(dense.losses[31]).toBeLessThan(dense.losses[0] / 2);
  expect(reports[reports.length - 1].progress).toBeCloseTo(1);
  expect(candidates.map(({ metadata }) => metadata.frames)).toEqual(["64", "96"]);
});

test("frames that stream through a file give the same network as frames in memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tritrack-"));
  const path = join(folder, "frames");
  async function* halves() {
    yield first(drive, 40);
    yield {
      task: "car" as const,
      inputs: drive.inputs.slice(40 * CROP_BYTES, 64 * CROP_BYTES),
      targets: drive.targets.slice(120, 192),
    };
  }
  const short = { denseEpochs: 1, ternaryEpochs: 1, batch: 16 };
  const streamed = await trainCar(halves(), { ...short, frames: path });
  expect(streamed).toEqual(await trainCar(first(drive, 64), short));
  expect(readFileSync(path).equals(first(drive, 64).inputs)).toBe(true);
  expect(() => readSamples({ path }, CROP_BYTES, [63, 64])).toThrow(`${path} ends before input 64`);
  rmSync(folder, { recursive: true });
});

test("the paper's recipe ends in an exactly sparse ternary network, which alone is scored", async () => {
  const scored: string[] = [];
  const { network, curve } = await trainCar(first(drive, 32), {
    ...{ recipe: "paper", paperEpochs: { n1: 1, n2: 2, n3: 1, n4: 1 }, batch: 16, sparsity: 98 },
    validate: (candidate, phase) => {
      checkNetwork(candidate);
      return scored.push(phase);
    },
  });
  expect(scored).toEqual(["binary"]);
  expect(curve.map(({ phase, losses }) => [phase, losses.length])).toEqual([
    ["dense", 2],
    ["pruning", 4],
    ["fixed sparsity", 2],
    ["binary", 2],
  ]);
  const counts = layerCounts(architectures.car, 98);
  for (const [name, weights] of Object.entries(network.weights)) {
    expect(weights.filter((weight) => weight !== 0).length).toBe(counts[name]);
  }
  await expect(trainCar(drive, { recipe: "paper", rounds: 1 })).rejects.toThrow(
    /^rounds: expected 0 with the paper's recipe, got 1$/,
  );
});

test("a training that was killed resumes to the same network", async () => {
  const frames = first(drive, 200);
  const folder = mkdtempSync(join(tmpdir(), "tritrack-"));
  const checkpoint = join(folder, "checkpoint");
  const kill = new Error("killed");
  // 25 + 50 + 52 steps; checkpoints after steps 25 and 75, where phases end, and after step 100 of all.
  const train = (options: CarOptions) =>
    trainCar(frames, {
      ...{ denseEpochs: 1, ternaryEpochs: 2, rounds: 1, roundEpochs: 2, batch: 8 },
      collect: () => first(frames, 8),
      validate: (_, phase) => phase.length,
      ...options,
    });
  const whole = await train({});
  const killAt = (phase: string, step: number) =>
    train({
      checkpoint,
      onStep: (report) => {
        if (report.phase === phase && report.step === step) throw kill;
      },
    });
  for (const [phase, step, from] of [
    ["ternary", 30, ["ternary", 1]],
    ["round 1", 20, ["round 1", 1]],
    ["round 1", 40, ["round 1", 26]],
  ] as const) {
    rmSync(checkpoint, { force: true });
    await expect(killAt(phase, step)).rejects.toBe(kill);
    const resumed: [string, number][] = [];
    const rest = await train({
      checkpoint,
      onStep: (report) => {
        resumed.push([report.phase, report.step]);
      },
    });
    expect(resumed[0]).toEqual(from);
    expect(rest).toEqual(whole);
  }
  // Killed after the last step: everything is there.
  expect(await train({ checkpoint })).toEqual(whole);
  await expect(train({ checkpoint, seed: 9 })).rejects.toThrow(
    new InvalidOption(`${checkpoint}: the checkpoint is of another training: its seed was 1, now it is 9`),
  );
  await expect(train({ checkpoint, driving: { noise: 0.1 } })).rejects.toThrow(
    new InvalidOption(
      `${checkpoint}: the checkpoint is of another training: its noise was not given, now it is 0.1`,
    ),
  );
  const bytes = readFileSync(checkpoint);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(checkpoint, bytes);
  await expect(train({ checkpoint })).rejects.toThrow(
    new CorruptFile(`${checkpoint}: the checkpoint is damaged; without it the work begins anew`),
  );
  rmSync(folder, { recursive: true });
}, 300_000);

test.each([
  [
    { task: "car" as const, inputs: new Uint8Array(0), targets: new Float32Array(0) },
    {},
    /^demonstrations: expected at least one frame, got none$/,
  ],
  [
    { task: "car" as const, inputs: new Uint8Array(7), targets: new Float32Array(3) },
    {},
    /expected 20667 bytes and 3 targets a frame, got 7 bytes and 3 targets/,
  ],
  [
    { task: "car" as const, inputs: new Uint8Array(20667), targets: new Float32Array(3) },
    { sparsity: 100 },
    /up to, but not/,
  ],
  [
    { task: "car" as const, inputs: new Uint8Array(20667), targets: new Float32Array(3) },
    { rounds: 2 },
    /^rounds: expected 0 without `collect`, which drives the network, got 2$/,
  ],
])("bad input is refused in one line", async (data, options, message) => {
  await expect(trainCar(data, options)).rejects.toThrow(message);
});
