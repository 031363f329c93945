/**
 * Generation of sparse ternary networks that classify MNIST. The default recipe is straight-through on every step
 * (see parameters.ts): 90 % sparse, it reaches the accuracy of the paper's dense float network. The paper's own recipe is in
 * paper-recipe.ts.
 */
import { InvalidOption } from "../../env/errors.ts";
import { architectures, type TernaryNetwork, weightCount } from "../../policies/ternary/network.ts";
import { fingerprint, type Identity } from "../data/checkpoint.ts";
import { type WithDefaults, withDefaults } from "../data/defaults.ts";
import { INPUT_BYTES, type MnistExamples, sliceExamples } from "../data/examples.ts";
import { layerCounts } from "../data/layer-counts.ts";
import type { Mnist } from "../data/mnist-node.ts";
import { mean, sum } from "../data/statistics.ts";
import type { CurvePoint } from "./curve.ts";
import { predict, toTernaryNetwork } from "./model.ts";
import { type PaperEpochs, paperPhases, type Recipe } from "./paper-recipe.ts";
import { type NamedPhase, type PhaseReport, runPhases } from "./phases.ts";
import { type ComputeOptions, Trainer } from "./trainer.ts";

/** Options of `trainMnist`. */
export interface MnistOptions extends ComputeOptions {
  /** Share of zero weights, percent from 0 up to, but not including, 100. Default: 90. */
  sparsity?: number | undefined;
  /** "default": straight-through on every step. "paper": Steps 1 to 4 of the paper. Default: "default". */
  recipe?: Recipe | undefined;
  /** Seed of the first weights and of the order of the images. Default: 1. */
  seed?: number | undefined;
  /** Passes over the training images, default recipe. Default: 6, beyond a sparsity of 90 % 10. */
  epochs?: number | undefined;
  /** Passes over the training images in the steps of the paper's recipe. Default: those of `paperPhases`. */
  paperEpochs?: Partial<PaperEpochs> | undefined;
  /** Number of training images to learn from, the first ones. Default: all 55,000. */
  images?: number | undefined;
  /**
   * File of the training's checkpoint: if it is there, the training goes on from it. The caller removes it at the end.
   * Default: none.
   */
  checkpoint?: string | undefined;
  /** Called after every step; a promise is awaited. */
  onStep?: (report: MnistReport) => void | Promise<void>;
}

const DEFAULTS = { sparsity: 90, recipe: "default", seed: 1 } as const satisfies MnistOptions;

type CompleteOptions = WithDefaults<MnistOptions, typeof DEFAULTS>;

/** Report of one step. */
export interface MnistReport extends PhaseReport {
  /** Zero weights, percent. */
  sparsity: number;
  /** Validation accuracy at the end of the last epoch, 0 to 1; null before the first. */
  accuracy: number | null;
}

/** Result of a training on MNIST. */
export interface MnistResult {
  /** The trained network. */
  network: TernaryNetwork;
  /** Share of the first 10,000 training images that it classifies right, 0 to 1. */
  train: number;
  /** Share of the validation images, 0 to 1. */
  validation: number;
  /** Share of the test images, 0 to 1. */
  test: number;
  /** A point at the end of every epoch. */
  curve: CurvePoint[];
}

/** Part of a checkpoint beside the weights. */
interface Notes {
  curve: CurvePoint[];
  /** Losses of the steps of the present epoch. */
  losses: number[];
}

/** Factor of the outputs before softmax: ternary networks have large ones, and a soft softmax keeps all images in play. */
const TEMPERATURE = 0.3;
/** Training images on which the training accuracy is measured. */
const TRAIN_SAMPLE = 10_000;
/** Validation images on which the accuracy of an epoch is measured. */
const VALIDATION_SAMPLE = 2_000;

const architecture = architectures.mnist;
const WEIGHTS = sum(architecture.layers.map(weightCount));

/**
 * Trains a sparse ternary network on MNIST.
 * @throws {@link InvalidOption} on impossible options, on data that do not fit together, and on the checkpoint of another
 *   training; {@link CorruptFile} on a damaged checkpoint
 */
export async function trainMnist(data: Mnist, options: MnistOptions = {}): Promise<MnistResult> {
  const complete = withDefaults(options, DEFAULTS);
  const { recipe, images, checkpoint, onStep } = complete;
  for (const [name, set] of Object.entries(data)) checkSet(name, set);
  const train = images === undefined ? data.train : sliceExamples(data.train, 0, images);
  const phases = planPhases(complete);
  const trainer = await Trainer.create(architecture, complete);
  const identity = identityOf(complete, phases, trainer, train);
  const notes: Notes = { curve: [], losses: [] };
  const sample = firstOf(data.validation, VALIDATION_SAMPLE);
  const temperature = recipe === "paper" ? 1 : TEMPERATURE;
  const sparsityOf = ({ nonzeros }: { nonzeros: number }) => 100 * (1 - nonzeros / WEIGHTS);
  await runPhases({
    trainer,
    phases,
    notes,
    identity,
    checkpoint,
    lesson: () => ({
      samples: train.inputs,
      order: Int32Array.from(train.labels.keys()),
      objective: { kind: "cross-entropy", labels: train.labels, temperature },
    }),
    note(phase, report, step) {
      notes.losses.push(report.loss);
      if (!report.endsEpoch) return;
      const [loss, accuracy] = [mean(notes.losses), accuracyOf(trainer, sample)];
      notes.curve.push({ step, phase: phase.name, loss, accuracy, sparsity: sparsityOf(report) });
      notes.losses = [];
    },
    onStep: (report) =>
      onStep?.({
        ...report,
        sparsity: sparsityOf(report),
        accuracy: notes.curve.at(-1)?.accuracy ?? null,
      }),
  });
  return {
    network: networkOf(trainer, complete, phases, train.labels.length),
    train: accuracyOf(trainer, firstOf(train, TRAIN_SAMPLE)),
    validation: accuracyOf(trainer, data.validation),
    test: accuracyOf(trainer, data.test),
    curve: notes.curve,
  };
}

function planPhases({ recipe, sparsity, epochs, paperEpochs }: CompleteOptions): NamedPhase[] {
  if (recipe === "paper") return paperPhases(architecture, sparsity, paperEpochs);
  const ternary = { name: "ternary", batch: 64, rate: 1e-2, pruneUntil: 0.6, fixScalesAt: 0.8 };
  // The sparser, the longer it takes to find the weights worth keeping.
  const passes = epochs ?? (sparsity > 90 ? 10 : 6);
  return [{ ...ternary, epochs: passes, counts: layerCounts(architecture, sparsity) }];
}

/** Options and data that must be the same for a training to go on from a checkpoint. */
function identityOf(
  { recipe, sparsity, seed, shards }: CompleteOptions,
  phases: readonly NamedPhase[],
  { backend }: Trainer,
  { labels }: MnistExamples,
): Identity {
  const epochs = phases.map((phase) => phase.epochs);
  return {
    options: { task: "mnist", recipe, sparsity, seed, epochs, shards, backend, images: labels.length },
    content: { "other images": fingerprint(labels) },
  };
}

/** The ternary network of the trainer's present weights, which says how it was made. */
function networkOf(
  { model, backend }: Trainer,
  { sparsity, recipe, seed }: CompleteOptions,
  phases: readonly NamedPhase[],
  images: number,
): TernaryNetwork {
  return toTernaryNetwork(model, architecture, {
    task: "mnist",
    sparsity: `${sparsity}`,
    recipe: recipe === "paper" ? "paper: Section 4.1, Steps 1-4" : "straight-through",
    seed: `${seed}`,
    epochs: phases.map(({ epochs }) => epochs).join("+"),
    images: `${images}`,
    backend,
  });
}

/** The first `count` images of a set, or all if there are fewer. */
function firstOf(set: MnistExamples, count: number): MnistExamples {
  return sliceExamples(set, 0, Math.min(count, set.labels.length));
}

function checkSet(name: string, { inputs, labels }: MnistExamples): void {
  if (labels.length > 0 && inputs.length === labels.length * INPUT_BYTES.mnist) return;
  throw new InvalidOption(
    `${name} images: expected ${INPUT_BYTES.mnist} bytes for each of one or more labels, got ${inputs.length} bytes for ${labels.length} labels`,
  );
}

/** Share of the set's images that the trainer's present model classifies right. */
function accuracyOf({ model }: Trainer, { inputs, labels }: MnistExamples): number {
  const outputs = predict(model, architecture, inputs);
  let right = 0;
  labels.forEach((label, i) => {
    if (argmax(outputs, i * 10) === label) right++;
  });
  return right / labels.length;
}

/** The digit of the largest of the ten outputs that begin at `from`. */
function argmax(outputs: Float32Array, from: number): number {
  let best = 0;
  for (let c = 1; c < 10; c++) if (outputs[from + c] > outputs[from + best]) best = c;
  return best;
}
