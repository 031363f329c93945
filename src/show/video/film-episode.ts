/** One episode on film, with the line that the car drove: what report pages show of a driver. */
import type { CarRacing } from "../../../env/car-racing/car-racing.ts";
import type { Policy } from "../../../policies/policy.ts";
import { policyDrive } from "./drive.ts";
import { renderVideo, type VideoOptions } from "./render-video.ts";

/** An episode as a line over its track; plain JSON. */
export interface Lap {
  seed: number;
  steps: number;
  /** Driving reward. */
  reward: number;
  /** `env.unwrapped.track`: alpha, beta, x, y of each tile. */
  track: number[];
  /** Places and speeds, world units and units a second, after every step. */
  path: { x: number; y: number; speed: number }[];
}

/** Films one episode with an inset; null when `signal` ended it. */
export async function filmLap(
  policy: Policy,
  seed: number,
  path: string,
  options: VideoOptions = {},
): Promise<Lap | null> {
  const drive = await policyDrive(policy, seed, { observations: true });
  const car = drive.env.unwrapped as unknown as CarRacing;
  const line: Lap["path"] = [];
  let track: number[] = [];
  const video = await renderVideo([drive], path, {
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

/** From `CarRacing.bodyState()`. */
function placeAndSpeed(state: Float32Array): { x: number; y: number; speed: number } {
  return { x: state[0], y: state[1], speed: Math.sqrt(state[3] ** 2 + state[4] ** 2) };
}
