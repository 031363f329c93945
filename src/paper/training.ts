/** The training runs of the figures: each recipe at the sizes that the settings give. */

import { availableParallelism } from "node:os";
import { describe } from "../../policies/ternary/describe.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { type CarExamples, sliceExamples } from "../data/examples.ts";

import type { Mnist } from "../data/mnist-node.ts";
import { measureNetwork } from "../search/index.ts";
import { type MnistResult, trainMnist } from "../train/generate.ts";
import { trainCar } from "../train/imitate.ts";
import { fromTernaryNetwork, toTernaryNetwork } from "../train/model.ts";
import { paperPhases, type Recipe } from "../train/paper-recipe.ts";
import { Trainer } from "../train/trainer.ts";
import { type Settings, SPARSITY } from "./settings.ts";
import type { PointProgress } from "./workspace.ts";

/** Threads of a training run. A batch has two shards, so more threads have nothing to do; any number gives the same bits. */
const THREADS = Math.min(2, availableParallelism());

/** The settings that an MNIST run depends on, for its point's inputs. */
export function mnistSizes(
  { mnist: { epochs, sparseEpochs, images, paperImages } }: Settings,
  recipe: Recipe,
  sparsity: number,
): { paperImages: number } | { epochs: number; images: number } {
  return recipe === "paper" ? { paperImages } : { epochs: sparsity > 90 ? sparseEpochs : epochs, images };
}

/** Trains one MNIST network; `sparsity` in percent. */
export async function trainMnistPoint(
  data: Mnist,
  settings: Settings,
  recipe: Recipe,
  sparsity: number,
  seed: number,
  progress: PointProgress,
): Promise<MnistResult> {
  const sizes = mnistSizes(settings, recipe, sparsity);
  return trainMnist(data, {
    recipe,
    sparsity,
    seed,
    threads: THREADS,
    onStep: (report) => progress(report.progress),
    ...("paperImages" in sizes ? { images: sizes.paperImages } : sizes),
  });
}

/** Trains one car network to imitate the demonstrations; `sparsity` in percent. */
export async function trainCarPoint(
  demonstrations: CarExamples,
  { car }: Settings,
  sparsity: number,
  seed: number,
  progress: PointProgress,
): Promise<TernaryNetwork> {
  const { denseEpochs, ternaryEpochs } = car;
  const { network } = await trainCar(demonstrations, {
    sparsity,
    seed,
    denseEpochs,
    ternaryEpochs,
    threads: THREADS,
    onStep: (report) => progress(report.progress),
  });
  return network;
}

/**
 * The paper's baseline in Figs 6 and 7: Step 4 of its generation, from a given network. It trains the weights as floats
 * and at the end of each epoch sets sparsity and signs again.
 * @param options.images training images of an epoch
 * @returns test accuracy before the first epoch and after each, 0 to 1
 */
export async function backpropagate(
  data: Mnist,
  network: TernaryNetwork,
  { epochs, images, seed }: { epochs: number; images: number; seed: number },
  progress: PointProgress,
): Promise<number[]> {
  const { architecture } = network;
  const trainer = await Trainer.create(architecture, { seed });
  // The paper's networks have no scales: their weights are -1, 0 and +1 themselves.
  const unscaled = Object.fromEntries(architecture.layers.map(({ name }) => [name, 1]));
  const start = fromTernaryNetwork({ ...network, divisors: unscaled });
  start.trainableWeights.forEach((weight, i) => {
    trainer.layers[i].latent.set(weight.read().dataSync() as Float32Array);
  });
  start.dispose();
  const counts = Object.fromEntries(describe(network).map(({ name, nonzeros }) => [name, nonzeros]));
  const binary = paperPhases(architecture, SPARSITY, { n4: epochs }).at(-1)!;
  const phase = { ...binary, atEpochEnds: { counts: () => counts, binary: true } };
  const test = () => measureNetwork(toTernaryNetwork(trainer.model, architecture), data.test, "accuracy");
  const train = sliceExamples(data.train, 0, images);
  const perEpoch = Math.floor(images / phase.batch);
  const result: number[] = [await measureNetwork({ ...network, divisors: unscaled }, data.test, "accuracy")];
  await trainer.run(
    phase,
    train.inputs,
    Int32Array.from(train.labels.keys()),
    { kind: "cross-entropy", labels: train.labels, temperature: 1 },
    async ({ step }) => {
      if (step % perEpoch !== 0) return;
      result.push(await test());
      progress(step / (epochs * perEpoch));
    },
  );
  return result;
}
