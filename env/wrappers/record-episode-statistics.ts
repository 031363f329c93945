import type { Env, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Adds `info.episode = { r, l }` to the last step of each episode: the sum of its rewards and the number of its steps
 * (`gymnasium.wrappers.RecordEpisodeStatistics`). Gymnasium's `t`, a time, is left out because results hold no wall clock.
 */
export class RecordEpisodeStatistics<Observation, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  /** Sums of rewards of the last episodes, oldest first. */
  readonly returnQueue: number[] = [];
  /** Numbers of steps of the last episodes, oldest first. */
  readonly lengthQueue: number[] = [];
  readonly #bufferLength: number;
  readonly #statsKey: string;
  #return = 0;
  #length = 0;

  /**
   * @param options.bufferLength number of episodes that the queues hold. Default: 100.
   * @param options.statsKey key of the entry in `info`. Default: "episode".
   */
  constructor(env: Env<Observation, Action, Details>, { bufferLength = 100, statsKey = "episode" } = {}) {
    super(env);
    this.#bufferLength = bufferLength;
    this.#statsKey = statsKey;
  }

  override get passesThrough(): boolean {
    return true;
  }

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const result = this.env.reset(options);
    this.#return = 0;
    this.#length = 0;
    return result;
  }

  override step(action: Action): StepResult<Observation, Details> {
    const result = this.env.step(action);
    this.#return += result.reward;
    this.#length++;
    if (result.terminated || result.truncated) {
      const episode = { r: this.#return, l: this.#length };
      result.info = { ...result.info, [this.#statsKey]: episode };
      this.#push(this.returnQueue, this.#return);
      this.#push(this.lengthQueue, this.#length);
    }
    return result;
  }

  #push(queue: number[], value: number): void {
    queue.push(value);
    if (queue.length > this.#bufferLength) queue.shift();
  }
}
