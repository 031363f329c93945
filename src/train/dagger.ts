/**
 * Where the car's training frames come from: the teacher with an unsteady hand for a start, then the network itself,
 * with the teacher saying on every frame what it would have done (DAgger).
 */
import { type Env, make } from "../../env/index.ts";
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
  noise?: number;
  /** Greatest speed of the teacher, who labels, units a second. Default 80. */
  pace?: number;
  /** Called after every episode with its seed and driving reward. */
  onEpisode?: (seed: number, reward: number) => void;
}

/** Frames of drives by the teacher, its hand unsteady, labelled with what a steady one would do. */
export async function expertFrames(options: DriveOptions): Promise<Demonstrations> {
  const driver = new TeacherPolicy({ pace: options.pace ?? 80 });
  return labelledDrives(driver, { ...options, noise: options.noise ?? 0.3 });
}

/** Frames of drives by a network, labelled by the teacher. Frames far off the racing line are left out. */
export async function networkFrames(network: TernaryNetwork, options: DriveOptions): Promise<Demonstrations> {
  return labelledDrives(await TernaryPolicy.create(network), { ...options, noise: options.noise ?? 0.1 });
}

/** Units from the racing line beyond which the teacher's answer is of no use: the road is 13.3 wide. */
const FARTHEST = 12;

async function labelledDrives(
  driver: Policy<Uint8Array>,
  { seeds, noise, pace = 80, onEpisode }: DriveOptions,
): Promise<Demonstrations> {
  const env = (await make("CarRacing-v3")) as Env<unknown, unknown> as Env<Uint8Array, Float32Array>;
  const teacher = new TeacherPolicy({ pace });
  const drives: Demonstrations[] = [];
  for (const seed of seeds) {
    const drive = framesOfDrive(new NoisyPolicy(driver, { noise }), env, {
      seed,
      teacher,
      keep: () => teacher.label().distance < FARTHEST,
    });
    drives.push(drive);
    onEpisode?.(seed, drive.reward);
  }
  env.close();
  return joinDemonstrations(drives);
}
