/**
 * Frames that a teacher labels while a driver drives. The teacher with an unsteady hand gives the first frames; later
 * the network itself drives, the teacher labels every frame with the action that it would take, and brings the car back where
 * the network is lost (DAgger, Ross et al. 2011).
 */
import type { CarAction } from "../../env/car-racing/car-racing.ts";
import { type Env, make } from "../../env/index.ts";
import { SupervisedPolicy } from "../../policies/expert/supervised.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { NoisyPolicy } from "../../policies/noisy.ts";
import type { Policy } from "../../policies/policy.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { type CarExamples, joinExamples, NO_FRAMES } from "../data/examples.ts";
import { FrameCollector } from "../data/frame-collector.ts";
import type { FrameOptions } from "../data/recorded-frames.ts";
import { runEpisode } from "./evaluate.ts";
import { asPolicy, type PolicyOrFunction } from "./steps.ts";

/** Options of `labelEpisode`. */
export interface LabelOptions extends Omit<FrameOptions, "teacher"> {
  /** Labels every kept frame with the action that it would take in that state. */
  teacher: Policy<unknown>;
  /** Track of the episode. */
  seed: number;
  /** Returns how often the present frame is kept, from 0 up; called in the state that the frame shows. Default: once. */
  copies?: () => number;
}

/** Frames of one episode and what the driver earned on it. */
export interface LabelledEpisode {
  /** The kept frames with the teacher's actions. */
  examples: CarExamples;
  /** Driving reward of the episode. */
  reward: number;
}

/**
 * Drives one episode with `policy`, while a teacher labels its frames.
 * @param env CarRacing-v3, or another environment with its frames and actions
 */
export function labelEpisode(
  policy: PolicyOrFunction<Uint8Array, CarAction>,
  env: Env<Uint8Array, CarAction>,
  { every = 2, teacher, seed, copies = () => 1 }: LabelOptions,
): LabelledEpisode {
  const driver = asPolicy(policy);
  const collector = new FrameCollector();
  let step = 0;
  const labelling: Policy<Uint8Array, CarAction> = {
    name: driver.name,
    reset(...state) {
      driver.reset(...state);
      teacher.reset(...state);
    },
    act(observation) {
      if (step++ % every === 0)
        for (let left = copies(); left > 0; left--) collector.add(observation, teacher.act(observation));
      return driver.act(observation);
    },
  };
  const { reward } = runEpisode(env, labelling, seed);
  return { examples: collector.examples(), reward };
}

/** Options of `teacherFrames`. */
export interface DrivenFrameOptions {
  /** One episode on each of these seeds. */
  seeds: readonly number[];
  /** Standard deviation of the noise on the controls (see NoisyPolicy). Default: 0.3 for the teacher, 0.1 for a network. */
  noise?: number | undefined;
  /** Speed cap of the teacher that labels, units a second (see TeacherPolicy). Default: the teacher's own. */
  pace?: number | undefined;
  /** True if episodes start anywhere on the track, not only at the start line. Default: false. */
  randomStart?: boolean | undefined;
  /** Times that a frame of a slow car is kept. More of them teach a network not to stop at a hairpin. Default: 1. */
  slowCopies?: number | undefined;
  /** Called after every episode with its seed and driving reward. */
  onEpisode?: (seed: number, reward: number) => void;
}

/** Options of `networkFrames`. */
export interface NetworkFrameOptions extends DrivenFrameOptions {
  /** Share of the time, 0 to 1, that the teacher drives in the network's place. Default: 0. */
  teacherShare?: number | undefined;
}

/** Frames of episodes that the teacher drives with an unsteady hand, labelled with its steady actions. */
export function teacherFrames({ noise = 0.3, ...options }: DrivenFrameOptions): Promise<CarExamples> {
  return drivenFrames(new TeacherPolicy(options), { ...options, noise });
}

/**
 * Frames of episodes that a network drives, labelled by the teacher, which also brings the car back where the network is
 * lost.
 */
export async function networkFrames(
  network: TernaryNetwork,
  { noise = 0.1, teacherShare, ...options }: NetworkFrameOptions,
): Promise<CarExamples> {
  const learner = await TernaryPolicy.create(network);
  const driver = new SupervisedPolicy(learner, new TeacherPolicy(options), { teacherShare });
  return drivenFrames(driver, { ...options, noise });
}

/** Distance from the racing line, units, beyond which a frame hardly shows the road, which is 13.3 wide. */
const FARTHEST = 20;
/** A car is slow below this speed, units a second: at the start, in the tightest hairpins, and where it has stopped. */
const SLOW = 15;

async function drivenFrames(
  driver: Policy<Uint8Array>,
  { seeds, noise, pace, randomStart, slowCopies = 1, onEpisode }: DrivenFrameOptions,
): Promise<CarExamples> {
  const env = await make("CarRacing-v3", { randomStart });
  const teacher = new TeacherPolicy({ pace });
  const sets: CarExamples[] = [];
  for (const seed of seeds) {
    const { examples, reward } = labelEpisode(new NoisyPolicy(driver, { noise }), env, {
      seed,
      teacher,
      copies: () => {
        const { distance, speed } = teacher.label();
        return distance > FARTHEST ? 0 : speed < SLOW ? slowCopies : 1;
      },
    });
    sets.push(examples);
    onEpisode?.(seed, reward);
  }
  env.close();
  return joinExamples([NO_FRAMES, ...sets]);
}
