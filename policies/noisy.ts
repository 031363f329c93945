/**
 * A driver with an unsteady hand: another policy's action plus correlated noise. Demonstrations that it drives leave the
 * line now and then, so they show the way back to it; their labels are still the steady policy's actions.
 */
import type { Env } from "../env/api.ts";
import { Random } from "../env/random.ts";
import type { Policy } from "./policy.ts";

/** Options of the noise. */
export interface NoiseOptions {
  /** Standard deviation of the noise on steer and gas, in their own unit; the brake gets a sixth of it. Default: 0.3. */
  noise?: number;
  /** Share of the noise that stays from one step to the next (AR(1) coefficient), 0 to 1. Default: 0.9, about 10 steps. */
  correlation?: number;
}

/** Share of the noise that steer, gas and brake get: noise that held the brake at 0.3 would stop the car. */
const SHARES = [1, 1, 1 / 6] as const;

/** A policy whose actions are another one's plus noise on each control. The noise is correlated from step to step. */
export class NoisyPolicy<Observation> implements Policy<Observation> {
  readonly name: string;
  readonly observes: boolean;
  readonly #policy: Policy<Observation>;
  readonly #noise: number;
  readonly #correlation: number;
  readonly #offset = new Float64Array(3);
  readonly #action = new Float32Array(3);
  #random = new Random(0);

  /**
   * Puts noise on a policy, whose name it keeps.
   * @param policy a driver of CarRacing with continuous actions
   * @param options see `NoiseOptions`
   */
  constructor(policy: Policy<Observation>, { noise = 0.3, correlation = 0.9 }: NoiseOptions = {}) {
    this.name = policy.name;
    this.observes = policy.observes ?? true;
    this.#policy = policy;
    this.#noise = noise;
    this.#correlation = correlation;
  }

  /** Resets the policy. The noise is drawn from the episode's seed, so that equal seeds give equal noise. */
  reset(env: Env, seed: number | bigint): void {
    this.#policy.reset(env, seed);
    this.#random = new Random(seed);
    for (let k = 0; k < 3; k++) this.#offset[k] = SHARES[k] * this.#noise * normal(this.#random);
  }

  /** The noisy action, clipped to the action space: steer [-1, 1], gas and brake [0, 1]. Valid until the next call. */
  act(observation: Observation): Float32Array {
    const steady = this.#policy.act(observation);
    const fresh = this.#noise * Math.sqrt(1 - this.#correlation ** 2);
    for (let k = 0; k < 3; k++) {
      this.#offset[k] = this.#correlation * this.#offset[k] + SHARES[k] * fresh * normal(this.#random);
      this.#action[k] = Math.max(k === 0 ? -1 : 0, Math.min(1, steady[k] + this.#offset[k]));
    }
    return this.#action;
  }
}

/**
 * A draw from nearly the standard normal distribution: the sum of twelve uniform draws, less 6. It needs no logarithm,
 * whose last bit may differ between JavaScript engines.
 */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.random();
  return sum;
}
