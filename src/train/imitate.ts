/**
 * Imitation for the car: a ternary network learns the actions that a demonstrator wants on cropped frames. A dense
 * float network learns first; its weights then become ternary and sparse under training (behaviour cloning). After
 * that the network may drive itself, and learns what the demonstrator would have done where it went (DAgger, Ross et
 * al. 2011).
 */
import { InvalidOption } from "../../env/errors.ts";
import { architectures, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { type DemonstrationSource, FrameStore } from "../data/frame-store.ts";
import { layerCounts } from "../data/layer-counts.ts";
import type { BackendName } from "./backend.ts";
import { CHECKPOINT_STEPS, fingerprint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { toTernaryNetwork } from "./model.ts";
import { type NamedPhase, type PaperEpochs, paperPhases, type Recipe } from "./paper-recipe.ts";
import { type StepReport, Trainer, type TrainerState } from "./trainer.ts";

export interface CarOptions {
  /** Share of zero weights, percent from 0 up to 100. Default 90. */
  sparsity?: number;
  /** Default "default": the phases below. "paper": its Steps 1 to 4, without rounds. */
  recipe?: Recipe;
  /** Passes over the frames in the steps of the paper's recipe. */
  paperEpochs?: Partial<PaperEpochs>;
  /** Seed of the first weights and of the order of the frames. Default 1. */
  seed?: number;
  /** Passes over the frames by the dense network. Default 3. */
  denseEpochs?: number | undefined;
  /** Passes over the frames while the network becomes sparse and ternary. Default 8. */
  ternaryEpochs?: number | undefined;
  /** DAgger rounds after that. Default 0; more need `collect`. */
  rounds?: number;
  /** Passes over all frames gathered so far, in each round. Default 2. */
  roundEpochs?: number | undefined;
  /** File to keep the frames in, which then may be more than memory holds. The caller removes it at the end. */
  frames?: string | undefined;
  /** What `collect` and `validate` depend on: a checkpoint of a training with another one is refused. */
  driving?: object;
  /** Passes over all frames once the rounds are over: the sparser the network, the longer it needs. Default 0. */
  finalEpochs?: number | undefined;
  /** Lets the network drive and gives the frames it saw, labelled; `round` counts from 1. */
  collect?: (network: TernaryNetwork, round: number) => DemonstrationSource | Promise<DemonstrationSource>;
  /**
   * Scores the network at the end of every phase, the dense one apart; the one with the highest score is the result.
   * Score on tracks that are neither learnt from nor reported on. Default: the last network is the result.
   */
  validate?: (network: TernaryNetwork, phase: string) => number | Promise<number>;
  /** Samples a step. Default 32: for the same time, more steps teach more than larger ones. */
  batch?: number;
  /** Threads that share the work; the result is the same for any number. Default 1. */
  threads?: number;
  /** Parts that a batch is cut into: at most so many threads are of use. Results differ in their last bits. Default 2. */
  shards?: number | undefined;
  /** What to compute on. Default: the fastest that loads. */
  backend?: BackendName | "auto";
  /** File that says where the training stands; one that is there is gone on from. The caller removes it at the end. */
  checkpoint?: string;
  onStep?: (report: CarReport) => void | Promise<void>;
}

export interface CarReport extends StepReport {
  /** "dense", "ternary", "round 1", …, "final" */
  phase: string;
  /** Share of the whole training done, 0 to 1, in passes over the frames. */
  progress: number;
}

export interface CarResult {
  network: TernaryNetwork;
  /** Loss of every step, phase after phase. */
  curve: { phase: string; losses: number[] }[];
  /** What `validate` said, phase after phase. */
  scores: PhaseScore[];
}

export interface PhaseScore {
  phase: string;
  score: number;
}

/** The phases but for their lengths. */
const DENSE = { rate: 1e-3, counts: null, pruneUntil: 0, fixScalesAt: 0 };
const TERNARY = { rate: 1e-3, pruneUntil: 0.45, fixScalesAt: 0.7 };
/** As sparse as it is already. */
const ROUND = { rate: 1e-3, pruneUntil: 0, fixScalesAt: 0 };

/** Trains a sparse ternary car network on demonstrations. */
export async function trainCar(
  demonstrations: DemonstrationSource,
  {
    sparsity = 90,
    recipe = "default",
    paperEpochs,
    seed = 1,
    denseEpochs = 3,
    ternaryEpochs = 8,
    rounds = 0,
    roundEpochs = 2,
    finalEpochs = 0,
    batch = 32,
    threads = 1,
    shards,
    backend,
    checkpoint,
    frames,
    driving,
    collect,
    validate,
    onStep,
  }: CarOptions = {},
): Promise<CarResult> {
  if (rounds > 0 && recipe === "paper")
    throw new InvalidOption("the paper's recipe has no DAgger rounds: expected rounds 0");
  if (rounds > 0 && !collect)
    throw new InvalidOption("DAgger rounds need `collect`, which drives the network");
  const architecture = architectures.car;
  const counts = layerCounts(architecture, sparsity);
  const rest = { round: 0, batch, scored: true };
  const plan: PlannedPhase[] =
    recipe === "paper"
      ? paperPhases(architecture, sparsity, paperEpochs, batch).map((phase) => ({
          ...{ ...phase, ...rest },
          scored: phase.atEpochEnds?.binary === true,
        }))
      : [
          { ...DENSE, ...rest, name: "dense", epochs: denseEpochs, scored: false },
          { ...TERNARY, ...rest, name: "ternary", epochs: ternaryEpochs, counts },
        ];
  for (let round = 1; round <= rounds; round++) {
    plan.push({ ...ROUND, ...rest, name: `round ${round}`, round, epochs: roundEpochs, counts });
  }
  if (finalEpochs > 0) plan.push({ ...ROUND, ...rest, name: "final", epochs: finalEpochs, counts });
  const epochs = plan.reduce((sum, phase) => sum + phase.epochs, 0);

  const data = new FrameStore(frames);
  await data.add(demonstrations);
  if (data.count === 0) throw new InvalidOption("there are no demonstrations to learn from");
  const trainer = await Trainer.create(architecture, { seed, threads, shards, backend });
  const what = JSON.stringify({
    ...{
      task: "car",
      recipe,
      sparsity,
      seed,
      paperEpochs,
      denseEpochs,
      ternaryEpochs,
      rounds,
      roundEpochs,
      finalEpochs,
      batch,
      shards,
      driving,
    },
    data: fingerprint(data.targets),
  });
  const saved = checkpoint === undefined ? null : loadCheckpoint<Progress>(checkpoint, what);
  const { curve, drivers, scores }: Progress = saved ?? {
    phase: 0,
    curve: [],
    drivers: [],
    scores: [],
    best: null,
    trainer: null,
  };
  let best = saved?.best ?? null;

  const network = () =>
    toTernaryNetwork(trainer.model, architecture, {
      task: "car",
      sparsity: `${sparsity}`,
      recipe: recipe === "paper" ? "paper" : "straight-through",
      epochs: plan.map(({ name, epochs }) => `${name}: ${epochs}`).join(", "),
      seed: `${seed}`,
      frames: `${data.count}`,
    });

  let epochsDone = 0;
  for (const [index, phase] of plan.entries()) {
    if (phase.round > 0) {
      // After an interruption the frames of earlier rounds are driven again, by the networks that drove them.
      const driver = (drivers[phase.round - 1] ??= network());
      await data.add(await collect!(driver, phase.round));
    }
    if (index >= (saved?.phase ?? 0)) {
      const from = index === saved?.phase ? saved.trainer : null;
      if (!from) curve.push({ phase: phase.name, losses: [] });
      const { losses } = curve[index];
      const order = Int32Array.from({ length: data.count }, (_, i) => i);
      const objective = { kind: "driving", targets: data.targets } as const;
      const onTrainerStep = async (report: StepReport) => {
        losses.push(report.loss);
        if (checkpoint !== undefined && report.step % CHECKPOINT_STEPS === 0) {
          const progress: Progress = { phase: index, curve, drivers, scores, best, trainer: trainer.state() };
          saveCheckpoint(checkpoint, what, progress);
        }
        const progress = (epochsDone + (phase.epochs * report.step) / report.steps) / epochs;
        await onStep?.({ ...report, phase: phase.name, progress });
      };
      await trainer.run(phase, data.samples, order, objective, onTrainerStep, from ?? undefined);
      if (validate && phase.scored) {
        const candidate = network();
        const score = await validate(candidate, phase.name);
        scores.push({ phase: phase.name, score });
        if (!best || score > best.score) best = { network: candidate, score };
      }
    }
    epochsDone += phase.epochs;
  }
  return { network: best?.network ?? network(), curve, scores };
}

interface PlannedPhase extends NamedPhase {
  /** DAgger round, from 1, before which the network drives; 0: it does not. */
  round: number;
  /** Whether the network is ternary at its end, and so is validated. */
  scored: boolean;
}

/** What a checkpoint holds. */
interface Progress {
  /** Index of the phase that runs. */
  phase: number;
  curve: CarResult["curve"];
  /** The network that drove in each DAgger round. */
  drivers: TernaryNetwork[];
  scores: PhaseScore[];
  /** The network with the highest score so far. */
  best: { network: TernaryNetwork; score: number } | null;
  trainer: TrainerState | null;
}
