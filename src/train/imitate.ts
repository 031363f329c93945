/**
 * Imitation for the car: a ternary network learns the actions that a demonstrator wants on cropped frames. A dense
 * float network learns first; its weights then become ternary and sparse under training (behaviour cloning). After
 * that the network may drive itself, and learns what the demonstrator would have done where it went (DAgger, Ross et
 * al. 2011).
 */
import { InvalidOption } from "../../env/errors.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import { architectures, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { type Demonstrations, frameCount, joinDemonstrations } from "../data/demonstrations.ts";
import { toTernaryNetwork } from "./model.ts";
import { layerCounts } from "./sparsify.ts";
import { toShared } from "./threads.ts";
import { type Phase, type StepReport, Trainer } from "./trainer.ts";

export interface CarOptions {
  /** Share of zero weights, percent from 0 up to 100. Default 90. */
  sparsity?: number;
  /** Seed of the first weights and of the order of the frames. Default 1. */
  seed?: number;
  /** Passes over the frames by the dense network. Default 4. */
  denseEpochs?: number;
  /** Passes over the frames while the network becomes sparse and ternary. Default 10. */
  ternaryEpochs?: number;
  /** DAgger rounds after that. Default 0; more need `collect`. */
  rounds?: number;
  /** Passes over all frames gathered so far, in each round. Default 2. */
  roundEpochs?: number;
  /** Lets the network drive and gives the frames it saw, labelled; `round` counts from 1. */
  collect?: (network: TernaryNetwork, round: number) => Demonstrations | Promise<Demonstrations>;
  /** Samples a step. Default 64. */
  batch?: number;
  /** Threads that share the work; results differ in their last bits with the number. Default 1. */
  threads?: number;
  onStep?: (report: CarReport) => void | Promise<void>;
}

export interface CarReport extends StepReport {
  /** "dense", "ternary", "round 1", … */
  phase: string;
  /** Share of the whole training done, 0 to 1, in passes over the frames. */
  progress: number;
}

export interface CarResult {
  network: TernaryNetwork;
  /** Loss of every step, phase after phase. */
  curve: { phase: string; losses: number[] }[];
}

/** Learning rate of the DAgger rounds: gentle, for what is learnt already. */
const ROUND_RATE = 3e-4;

/** Trains a sparse ternary car network on demonstrations. */
export async function trainCar(
  demonstrations: Demonstrations,
  {
    sparsity = 90,
    seed = 1,
    denseEpochs = 4,
    ternaryEpochs = 10,
    rounds = 0,
    roundEpochs = 2,
    batch = 64,
    threads = 1,
    collect,
    onStep,
  }: CarOptions = {},
): Promise<CarResult> {
  checkDemonstrations(demonstrations);
  if (rounds > 0 && !collect)
    throw new InvalidOption("DAgger rounds need `collect`, which drives the network");
  const architecture = architectures.car;
  const counts = layerCounts(architecture, sparsity);
  const trainer = await Trainer.create(architecture, { seed, threads });
  // Shared once here, so that not every phase copies the frames.
  const shareable = (set: Demonstrations) => (threads > 1 ? { ...set, inputs: toShared(set.inputs) } : set);
  let data = shareable(demonstrations);
  const curve: CarResult["curve"] = [];
  const epochs = denseEpochs + ternaryEpochs + rounds * roundEpochs;
  let epochsDone = 0;

  const run = async (name: string, phase: Phase) => {
    const losses: number[] = [];
    const order = Int32Array.from({ length: frameCount(data) }, (_, i) => i);
    await trainer.run(
      phase,
      data.inputs,
      order,
      { kind: "driving", targets: data.targets },
      async (report) => {
        losses.push(report.loss);
        const progress = (epochsDone + (phase.epochs * report.step) / report.steps) / epochs;
        await onStep?.({ ...report, phase: name, progress });
      },
    );
    curve.push({ phase: name, losses });
    epochsDone += phase.epochs;
  };
  const network = () =>
    toTernaryNetwork(trainer.model, architecture, {
      task: "car",
      sparsity: `${sparsity}`,
      recipe: `straight-through imitation: ${denseEpochs} dense epochs, ${ternaryEpochs} ternary, ${rounds} rounds`,
      seed: `${seed}`,
      frames: `${frameCount(data)}`,
    });

  const dense = { batch, rate: 1e-3, counts: null, pruneUntil: 0, fixScalesAt: 0 };
  await run("dense", { ...dense, epochs: denseEpochs });
  await run("ternary", { ...dense, epochs: ternaryEpochs, counts, pruneUntil: 0.45, fixScalesAt: 0.7 });
  for (let round = 1; round <= rounds; round++) {
    const fresh = await collect!(network(), round);
    checkDemonstrations(fresh);
    data = shareable(joinDemonstrations([data, fresh]));
    await run(`round ${round}`, { ...dense, epochs: roundEpochs, rate: ROUND_RATE, counts });
  }
  return { network: network(), curve };
}

function checkDemonstrations({ inputs, targets }: Demonstrations): void {
  const frames = targets.length / 3;
  if (frames < 1 || inputs.length !== frames * CROP_BYTES) {
    throw new InvalidOption(
      `demonstrations: expected ${CROP_BYTES} bytes and 3 targets a frame, got ${inputs.length} bytes and ${targets.length} targets`,
    );
  }
}
