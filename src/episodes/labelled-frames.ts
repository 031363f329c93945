/**
 * Where the car's training frames come from: the teacher with an unsteady hand for a start, then the network itself,
 * with the teacher saying on every frame what it would have done, and helping where the network is lost (DAgger).
 */
import { type Env, make } from "../../env/index.ts";
import { SupervisedPolicy } from "../../policies/expert/supervised.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { NoisyPolicy } from "../../policies/noisy.ts";
import type { Policy } from "../../policies/policy.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { type Demonstrations, framesOfDrive, joinDemonstrations } from "../data/demonstrations.ts";

export interface DriveOptions {
  /** One episode on each of these seeds. */
  seeds: readonly number[];
  /** Standard deviation of the noise on the controls (see NoisyPolicy). Default 0.3 for the teacher, 0.1 for a network. */
  noise?: number | undefined;
  /** Speed of the teacher, who labels (see TeacherPolicy). Default: the teacher's. */
  pace?: number | undefined;
  /** Whether episodes start anywhere on the track, not only at the start line. Default false. */
  randomStart?: boolean | undefined;
  /** How many times a frame of a slow car is taken. Default 1. More teach a network not to stop at a hairpin for ever. */
  slowCopies?: number | undefined;
  /** Called after every episode with its seed and driving reward. */
  onEpisode?: (seed: number, reward: number) => void;
}

export interface NetworkDriveOptions extends DriveOptions {
  /** Share of the time, 0 to 1, that the teacher drives in the network's place. Default 0. */
  teacherShare?: number | undefined;
}

/** Frames of drives by the teacher, its hand unsteady, labelled with what a steady one would do. */
export function expertFrames({ noise = 0.3, ...options }: DriveOptions): Promise<Demonstrations> {
  return labelledDrives(new TeacherPolicy(options), { ...options, noise });
}

/** Frames of drives by a network, labelled by the teacher, who also brings it back where it is lost. */
export async function networkFrames(
  network: TernaryNetwork,
  { noise = 0.1, teacherShare, ...options }: NetworkDriveOptions,
): Promise<Demonstrations> {
  const learner = await TernaryPolicy.create(network);
  const driver = new SupervisedPolicy(learner, new TeacherPolicy(options), { teacherShare });
  return labelledDrives(driver, { ...options, noise });
}

/** Units from the racing line beyond which a frame hardly shows the road, which is 13.3 wide. */
const FARTHEST = 20;
/** A car is slow below this speed, units a second: at the start, in the tightest hairpins, and where it has stopped. */
const SLOW = 15;

async function labelledDrives(
  driver: Policy<Uint8Array>,
  { seeds, noise, pace, randomStart, slowCopies = 1, onEpisode }: DriveOptions,
): Promise<Demonstrations> {
  const env = (await make("CarRacing-v3", { randomStart })) as Env<unknown, unknown> as Env<
    Uint8Array,
    Float32Array
  >;
  const teacher = new TeacherPolicy({ pace });
  const drives: Demonstrations[] = [];
  for (const seed of seeds) {
    const drive = framesOfDrive(new NoisyPolicy(driver, { noise }), env, {
      seed,
      teacher,
      copies: () => {
        const { distance, speed } = teacher.label();
        return distance > FARTHEST ? 0 : speed < SLOW ? slowCopies : 1;
      },
    });
    drives.push(drive);
    onEpisode?.(seed, drive.reward);
  }
  env.close();
  return joinDemonstrations(drives);
}
