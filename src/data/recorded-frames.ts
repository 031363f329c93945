/**
 * Frames of recordings, as examples to learn from. A recording holds no frames: it is replayed, which makes them again
 * and checks them, and each frame is labelled with the recorded action or with the action that a teacher would take.
 */
import type { Env } from "../../env/api.ts";
import type { Policy } from "../../policies/policy.ts";
import { type Episode, isCorrected } from "../../recordings/episode.ts";
import { replay } from "../../recordings/player.ts";
import type { CarExamples } from "./examples.ts";
import { FrameCollector } from "./frame-collector.ts";

/** Choice of the frames of an episode that are kept, and of their labels. */
export interface FrameOptions {
  /** Steps from one kept frame to the next, from 1 up; neighbouring frames are nearly equal. Default: 2. */
  every?: number;
  /** Labels each frame with the action it would take in that state. Default: the recorded action is the label. */
  teacher?: Policy<unknown>;
}

/**
 * The frames of one recording, checked as it is replayed. Where a person corrected the driver, only the corrected
 * frames are kept, labelled with what the person did, since the driver's own actions are what was to be improved.
 * @param env as `makeRecordedEnv` makes it
 * @throws {@link ReplayMismatch} where the recording does not replay
 */
export function framesOfRecording(
  episode: Episode,
  env: Env<Uint8Array, Float32Array>,
  { every = 2, teacher }: FrameOptions = {},
): CarExamples {
  const collector = new FrameCollector();
  for (const step of replay(episode, env)) {
    if (step.index === 0) teacher?.reset(env, episode.seed);
    if (step.index % every !== 0) continue;
    if (episode.corrections?.length) {
      if (isCorrected(episode, step.index)) collector.add(step.observation, step.action);
      continue;
    }
    // The teacher reads the environment, which stands after the step, so it labels the frame after the step.
    if (!teacher) collector.add(step.observation, step.action);
    else if (!step.terminated && !step.truncated)
      collector.add(step.nextObservation, teacher.act(step.nextObservation));
  }
  return collector.examples();
}
