/**
 * A training in phases, one after another, that goes on from a checkpoint to the same result. A checkpoint is written
 * every `CHECKPOINT_STEPS` steps and at the end of every phase. Curve, scores and the best network so
 * far are the `notes` of a training: a plain record that the checkpoint holds beside the weights.
 */
import type { Identity } from "../data/checkpoint.ts";
import { CheckpointFile } from "../data/checkpoint-node.ts";
import type { Samples } from "../data/samples-node.ts";
import { sum } from "../data/statistics.ts";
import type { Objective } from "./losses.ts";
import type { Phase, StepReport, Trainer, TrainerState } from "./trainer.ts";

/** Steps from one checkpoint to the next: some five seconds, and less than a hundredth of them is spent on writing it. */
export const CHECKPOINT_STEPS = 100;

/** A phase with a name for people. */
export interface NamedPhase extends Phase {
  /** "dense", "ternary", "round 1", … */
  name: string;
}

/** Report of one step of a training in phases. */
export interface PhaseReport extends StepReport {
  /** Name of the phase. */
  phase: string;
  /** Share of the whole training done, 0 to 1, in passes over the samples. */
  progress: number;
}

/** Samples of a phase, with the loss on them. */
export interface Lesson {
  /** All samples. */
  samples: Samples;
  /** Indices of the samples of an epoch. */
  order: Int32Array;
  /** The loss, with the answer wanted on each sample. */
  objective: Objective;
}

/** State of a training in phases, as checkpoints hold it. */
export interface PhasedState<Notes> {
  /** Index of the phase that runs or, between phases, of the next one. */
  phase: number;
  /** False between two phases and after the last one. */
  isRunning: boolean;
  /** Steps so far, through all phases. */
  steps: number;
  /** Notes of the training. */
  notes: Notes;
  /** State of the trainer. */
  trainer: TrainerState;
}

/** A training in phases, for `runPhases`. */
export interface PhasedTraining<P extends NamedPhase, Notes extends object> {
  /** Trains the network. */
  trainer: Trainer;
  /** All phases, in order. */
  phases: readonly P[];
  /** Options and data that must be the same for the training to go on from a checkpoint. */
  identity: Identity;
  /** File of the checkpoint. Default: none is read or written. */
  checkpoint?: string | undefined;
  /** Changed by the functions below, and restored from the checkpoint before any of them is called. */
  notes: Notes;
  /** Gets samples for a phase. Called for all phases in order, for those that lie before the checkpoint too. */
  prepare?(phase: P): Promise<void>;
  /** Returns the samples of the present phase. */
  lesson(): Lesson;
  /** Called when a phase begins, but not when it goes on from a checkpoint. */
  begin?(phase: P): void;
  /** Takes notes of a step. @param steps number of steps so far, through all phases */
  note(phase: P, report: StepReport, steps: number): void;
  /** Called at the end of a phase. */
  end?(phase: P): Promise<void>;
  /** Called after a step, when its notes are taken and its checkpoint is written. */
  onStep?: ((report: PhaseReport) => void | Promise<void>) | undefined;
}

/**
 * Runs all phases, or those that a checkpoint leaves to be done.
 * @throws {@link InvalidOption} on the checkpoint of another training; {@link CorruptFile} on a damaged checkpoint
 */
export async function runPhases<P extends NamedPhase, Notes extends object>(
  training: PhasedTraining<P, Notes>,
): Promise<void> {
  const { trainer, phases, notes, identity } = training;
  const checkpoint = new CheckpointFile<PhasedState<Notes>>("training", identity, training.checkpoint);
  const saved = checkpoint.load();
  if (saved) Object.assign(notes, saved.notes);
  const first = saved?.phase ?? 0;
  if (saved && !saved.isRunning) trainer.restore(saved.trainer, phases[first - 1]);
  let steps = saved?.steps ?? 0;
  const save = (phase: number, isRunning: boolean) =>
    checkpoint.save(() => ({ phase, isRunning, steps, notes, trainer: trainer.state() }));
  const allEpochs = sum(phases.map(({ epochs }) => epochs));
  let epochs = 0;
  for (const [index, phase] of phases.entries()) {
    await training.prepare?.(phase);
    if (index >= first) {
      const from = saved?.isRunning && index === first ? saved.trainer : undefined;
      if (!from) training.begin?.(phase);
      const { samples, order, objective } = training.lesson();
      const onStep = async (report: StepReport) => {
        steps++;
        training.note(phase, report, steps);
        if (steps % CHECKPOINT_STEPS === 0) save(index, true);
        const progress = (epochs + (phase.epochs * report.step) / report.steps) / allEpochs;
        await training.onStep?.({ ...report, phase: phase.name, progress });
      };
      await trainer.run(phase, samples, order, objective, onStep, from);
      await training.end?.(phase);
      save(index + 1, false);
    }
    epochs += phase.epochs;
  }
}
