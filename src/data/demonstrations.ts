/**
 * What a car network learns from: cropped frames and the action wanted on each. They come from recordings, whose
 * frames are made again on the fly, or from episodes that a policy drives now while a teacher says what it would
 * have done (DAgger, Ross et al. 2011).
 */
import type { Env, Seed } from "../../env/api.ts";
import type { Policy } from "../../policies/policy.ts";
import { CROP_BYTES, cropPanel } from "../../policies/ternary/crop.ts";
import { type Episode, isCorrected } from "../../recordings/episode.ts";
import { replay } from "../../recordings/player.ts";

export interface Demonstrations {
  /** uint8 [n, 83, 83, 3]: frames as `cropPanel` cuts them. */
  inputs: Uint8Array;
  /** float32 [n, 3]: steer, gas, brake wanted on each frame. */
  targets: Float32Array;
}

export interface FrameOptions {
  /** Every how many steps a frame is kept. Default 2: neighbouring frames are nearly equal. */
  every?: number;
  /** Says the wanted action in the state that `env` is in. Without it the action driven is the one wanted. */
  teacher?: Policy<unknown>;
}

/** Number of frames. */
export function frameCount(data: Demonstrations): number {
  return data.targets.length / 3;
}

/** Sets one after the other. */
export function joinDemonstrations(sets: readonly Demonstrations[]): Demonstrations {
  const inputs = new Uint8Array(sets.reduce((sum, set) => sum + set.inputs.length, 0));
  const targets = new Float32Array(sets.reduce((sum, set) => sum + set.targets.length, 0));
  let byte = 0;
  let target = 0;
  for (const set of sets) {
    inputs.set(set.inputs, byte);
    targets.set(set.targets, target);
    byte += set.inputs.length;
    target += set.targets.length;
  }
  return { inputs, targets };
}

/**
 * The frames of one recording, checked as it is replayed. Where a person corrected the driver only the corrected
 * frames count, each with what the person did: the driver's own actions are what was to be improved.
 * @param env as `makeRecordedEnv` makes it
 * @throws ReplayMismatch when the recording does not replay
 */
export function framesOfRecording(
  episode: Episode,
  env: Env<Uint8Array, ArrayLike<number>>,
  { every = 2, teacher }: FrameOptions = {},
): Demonstrations {
  const collector = new Collector();
  for (const step of replay(episode, env)) {
    if (step.index === 0) teacher?.reset(env, episode.seed);
    if (step.index % every !== 0) continue;
    if (episode.corrections?.length) {
      if (isCorrected(episode, step.index)) collector.add(step.observation, step.action);
      continue;
    }
    // A replay hands out a step when the environment stands after it: there the teacher is asked.
    if (!teacher) collector.add(step.observation, step.action);
    else if (!step.terminated && !step.truncated)
      collector.add(step.nextObservation, teacher.act(step.nextObservation));
  }
  return collector.demonstrations();
}

export interface DrivenOptions extends FrameOptions {
  teacher: Policy<unknown>;
  seed: Seed;
  /** How many times a frame is taken, asked in the state it shows: 0 leaves it out. Default: once. */
  copies?: () => number;
}

/** What `framesOfDrive` saw, and how the drive went. */
export interface LabelledDrive extends Demonstrations {
  /** Driving reward of the episode. */
  reward: number;
}

/** One episode that a policy drives while the teacher labels what it sees. */
export function framesOfDrive(
  driver: Policy,
  env: Env<Uint8Array, ArrayLike<number>>,
  { every = 2, teacher, seed, copies = () => 1 }: DrivenOptions,
): LabelledDrive {
  const collector = new Collector();
  let { observation } = env.reset({ seed });
  driver.reset(env, seed);
  teacher.reset(env, seed);
  let reward = 0;
  for (let step = 0, ended = false; !ended; step++) {
    if (step % every === 0) {
      for (let left = copies(); left > 0; left--) collector.add(observation, teacher.act(observation));
    }
    const result = env.step(driver.act(observation));
    reward += result.reward;
    observation = result.observation;
    ended = result.terminated || result.truncated;
  }
  return { ...collector.demonstrations(), reward };
}

/** Gathers frames without knowing their number: storage doubles as it fills. */
class Collector {
  private count = 0;
  private inputs = new Uint8Array(512 * CROP_BYTES);
  private targets = new Float32Array(512 * 3);

  add(observation: Uint8Array, action: ArrayLike<number>): void {
    if ((this.count + 1) * 3 > this.targets.length) {
      this.inputs = grown(this.inputs);
      this.targets = grown(this.targets);
    }
    cropPanel(observation, this.inputs, this.count * CROP_BYTES);
    this.targets.set(action, this.count * 3);
    this.count++;
  }

  demonstrations(): Demonstrations {
    return {
      inputs: this.inputs.slice(0, this.count * CROP_BYTES),
      targets: this.targets.slice(0, this.count * 3),
    };
  }
}

function grown<T extends Uint8Array | Float32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length);
  larger.set(array);
  return larger;
}
