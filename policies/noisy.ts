/**
 * A driver with an unsteady hand: another policy's action plus correlated noise. Demonstrations driven so leave the
 * line now and then, and so show how to come back to it; the labels stay the steady policy's.
 */
import type { Env } from "../env/api.ts";
import { Random } from "../env/random.ts";
import type { Policy } from "./policy.ts";

export interface NoiseOptions {
  /** Standard deviation of the noise on steer and gas, in their own unit; on the brake a sixth of it. Default 0.3. */
  noise?: number;
  /** How much of the noise stays from one step to the next (AR(1) coefficient), 0 to 1. Default 0.9: some 10 steps. */
  correlation?: number;
}

/** Share of the noise that each control gets: a brake held at 0.3, even by noise, would stop the car. */
const SHARES = [1, 1, 1 / 6] as const;

/** The actions of `policy` with noise on each control, which is correlated from step to step, within the box's bounds. */
export class NoisyPolicy<Observation> implements Policy<Observation> {
  readonly name: string;
  readonly observes: boolean;
  private readonly policy: Policy<Observation>;
  private readonly noise: number;
  private readonly correlation: number;
  private readonly offset = new Float64Array(3);
  private readonly action = new Float32Array(3);
  private random = new Random(0);

  constructor(policy: Policy<Observation>, { noise = 0.3, correlation = 0.9 }: NoiseOptions = {}) {
    this.name = policy.name;
    this.observes = policy.observes ?? true;
    this.policy = policy;
    this.noise = noise;
    this.correlation = correlation;
  }

  /** The noise is drawn from the episode's seed: the same seed, the same drive. */
  reset(env: Env, seed: number | bigint): void {
    this.policy.reset(env, seed);
    this.random = new Random(seed);
    for (let k = 0; k < 3; k++) this.offset[k] = SHARES[k] * this.noise * normal(this.random);
  }

  /** Inside the box: steer [-1, 1], gas and brake [0, 1]. */
  act(observation: Observation): Float32Array {
    const steady = this.policy.act(observation);
    const fresh = this.noise * Math.sqrt(1 - this.correlation ** 2);
    for (let k = 0; k < 3; k++) {
      this.offset[k] = this.correlation * this.offset[k] + SHARES[k] * fresh * normal(this.random);
      this.action[k] = Math.max(k === 0 ? -1 : 0, Math.min(1, steady[k] + this.offset[k]));
    }
    return this.action;
  }
}

/** Near enough a standard normal: the sum of twelve uniform draws needs no logarithm, whose last bit may differ between engines. */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.random();
  return sum;
}
