/**
 * Generation of sparse ternary networks that classify MNIST. The default recipe is straight-through on every step
 * (see parameters.ts): 90 % sparse, it reaches what the paper's dense float network does. The paper's own is
 * paper-recipe.ts.
 */

import { InvalidOption } from "../../env/errors.ts";
import { architectures, type TernaryNetwork, weightCount } from "../../policies/ternary/network.ts";
import { INPUT_BYTES, type MnistExamples, sliceExamples } from "../data/examples.ts";
import { layerCounts } from "../data/layer-counts.ts";
import type { Mnist } from "../data/mnist.ts";
import type { BackendName } from "./backend.ts";
import { fingerprint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { CurvePoint } from "./curve.ts";
import { predict, toTernaryNetwork } from "./model.ts";
import { type NamedPhase, type PaperEpochs, paperPhases, type Recipe } from "./paper-recipe.ts";
import { type StepReport, Trainer, type TrainerState } from "./trainer.ts";

export interface MnistOptions {
  /** Share of zero weights, percent from 0 up to 100. Default 90. */
  sparsity?: number;
  recipe?: Recipe;
  /** Seed of the first weights and of the order of the images. Default 1. */
  seed?: number;
  /** Passes over the training images, default recipe. Default 6, beyond a sparsity of 90 % 10. */
  epochs?: number;
  /** Passes over the training images in the steps of the paper's recipe. */
  paperEpochs?: Partial<PaperEpochs>;
  /** Trains on so many of the training images, the first. Default: all 55,000. */
  images?: number;
  /** Threads that share the work; the result is the same for any number. Default 1. */
  threads?: number;
  /** Parts that a batch is cut into: at most so many threads are of use. Results differ in their last bits. Default 2. */
  shards?: number;
  /** What to compute on. Default: the fastest that loads. */
  backend?: BackendName | "auto";
  /** File that says where the training stands; one that is there is gone on from. The caller removes it at the end. */
  checkpoint?: string;
  onStep?: (report: MnistReport) => void | Promise<void>;
}

export interface MnistReport extends StepReport {
  /** Name of the phase. */
  phase: string;
  /** Share of the whole training done, 0 to 1. */
  progress: number;
  /** Zero weights, percent. */
  sparsity: number;
  /** Validation accuracy at the end of the last epoch, 0 to 1; null before the first. */
  accuracy: number | null;
}

export interface MnistResult {
  network: TernaryNetwork;
  /** Share of images classified right, 0 to 1. */
  train: number;
  validation: number;
  test: number;
  curve: CurvePoint[];
}

/** Factor of the outputs before softmax: ternary networks have large ones, and a soft softmax keeps all images in play. */
const TEMPERATURE = 0.3;
/** Images of the training set on which the training accuracy is measured. */
const TRAIN_SAMPLE = 10_000;
/** Steps from one checkpoint to the next: some seconds. */
const CHECKPOINT_STEPS = 100;
/** Images of the validation set on which the accuracy of an epoch is measured. */
const VALIDATION_SAMPLE = 2_000;

const architecture = architectures.mnist;
const WEIGHTS = architecture.layers.reduce((sum, layer) => sum + weightCount(layer), 0);

/**
 * Trains a sparse ternary network on MNIST.
 *
 * @throws InvalidOption on impossible options or data that do not fit together
 */
export async function trainMnist(data: Mnist, options: MnistOptions = {}): Promise<MnistResult> {
  const { sparsity = 90, recipe = "default", seed = 1, images, threads, shards, backend } = options;
  for (const [name, set] of Object.entries(data)) checkSet(name, set);
  const train = images === undefined ? data.train : sliceExamples(data.train, 0, images);
  const phases = phasesOf(recipe, sparsity, options);
  const temperature = recipe === "paper" ? 1 : TEMPERATURE;
  const allEpochs = phases.reduce((sum, { epochs }) => sum + epochs, 0);
  const trainer = await Trainer.create(architecture, { seed, threads, shards, backend });
  const { checkpoint, onStep } = options;
  const what = JSON.stringify({
    ...{ task: "mnist", recipe, sparsity, seed, epochs: phases.map(({ epochs }) => epochs) },
    ...{ shards, backend: trainer.backend, data: fingerprint(train.labels) },
  });
  const saved = checkpoint === undefined ? null : loadCheckpoint<Progress>(checkpoint, what);
  const state: Progress = saved ?? { ...{ phase: 0, steps: 0, curve: [] }, losses: [], trainer: null };
  const { curve } = state;
  const sample = sliceExamples(
    data.validation,
    0,
    Math.min(VALIDATION_SAMPLE, data.validation.labels.length),
  );
  let epochsBefore = 0;
  for (const [index, phase] of phases.entries()) {
    const onTrainerStep = async (report: StepReport) => {
      const { step, steps, endsEpoch, loss, nonzeros } = report;
      const sparsity = 100 * (1 - nonzeros / WEIGHTS);
      state.steps++;
      state.losses.push(loss);
      if (endsEpoch) {
        const mean = state.losses.reduce((sum, value) => sum + value, 0) / state.losses.length;
        const accuracy = accuracyOf(trainer, sample);
        curve.push({ step: state.steps, phase: phase.name, loss: mean, accuracy, sparsity });
        state.losses = [];
      }
      if (checkpoint !== undefined && state.steps % CHECKPOINT_STEPS === 0) {
        saveCheckpoint(checkpoint, what, { ...state, phase: index, trainer: trainer.state() });
      }
      const progress = (epochsBefore + (phase.epochs * step) / steps) / allEpochs;
      const accuracy = curve.at(-1)?.accuracy ?? null;
      await onStep?.({ ...report, phase: phase.name, progress, sparsity, accuracy });
    };
    if (index >= state.phase) {
      const from = index === state.phase ? state.trainer : null;
      const objective = { kind: "cross-entropy", labels: train.labels, temperature } as const;
      const order = Int32Array.from(train.labels.keys());
      await trainer.run(phase, train.inputs, order, objective, onTrainerStep, from ?? undefined);
    }
    epochsBefore += phase.epochs;
  }
  const sampled = sliceExamples(train, 0, Math.min(TRAIN_SAMPLE, train.labels.length));
  return {
    network: toTernaryNetwork(trainer.model, architecture, {
      task: "mnist",
      sparsity: `${sparsity}`,
      recipe: recipe === "paper" ? "paper: Section 4.1, Steps 1-4" : "straight-through",
      seed: `${seed}`,
      epochs: phases.map(({ epochs }) => epochs).join("+"),
      images: `${train.labels.length}`,
      backend: trainer.backend,
    }),
    train: accuracyOf(trainer, sampled),
    validation: accuracyOf(trainer, data.validation),
    test: accuracyOf(trainer, data.test),
    curve,
  };
}

/** What a checkpoint holds. */
interface Progress {
  /** Index of the phase that runs. */
  phase: number;
  /** Steps so far, through all phases. */
  steps: number;
  curve: CurvePoint[];
  /** Of the epoch that runs. */
  losses: number[];
  trainer: TrainerState | null;
}

function phasesOf(recipe: Recipe, sparsity: number, { epochs, paperEpochs }: MnistOptions): NamedPhase[] {
  if (recipe === "paper") return paperPhases(architecture, sparsity, paperEpochs);
  const ternary = { name: "ternary", batch: 64, rate: 1e-2, pruneUntil: 0.6, fixScalesAt: 0.8 };
  // The sparser, the longer it takes to find the weights worth keeping.
  const passes = epochs ?? (sparsity > 90 ? 10 : 6);
  return [{ ...ternary, epochs: passes, counts: layerCounts(architecture, sparsity) }];
}

function checkSet(name: string, { inputs: images, labels }: MnistExamples): void {
  if (labels.length > 0 && images.length === labels.length * INPUT_BYTES.mnist) return;
  throw new InvalidOption(
    `${name} images: expected ${INPUT_BYTES.mnist} bytes for each of one or more labels, got ${images.length} bytes for ${labels.length} labels`,
  );
}

/** Share of the set's images that the trainer's present model classifies right. */
function accuracyOf({ model }: Trainer, { inputs: images, labels }: MnistExamples): number {
  const outputs = predict(model, architecture, images);
  let right = 0;
  labels.forEach((label, i) => {
    if (argmax(outputs, i * 10) === label) right++;
  });
  return right / labels.length;
}

/** The digit of the largest of ten outputs. */
function argmax(outputs: Float32Array, from: number): number {
  let best = 0;
  for (let c = 1; c < 10; c++) if (outputs[from + c] > outputs[from + best]) best = c;
  return best;
}
