/**
 * The time that a car was off the road. A recording does not hold it, so the actions are driven again without drawing,
 * which takes some 20 ms for a scored episode.
 */
import type { Env } from "../../../../env/api.ts";
import { WHEELS } from "../../../../env/car-racing/core/constants.ts";
import type { CarRacing } from "../../../../env/index.ts";
import { actionAt, type Episode } from "../../../../recordings/episode.ts";
import { makeRecordedEnv } from "../../../../recordings/player.ts";

/** Index in `bodyState()` of the first wheel's count of touched tiles. */
const TOUCHING = 6 + 9;
/** Columns of `bodyState()` per wheel. */
const WHEEL_STRIDE = 13;
/** Steps driven before the page may draw again. */
const SLICE = 250;

/** True if no wheel touches the road. */
export function isOffRoad(car: CarRacing): boolean {
  const state = car.bodyState();
  for (let wheel = 0; wheel < WHEELS; wheel++) if (state[TOUCHING + WHEEL_STRIDE * wheel] > 0) return false;
  return true;
}

/** Measures episodes, in the same environment where their rules allow it. */
export class QualityGauge {
  readonly #envs = new Map<string, Env>();

  /** Number of steps that ended with no wheel on the road. */
  async offRoadSteps(episode: Episode): Promise<number> {
    const key = JSON.stringify(episode.environment);
    let env = this.#envs.get(key);
    if (!env) this.#envs.set(key, (env = (await makeRecordedEnv(episode, { observations: false })) as Env));
    env.reset({ seed: episode.seed, options: episode.options });
    let steps = 0;
    for (let step = 0; step < episode.rewards.length; step++) {
      env.step(actionAt(episode, step));
      if (isOffRoad(env.unwrapped as CarRacing)) steps++;
      if (step % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve));
    }
    return steps;
  }

  /** Frees the environments. */
  close(): void {
    for (const env of this.#envs.values()) env.close();
    this.#envs.clear();
  }
}
