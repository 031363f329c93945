/** The random driver: it draws uniformly from the environment's action space. Every other policy should do better. */
import type { Env } from "../env/api.ts";
import { ResetNeeded } from "../env/errors.ts";
import type { Policy } from "./policy.ts";

/**
 * Draws every action from `env.actionSpace`, seeded with the episode's seed: the same seed gives the same actions.
 * Works with any environment.
 */
export class RandomPolicy<Action = Float32Array> implements Policy<unknown, Action> {
  readonly name = "random";
  readonly observes = false;
  #env: Env<unknown, Action> | undefined;

  /** Seeds the environment's action space with the episode's seed. */
  reset(env: Env, seed: number | bigint): void {
    this.#env = env as Env<unknown, Action>;
    this.#env.actionSpace.seed(seed);
  }

  /**
   * A draw from the action space.
   * @throws {@link ResetNeeded} before the first reset
   */
  act(): Action {
    if (!this.#env) throw new ResetNeeded("call reset(env, seed) before act()");
    return this.#env.actionSpace.sample();
  }
}
