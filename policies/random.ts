/** The random driver: uniform draws from the environment's own action space, the floor that every policy is compared with. */
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
  private env: Env<unknown, Action> | undefined;

  reset(env: Env, seed: number | bigint): void {
    this.env = env as Env<unknown, Action>;
    this.env.actionSpace.seed(seed);
  }

  act(): Action {
    if (!this.env) throw new ResetNeeded("call reset(env, seed) before act()");
    return this.env.actionSpace.sample();
  }
}
