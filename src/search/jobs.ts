/**
 * The jobs that a search gives to others: neighbours to score, episodes to drive, frames to label. They may come from
 * another machine: everything is checked, and nothing is executed.
 */
import { InvalidOption } from "../../env/errors.ts";
import { layerIndex, type TernaryNetwork, weightCount } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { readNetwork } from "../../policies/ternary/safetensors.ts";
import { readExamples, writeExamples } from "../data/example-bytes.ts";
import { countExamples } from "../data/examples.ts";
import { makeFor, runEpisode } from "../episodes/evaluate.ts";
import { networkFrames, teacherFrames } from "../episodes/labelled-frames.ts";
import { type BlobName, checkWhole, type Job, type JobKind, type JobKinds, refuseJob } from "../work/pool.ts";
import { candidatesOf } from "./engine/candidates.ts";
import { DeltaEngine } from "./engine/delta-engine.ts";
import { type Measure, measures } from "./engine/fitness.ts";

/** Sums of a measure over some inputs, for each candidate. Its result is float64, one sum a candidate. */
export interface ScoreJob extends Job {
  readonly kind: "score";
  /** A network file, examples, candidates. */
  readonly blobs: readonly [network: BlobName, examples: BlobName, candidates: BlobName];
  /** The measure that is summed. */
  readonly measure: Measure;
  /** Name of the layer that the candidates change. */
  readonly layer: string;
  /** First input, a multiple of 8. */
  readonly from: number;
  /** Input after the last. */
  readonly to: number;
  /** Total weight of all inputs of the search: see FitnessEngine. */
  readonly totalWeight: number;
}

/** One episode that a network drives. Its result is an `EpisodeResult` as JSON. */
export interface EpisodeJob extends Job {
  readonly kind: "episode";
  /** A network file. */
  readonly blobs: readonly [network: BlobName];
  /** Track. */
  readonly seed: number;
  /** Steps after which the episode is truncated, 1 to 1,000,000. */
  readonly maxSteps: number;
}

/** Frames of one episode that a network drives, labelled by the teacher. Its result is examples. */
export interface FramesJob extends Job {
  readonly kind: "frames";
  /** A network file. */
  readonly blobs: readonly [network: BlobName];
  /** Track. */
  readonly seed: number;
  /** Standard deviation of the noise on the controls, 0 to 10. */
  readonly noise: number;
}

/** Frames of one episode that the teacher drives with an unsteady hand. Its result is examples. */
export interface DemonstrationJob extends Job {
  readonly kind: "demonstration";
  /** None. */
  readonly blobs: readonly [];
  /** Track. */
  readonly seed: number;
}

/** Hours of driving at 50 steps a second: no episode takes more. */
const MOST_STEPS = 1_000_000;

const scoreJobs: JobKind<ScoreJob> = {
  kind: "score",
  check(job) {
    checkBlobs(job, 3);
    if (!measures.includes(job.measure as Measure)) refuseJob("measure", job.measure);
    if (typeof job.layer !== "string") refuseJob("layer", job.layer);
    checkWhole(job, "from", 2 ** 31);
    checkWhole(job, "to", 2 ** 31, (job.from as number) + 1);
    if ((job.from as number) % 8 !== 0) refuseJob("from", job.from);
    checkWhole(job, "totalWeight", 2 ** 40, 1);
  },
  async run({ measure, layer, from, to, totalWeight }, [networkBytes, exampleBytes, candidateBytes]) {
    const network = readNetwork(networkBytes, "network of a job");
    const { architecture } = network;
    const weights = weightCount(architecture.layers[layerIndex(architecture, layer)]);
    const candidates = candidatesOf(candidateBytes, weights);
    const examples = readExamples(exampleBytes);
    const count = countExamples(examples);
    if (to > count) throw new InvalidOption(`job "score": expected inputs up to ${count}, got ${to}`);
    const engine = await DeltaEngine.create(network, examples, [layer], totalWeight);
    const sums = engine.sums(measure, layer, candidates, [from, to]);
    engine.close();
    return new Uint8Array(sums.buffer, sums.byteOffset, sums.byteLength);
  },
};

const episodeJobs: JobKind<EpisodeJob> = {
  kind: "episode",
  check(job) {
    checkBlobs(job, 1);
    checkWhole(job, "seed", Number.MAX_SAFE_INTEGER);
    checkWhole(job, "maxSteps", MOST_STEPS, 1);
  },
  async run({ kind, seed, maxSteps }, [networkBytes]) {
    const policy = await TernaryPolicy.create(readDriver(kind, networkBytes));
    const env = await makeFor(policy, { maxSteps });
    try {
      return new TextEncoder().encode(JSON.stringify(runEpisode(env, policy, seed)));
    } finally {
      env.close();
    }
  },
};

const framesJobs: JobKind<FramesJob> = {
  kind: "frames",
  check(job) {
    checkBlobs(job, 1);
    checkWhole(job, "seed", Number.MAX_SAFE_INTEGER);
    const { noise } = job;
    if (typeof noise !== "number" || !(noise >= 0 && noise <= 10)) refuseJob("noise", noise);
  },
  async run({ kind, seed, noise }, [networkBytes]) {
    const network = readDriver(kind, networkBytes);
    const { inputs, targets } = await networkFrames(network, { seeds: [seed], noise });
    return writeExamples({ task: "car", inputs, targets });
  },
};

const demonstrationJobs: JobKind<DemonstrationJob> = {
  kind: "demonstration",
  check(job) {
    checkBlobs(job, 0);
    checkWhole(job, "seed", Number.MAX_SAFE_INTEGER);
  },
  async run({ seed }) {
    const { inputs, targets } = await teacherFrames({ seeds: [seed] });
    return writeExamples({ task: "car", inputs, targets });
  },
};

/** The kinds of jobs of a search, for an InlinePool. */
export const jobs: JobKinds = [scoreJobs, episodeJobs, framesJobs, demonstrationJobs];

/** URL of this module, for a ThreadPool. */
export const jobsModule = import.meta.url;

function checkBlobs({ blobs }: Job, count: number): void {
  if (blobs.length !== count) refuseJob("blobs", blobs);
}

function readDriver(kind: string, bytes: Uint8Array): TernaryNetwork {
  const network = readNetwork(bytes, "network of a job");
  const { task } = network.architecture;
  if (task !== "car") throw new InvalidOption(`job "${kind}": expected a car network, got an MNIST network`);
  return network;
}
