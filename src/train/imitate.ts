/**
 * Imitation for the car: a ternary network learns the actions that a demonstrator wants on cropped frames. A dense
 * float network learns first; its weights then become ternary and sparse under training (behaviour cloning). After
 * that the network may drive itself, and learns the demonstrator's actions on the frames that it saw (DAgger, Ross et
 * al. 2011).
 */
import { InvalidOption } from "../../env/errors.ts";
import { architectures, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { fingerprint, type Identity } from "../data/checkpoint.ts";
import { type WithDefaults, withDefaults } from "../data/defaults.ts";
import { type DemonstrationSource, FrameStore } from "../data/frame-store-node.ts";
import { layerCounts } from "../data/layer-counts.ts";
import { toTernaryNetwork } from "./model.ts";
import { type PaperEpochs, paperPhases, type Recipe } from "./paper-recipe.ts";
import { type NamedPhase, type PhaseReport, runPhases } from "./phases.ts";
import { type ComputeOptions, Trainer } from "./trainer.ts";

/** Options of `trainCar`. */
export interface CarOptions extends ComputeOptions {
  /** Share of zero weights, percent from 0 up to, but not including, 100. Default: 90. */
  sparsity?: number | undefined;
  /** "default": the phases of this file. "paper": Steps 1 to 4 of the paper, without rounds. Default: "default". */
  recipe?: Recipe | undefined;
  /** Passes over the frames in the steps of the paper's recipe. Default: those of `paperPhases`. */
  paperEpochs?: Partial<PaperEpochs> | undefined;
  /** Seed of the first weights and of the order of the frames. Default: 1. */
  seed?: number | undefined;
  /** Passes over the frames by the dense network. Default: 3. */
  denseEpochs?: number | undefined;
  /** Passes over the frames while the network becomes sparse and ternary. Default: 8. */
  ternaryEpochs?: number | undefined;
  /** DAgger rounds after that; they need `collect`. Default: 0. */
  rounds?: number | undefined;
  /** Passes over all frames gathered so far, in each round. Default: 2. */
  roundEpochs?: number | undefined;
  /** Passes over all frames once the rounds are over: the sparser the network, the longer it needs. Default: 0. */
  finalEpochs?: number | undefined;
  /** Samples a step, from 1 up. Default: 32; for the same time, more steps teach more than larger ones. */
  batch?: number | undefined;
  /** File to keep the frames in, so that they may be more than memory holds. The caller removes it. Default: memory. */
  frames?: string | undefined;
  /**
   * Options that `collect` and `validate` depend on, plain JSON: a checkpoint of a training with others is refused.
   * Default: nothing.
   */
  driving?: object | undefined;
  /**
   * Lets the network drive and returns the frames that it saw, labelled. Called once a round, and for earlier rounds
   * again after an interruption.
   * @param round from 1 up
   */
  collect?: (network: TernaryNetwork, round: number) => DemonstrationSource | Promise<DemonstrationSource>;
  /**
   * Scores the network at the end of every phase that ends with a ternary one; the network with the highest score is the
   * result. Score on tracks that are neither learnt from nor reported on. Default: the last network is the result.
   */
  validate?: (network: TernaryNetwork, phase: string) => number | Promise<number>;
  /**
   * File of the training's checkpoint: if it is there, the training goes on from it. The caller removes it at the end.
   * Default: none.
   */
  checkpoint?: string | undefined;
  /** Called after every step; a promise is awaited. */
  onStep?: (report: CarReport) => void | Promise<void>;
}

const DEFAULTS = {
  sparsity: 90,
  recipe: "default",
  seed: 1,
  denseEpochs: 3,
  ternaryEpochs: 8,
  rounds: 0,
  roundEpochs: 2,
  finalEpochs: 0,
  batch: 32,
} as const satisfies CarOptions;

type CompleteOptions = WithDefaults<CarOptions, typeof DEFAULTS>;

/** Report of one step; the phases are "dense", "ternary", "round 1", …, "final", or those of the paper's recipe. */
export type CarReport = PhaseReport;

/** Result of a training of the car. */
export interface CarResult {
  /** The network with the highest validation score, or the last one. */
  network: TernaryNetwork;
  /** Loss of every step, phase after phase. */
  curve: { phase: string; losses: number[] }[];
  /** Validation score after each scored phase. */
  scores: PhaseScore[];
}

/** Validation score of a network. */
export interface PhaseScore {
  /** Name of the phase that ended with the network. */
  phase: string;
  /** The score that `validate` returned. */
  score: number;
}

/** A phase with its DAgger round and its validation. */
interface PlannedPhase extends NamedPhase {
  /** DAgger round, from 1 up, before which the network drives; 0: it does not drive. */
  round: number;
  /** True if the phase ends with a ternary network, which is then validated. */
  isScored: boolean;
}

/** Part of a checkpoint beside the weights. */
interface Notes extends Pick<CarResult, "curve" | "scores"> {
  /** The network that drove in each DAgger round. */
  drivers: TernaryNetwork[];
  /** The network with the highest score so far. */
  best: { network: TernaryNetwork; score: number } | null;
}

/** The phases of the default recipe, except for their lengths. A round begins as sparse as it ends. */
const DENSE = { rate: 1e-3, counts: null, pruneUntil: 0, fixScalesAt: 0 };
const TERNARY = { rate: 1e-3, pruneUntil: 0.45, fixScalesAt: 0.7 };
const ROUND = { rate: 1e-3, pruneUntil: 0, fixScalesAt: 0 };

const architecture = architectures.car;

/**
 * Trains a sparse ternary car network on demonstrations.
 * @throws {@link InvalidOption} on bad options, without demonstrations, and on the checkpoint of another training;
 *   {@link CorruptFile} on a damaged checkpoint
 */
export async function trainCar(
  demonstrations: DemonstrationSource,
  options: CarOptions = {},
): Promise<CarResult> {
  const complete = withDefaults(options, DEFAULTS);
  const { checkpoint, collect, validate, onStep } = complete;
  const phases = planPhases(complete);
  const data = new FrameStore(complete.frames);
  await data.add(demonstrations);
  if (data.count === 0) throw new InvalidOption("demonstrations: expected at least one frame, got none");
  const trainer = await Trainer.create(architecture, complete);
  const identity = identityOf(complete, trainer, data.targets);
  const notes: Notes = { curve: [], drivers: [], scores: [], best: null };
  const network = () => networkOf(trainer, complete, phases, data.count);
  await runPhases({
    trainer,
    phases,
    notes,
    identity,
    checkpoint,
    async prepare({ round }) {
      if (round === 0) return;
      // After an interruption the frames of earlier rounds are driven again, by the networks that drove them.
      const driver = (notes.drivers[round - 1] ??= network());
      await data.add(await collect!(driver, round));
    },
    begin: ({ name }) => notes.curve.push({ phase: name, losses: [] }),
    lesson: () => ({
      samples: data.samples,
      order: Int32Array.from({ length: data.count }, (_, i) => i),
      objective: { kind: "driving", targets: data.targets },
    }),
    note: (_, { loss }) => notes.curve.at(-1)!.losses.push(loss),
    async end({ name, isScored }) {
      if (!validate || !isScored) return;
      const candidate = network();
      const score = await validate(candidate, name);
      notes.scores.push({ phase: name, score });
      if (!notes.best || score > notes.best.score) notes.best = { network: candidate, score };
    },
    onStep,
  });
  const { best, curve, scores } = notes;
  return { network: best?.network ?? network(), curve, scores };
}

/** All phases of a training. @throws {@link InvalidOption} on options that do not fit together */
function planPhases(options: CompleteOptions): PlannedPhase[] {
  const { sparsity, recipe, denseEpochs, ternaryEpochs, rounds, roundEpochs, finalEpochs, batch } = options;
  if (rounds > 0 && recipe === "paper")
    throw new InvalidOption(`rounds: expected 0 with the paper's recipe, got ${rounds}`);
  if (rounds > 0 && !options.collect)
    throw new InvalidOption(
      `rounds: expected 0 without \`collect\`, which drives the network, got ${rounds}`,
    );
  const counts = layerCounts(architecture, sparsity);
  const usual = { round: 0, batch, isScored: true };
  const phases: PlannedPhase[] =
    recipe === "paper"
      ? paperPhases(architecture, sparsity, options.paperEpochs, batch).map((phase) => ({
          ...usual,
          ...phase,
          isScored: phase.atEpochEnds?.binary === true,
        }))
      : [
          { ...DENSE, ...usual, name: "dense", epochs: denseEpochs, isScored: false },
          { ...TERNARY, ...usual, name: "ternary", epochs: ternaryEpochs, counts },
        ];
  for (let round = 1; round <= rounds; round++)
    phases.push({ ...ROUND, ...usual, name: `round ${round}`, round, epochs: roundEpochs, counts });
  if (finalEpochs > 0) phases.push({ ...ROUND, ...usual, name: "final", epochs: finalEpochs, counts });
  return phases;
}

/** Options and data that must be the same for a training to go on from a checkpoint. */
function identityOf(options: CompleteOptions, { backend }: Trainer, targets: Float32Array): Identity {
  const { sparsity, recipe, paperEpochs, seed, denseEpochs, ternaryEpochs, rounds, roundEpochs } = options;
  const { finalEpochs, batch, shards, driving } = options;
  return {
    options: {
      ...{
        task: "car",
        sparsity,
        recipe,
        ...paperEpochs,
        seed,
        denseEpochs,
        ternaryEpochs,
        rounds,
        roundEpochs,
      },
      ...{ finalEpochs, batch, shards, backend, ...driving },
    },
    content: { "other demonstrations": fingerprint(targets) },
  };
}

/** The ternary network of the trainer's present weights, which says how it was made. */
function networkOf(
  { model }: Trainer,
  { sparsity, recipe, seed }: CompleteOptions,
  phases: readonly PlannedPhase[],
  frames: number,
): TernaryNetwork {
  return toTernaryNetwork(model, architecture, {
    task: "car",
    sparsity: `${sparsity}`,
    recipe: recipe === "paper" ? "paper" : "straight-through",
    epochs: phases.map(({ name, epochs }) => `${name}: ${epochs}`).join(", "),
    seed: `${seed}`,
    frames: `${frames}`,
  });
}
