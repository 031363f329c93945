/** Films one episode and keeps the line that the car drove: what report pages show of a driver. */
import type { CarRacing } from "../../../env/car-racing/car-racing.ts";
import type { Policy } from "../../../policies/policy.ts";
import type { PathPoint } from "../charts/track-map.ts";
import { drivenEpisode } from "./filmed-episode.ts";
import { renderVideo, type VideoOptions } from "./render-video.ts";

/** An episode as a line over its track; plain JSON. */
export interface DrivenLine {
  /** Seed of the track. */
  seed: number;
  /** Steps of the episode. */
  steps: number;
  /** Driving reward. */
  reward: number;
  /** `env.unwrapped.track`, [n, 4] in one list: alpha, beta, x, y of each tile. */
  track: number[];
  /** Place and speed after every step. */
  path: PathPoint[];
}

/**
 * Drives one episode of CarRacing-v3 and films it, with an inset unless the options say otherwise.
 * @param path of the video, as {@link renderVideo} takes it
 * @returns null when `options.signal` ended it
 */
export async function filmEpisode(
  policy: Policy,
  seed: number,
  path: string,
  options: VideoOptions = {},
): Promise<DrivenLine | null> {
  const episode = await drivenEpisode(policy, seed, { observations: true });
  const car = episode.env.unwrapped as unknown as CarRacing;
  const line: PathPoint[] = [];
  let track: number[] = [];
  const video = await renderVideo([episode], path, {
    inset: true,
    ...options,
    onStep: (done) => {
      if (done === 1) track = [...car.track];
      line.push(placeAndSpeed(car.bodyState()));
      return options.onStep?.(done);
    },
  });
  return video && { seed, steps: video.steps, reward: video.rewards[0], track, path: line };
}

/** The hull's columns of `CarRacing.bodyState()`: 0 and 1 are its place, 3 and 4 its velocity. */
function placeAndSpeed(state: Float32Array): PathPoint {
  return { x: state[0], y: state[1], speed: Math.sqrt(state[3] ** 2 + state[4] ** 2) };
}
