/**
 * The jobs that a search gives to others: parts of its work that depend on nothing but their arguments and blobs, so
 * that it does not matter who does them, or whether they are done twice. They may come from another machine: everything
 * is checked, nothing is executed.
 */

import { InvalidOption } from "../../env/errors.ts";
import { layerIndex, type TernaryNetwork, weightCount } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { readNetwork } from "../../policies/ternary/safetensors.ts";
import { countExamples } from "../data/examples.ts";
import { type EpisodeResult, makeFor, runEpisode } from "../episodes/evaluate.ts";
import { networkFrames, teacherFrames } from "../episodes/labelled-frames.ts";
import { type BlobName, bytesOf, readCandidates, readData, writeData } from "../work/blobs.ts";
import { DeltaEngine } from "./engine/delta-engine.ts";
import type { Measure } from "./engine/fitness.ts";
import { measures } from "./engine/thread-protocol.ts";

/** Sums of a measure over inputs of one data blob, for each candidate; the result is float64, one each. */
export interface ScoreJob {
  kind: "score";
  /** Network file, data, candidates. */
  blobs: readonly [network: BlobName, data: BlobName, candidates: BlobName];
  measure: Measure;
  layer: string;
  /** Inputs from (a multiple of 8) up to (not included). */
  from: number;
  to: number;
  /** See FitnessEngine. */
  totalWeight: number;
}

/** One episode that a network drives; the result is an `EpisodeResult` as JSON. */
export interface DriveJob {
  kind: "drive";
  blobs: readonly [network: BlobName];
  seed: number;
  maxSteps: number;
}

/** Frames of one episode that a network drives, labelled by the teacher; the result is data. */
export interface FramesJob {
  kind: "frames";
  blobs: readonly [network: BlobName];
  seed: number;
  /** Standard deviation on the controls. */
  noise: number;
}

/** Frames of one episode that the teacher drives with an unsteady hand; the result is data. */
export interface DemonstrationJob {
  kind: "demonstration";
  blobs: readonly [];
  seed: number;
}

export type Job = ScoreJob | DriveJob | FramesJob | DemonstrationJob;

/** Seconds of driving at 50 steps a second would be hours: no job takes more. */
const MOST_STEPS = 1_000_000;

/** Does a job. @param blobs the bytes of `job.blobs`, in their order. @throws on a job that is not one, saying why */
export async function runJob(job: Job, blobs: readonly Uint8Array[]): Promise<Uint8Array> {
  if (job.kind === "demonstration") {
    const { inputs, targets } = await teacherFrames({ seeds: [job.seed] });
    return writeData({ task: "car", inputs, targets });
  }
  const network = readNetwork(blobs[0], "network of a job");
  if (job.kind === "score") return bytesOf(await score(job, network, blobs[1], blobs[2]));
  const { task } = network.architecture;
  if (task !== "car")
    throw new InvalidOption(`job "${job.kind}": expected a car network, got one of ${task}`);
  if (job.kind === "drive") return new TextEncoder().encode(JSON.stringify(await drive(job, network)));
  const { seed, noise } = job;
  const { inputs, targets } = await networkFrames(network, { seeds: [seed], noise });
  return writeData({ task, inputs, targets });
}

async function score(
  { measure, layer, from, to, totalWeight }: ScoreJob,
  network: TernaryNetwork,
  dataBytes: Uint8Array,
  candidateBytes: Uint8Array,
): Promise<Float64Array> {
  const { architecture } = network;
  const weights = weightCount(architecture.layers[layerIndex(architecture, layer)]);
  const candidates = readCandidates(candidateBytes, weights);
  const data = readData(dataBytes);
  if (to > countExamples(data)) throw new InvalidOption(`job "score": input ${to} of ${countExamples(data)}`);
  const engine = await DeltaEngine.create(network, data, [layer], totalWeight);
  const sums = engine.sums(measure, layer, candidates, [from, to]);
  engine.close();
  return sums;
}

async function drive({ seed, maxSteps }: DriveJob, network: TernaryNetwork): Promise<EpisodeResult> {
  const policy = await TernaryPolicy.create(network);
  const env = await makeFor(policy, { maxSteps });
  try {
    return runEpisode(env, policy, seed);
  } finally {
    env.close();
  }
}

/** Checks that what came from elsewhere is a job. @throws {@link InvalidOption} naming what is not as it should be */
export function checkJob(value: unknown): Job {
  const job = (value ?? {}) as Record<string, unknown>;
  const whole = (key: string, most: number, least = 0) => {
    const number = job[key] as number;
    if (!Number.isInteger(number) || number < least || number > most) refuse(key, job[key]);
  };
  const blobs = { score: 3, drive: 1, frames: 1, demonstration: 0 }[String(job.kind)];
  if (blobs === undefined) refuse("kind", job.kind);
  const names = job.blobs as unknown[];
  if (!Array.isArray(names) || names.length !== blobs || !names.every(isBlobName)) refuse("blobs", names);
  if (job.kind === "score") {
    if (!measures.includes(job.measure as Measure)) refuse("measure", job.measure);
    if (typeof job.layer !== "string") refuse("layer", job.layer);
    whole("from", 2 ** 31);
    whole("to", 2 ** 31, (job.from as number) + 1);
    if ((job.from as number) % 8 !== 0) refuse("from", job.from);
    whole("totalWeight", 2 ** 40, 1);
  } else {
    whole("seed", Number.MAX_SAFE_INTEGER);
    if (job.kind === "drive") whole("maxSteps", MOST_STEPS, 1);
    if (job.kind !== "frames") return value as Job;
    if (typeof job.noise !== "number" || !(job.noise >= 0 && job.noise <= 10)) refuse("noise", job.noise);
  }
  return value as Job;
}

function isBlobName(value: unknown): value is BlobName {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function refuse(key: string, value: unknown): never {
  throw new InvalidOption(`not a job of a search: ${key} is ${JSON.stringify(value)?.slice(0, 80)}`);
}
