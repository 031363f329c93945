/**
 * A drive as a video: the 600×400 view of every step, in real time, of a recording or of a policy driving now.
 */
import type { Env, Frame, Seed } from "../env/api.ts";
import { InvalidOption } from "../env/errors.ts";
import { make } from "../env/index.ts";
import type { Policy } from "../policies/policy.ts";
import type { Episode } from "../recordings/episode.ts";
import { makeRecordedEnv, replay } from "../recordings/player.ts";
import { openVideo } from "../recordings/video/open-video.ts";
import { scaleFrame } from "../recordings/video/scale.ts";

/** An episode as the rewards of its steps; after each, `env` shows the state. */
export interface Drive {
  env: Env;
  steps(): Generator<number, void, undefined>;
  /** At most so many steps. */
  total: number;
}

/** A recording, checked as it is replayed. */
export async function recordedDrive(episode: Episode): Promise<Drive> {
  const env = await makeRecordedEnv(episode, { renderMode: "rgb_array" });
  function* steps() {
    for (const { reward } of replay(episode, env)) yield reward;
  }
  return { env, steps, total: episode.rewards.length };
}

/** One episode of CarRacing-v3 on a seed. */
export async function policyDrive(policy: Policy, seed: Seed): Promise<Drive> {
  const observations = policy.observes ?? true;
  const env = await make("CarRacing-v3", { renderMode: "rgb_array", observations });
  function* steps() {
    let { observation } = env.reset({ seed });
    policy.reset(env, seed);
    for (let over = false; !over; ) {
      const result = env.step(policy.act(observation));
      observation = result.observation;
      over = result.terminated || result.truncated;
      yield result.reward;
    }
  }
  return { env, steps, total: env.spec!.maxEpisodeSteps! };
}

export interface VideoOptions {
  /** Frames a second of video, 1 to 50, in real time. Default: the environment's 50. */
  fps?: number;
  /** Size: 1, the default, is 600×400. */
  scale?: number;
  /** Ends the rendering; nothing is written then. */
  signal?: AbortSignal;
  /** After every step. A promise is awaited now and then. */
  onStep?: (done: number) => void | Promise<void>;
}

export interface VideoResult {
  frames: number;
  fps: number;
  width: number;
  height: number;
  steps: number;
  /** Driving reward of the episode. */
  reward: number;
}

/**
 * Writes NAME.mp4, NAME.gif or a folder of PNG pictures, and closes the environment.
 * @returns null when `signal` ended it
 */
export async function renderVideo(
  { env, steps }: Drive,
  path: string,
  { fps = env.metadata.renderFps, scale = 1, signal, onStep }: VideoOptions = {},
): Promise<VideoResult | null> {
  try {
    const stepsPerSecond = env.metadata.renderFps;
    if (fps > stepsPerSecond)
      throw new InvalidOption(
        `the environment has ${stepsPerSecond} frames a second, a video of ${fps} has none to show`,
      );
    const picture = (): Frame => {
      const frame = env.render()!;
      return scale === 1 ? frame : scaleFrame(frame, scale);
    };
    const drive = steps();
    // The first step also makes the first frame, whose size the video takes.
    let step = drive.next();
    const { width, height } = picture();
    const writer = await openVideo(path, { width, height, fps });
    let frames = 0;
    let reward = 0;
    let index = 0;
    try {
      for (; !step.done && !signal?.aborted; step = drive.next(), index++) {
        reward += step.value;
        // Real time: of the steps that fall into one frame of video the first is drawn.
        if (Math.floor((index * fps) / stepsPerSecond) > Math.floor(((index - 1) * fps) / stepsPerSecond)) {
          await writer.add(picture());
          frames++;
        }
        await onStep?.(index + 1);
      }
      if (signal?.aborted) {
        await writer.abort();
        return null;
      }
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return { frames, fps, width, height, steps: index, reward };
  } finally {
    env.close();
  }
}
