import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Adds `info.episode = { r, l }`, the sum of rewards and the number of steps, to the last step of each episode
 * (`gymnasium.wrappers.RecordEpisodeStatistics`, without its time: results hold no wall clock).
 */
export class RecordEpisodeStatistics<Observation, Action> extends Wrapper<Observation, Action> {
  /** Of the last episodes, oldest first. */
  readonly returnQueue: number[] = [];
  readonly lengthQueue: number[] = [];
  readonly #bufferLength: number;
  readonly #statsKey: string;
  #return = 0;
  #length = 0;

  /**
   * @param options.bufferLength how many episodes the queues hold
   * @param options.statsKey what the entry of `info` is called
   */
  constructor(env: Env<Observation, Action>, { bufferLength = 100, statsKey = "episode" } = {}) {
    super(env);
    this.#bufferLength = bufferLength;
    this.#statsKey = statsKey;
  }

  override get passesThrough(): boolean {
    return true;
  }

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    this.#return = 0;
    this.#length = 0;
    return result;
  }

  override step(action: Action): StepResult<Observation> {
    const result = this.env.step(action);
    this.#return += result.reward;
    this.#length++;
    if (result.terminated || result.truncated) {
      result.info = { ...result.info, [this.#statsKey]: { r: this.#return, l: this.#length } };
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
