/**
 * Generation of sparse ternary networks that classify MNIST. The default recipe is straight-through on every step
 * (see parameters.ts): 90 % sparse, it reaches what the paper's dense float network does.
 */
import { architectures, type TernaryNetwork } from "../../policies/ternary/network.ts";
import type { Mnist, MnistSet } from "../data/mnist.ts";
import { CHECKPOINT_STEPS, fingerprint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { predict, toTernaryNetwork } from "./model.ts";
import { layerCounts } from "./sparsify.ts";
import { type StepReport, Trainer, type TrainerState } from "./trainer.ts";

export interface MnistOptions {
  /** Share of zero weights, percent from 0 up to 100. Default 90. */
  sparsity?: number;
  /** Seed of the first weights and of the order of the images. Default 1. */
  seed?: number;
  /** Passes over the training images. Default 6. */
  epochs?: number;
  /** Threads that share the work; results differ in their last bits with the number. Default 1. */
  threads?: number;
  /** File that says where the training stands; one that is there is gone on from. The caller removes it at the end. */
  checkpoint?: string;
  onStep?: (report: StepReport) => void | Promise<void>;
}

export interface MnistResult {
  network: TernaryNetwork;
  /** Share of images classified right, 0 to 1. */
  train: number;
  validation: number;
  test: number;
}

/** Images of the training set on which the training accuracy is measured. */
const TRAIN_SAMPLE = 10_000;

/** Trains a sparse ternary network on MNIST. */
export async function trainMnist(
  data: Mnist,
  { sparsity = 90, seed = 1, epochs = 6, threads = 1, checkpoint, onStep }: MnistOptions = {},
): Promise<MnistResult> {
  const architecture = architectures.mnist;
  const trainer = await Trainer.create(architecture, { seed, threads });
  const phase = {
    epochs,
    batch: 64,
    rate: 1e-2,
    counts: layerCounts(architecture, sparsity),
    pruneUntil: 0.6,
    fixScalesAt: 0.8,
  };
  const { images, labels } = data.train;
  const what = JSON.stringify({ task: "mnist", sparsity, seed, epochs, threads, data: fingerprint(labels) });
  await trainer.run(
    phase,
    images,
    Int32Array.from(labels.keys()),
    { kind: "cross-entropy", labels, temperature: 0.3 },
    async (report) => {
      if (checkpoint !== undefined && report.step % CHECKPOINT_STEPS === 0) {
        saveCheckpoint(checkpoint, what, trainer.state());
      }
      await onStep?.(report);
    },
    (checkpoint !== undefined && loadCheckpoint<TrainerState>(checkpoint, what)) || undefined,
  );
  const accuracy = (set: MnistSet) => {
    const outputs = predict(trainer.model, architecture, set.images);
    return (
      set.labels.reduce((right, label, i) => right + (argmax(outputs, i * 10) === label ? 1 : 0), 0) /
      set.labels.length
    );
  };
  const first = { images: images.subarray(0, TRAIN_SAMPLE * 784), labels: labels.subarray(0, TRAIN_SAMPLE) };
  return {
    network: toTernaryNetwork(trainer.model, architecture, {
      task: "mnist",
      sparsity: `${sparsity}`,
      recipe: "straight-through",
      seed: `${seed}`,
      epochs: `${epochs}`,
    }),
    train: accuracy(first),
    validation: accuracy(data.validation),
    test: accuracy(data.test),
  };
}

/** The digit of the largest of ten outputs. */
function argmax(outputs: Float32Array, from: number): number {
  let best = 0;
  for (let c = 1; c < 10; c++) if (outputs[from + c] > outputs[from + best]) best = c;
  return best;
}
