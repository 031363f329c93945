/**
 * Records what is driven. `Recorder` is an environment around another one: drive it instead, and every episode from
 * `reset({ seed })` on is kept, in memory (`episode()`) and, line by line, in a sink: a folder (`files/`), or whatever
 * takes text, such as a browser page's connection to a server.
 *
 * It goes directly around what `make` returned, and other wrappers around it: a replay repeats the calls that the made
 * environment saw, so a wrapper in between that changes actions, observations or steps is refused.
 */
import type { Env, ResetOptions, ResetResult, Seed, StepResult } from "../env/api.ts";
import type { CarAction } from "../env/car-racing/car-racing.ts";
import { InvalidOption } from "../env/errors.ts";
import { isAsMade } from "../env/registry.ts";
import { Wrapper } from "../env/wrappers/wrapper.ts";
import {
  type ActionArray,
  asFloats,
  type Driver,
  type Episode,
  type EpisodeEnd,
  type EpisodeStart,
  hashObservation,
  withoutNeutral,
} from "./episode.ts";
import { journalChunkLine, journalStartLine } from "./journal.ts";
import { VERSION } from "./version.ts";

/** Destination of the journals of episodes (`journal.ts`). */
export interface RecordingSink {
  /** Called with the first step of a new episode. */
  begin(start: EpisodeStart): void;
  /** Called with each line of its journal, line feed included. */
  write(line: string): void;
  /** Called when the episode is over and its last line written. */
  end(): void;
}

/** Options of a {@link Recorder}. */
export interface RecorderOptions {
  /** The driver that the recordings name. */
  driver: Driver;
  /** Destination of the journals. Default: none; `episode()` returns the recording. */
  sink?: RecordingSink;
}

/** Records what is driven through it: wraps what `make` returned; `episode()` is the recording so far. */
export class Recorder<Observation = Uint8Array, Action = CarAction> extends Wrapper<Observation, Action> {
  readonly #driver: Driver;
  readonly #sink: RecordingSink | undefined;
  /** Steps in a line of the journal: one second. */
  readonly #flushSteps: number;

  #beginning: { seed: Seed; options: Record<string, unknown> } | null = null;
  #start: EpisodeStart | null = null;
  #actions: number[] = [];
  #rewards: number[] = [];
  /** Steps that the journal has. */
  #written = 0;
  #observation: Observation | null = null;
  #ending: EpisodeEnd | null = null;

  /**
   * @throws InvalidOption when `env` was not made by `make`, makes no frames, or is inside a wrapper that changes what
   * passes: its recordings could not be replayed or checked
   */
  constructor(env: Env<Observation, Action>, { driver, sink }: RecorderOptions) {
    super(env);
    if (!env.spec)
      throw new InvalidOption("a recording needs an environment made by make(): this one has no spec");
    if (env.spec.kwargs.observations === false)
      throw new InvalidOption("a recording needs frames: make the environment without observations: false");
    checkWrappers(env);
    this.#driver = driver;
    this.#sink = sink;
    this.#flushSteps = env.metadata.renderFps;
  }

  /**
   * Begins an episode; one still running is kept as interrupted.
   * @throws InvalidOption without a seed, or with colours that are kept: what depends on the episode before cannot be
   * replayed
   */
  override reset(options: ResetOptions = {}): ResetResult<Observation> {
    if (options.seed === undefined) throw new InvalidOption("a recorded episode needs reset({ seed })");
    if (this.spec!.kwargs.domainRandomize && options.options?.randomize === false)
      throw new InvalidOption(
        "a recorded episode cannot keep the colours of the one before: leave out randomize: false",
      );
    this.stop();
    const result = this.env.reset(options);
    this.#beginning = { seed: options.seed, options: options.options ?? {} };
    this.#start = null;
    this.#actions = [];
    this.#rewards = [];
    this.#written = 0;
    this.#observation = null;
    this.#ending = null;
    return result;
  }

  /**
   * Steps, and keeps the action to the last bit: a Float32Array as float32, other arrays of numbers as float64. Steps
   * after the end are not recorded.
   */
  override step(action: Action): StepResult<Observation> {
    const taken = ownCopy(action);
    const result = this.env.step(taken as Action);
    if (!this.#beginning || this.#ending) return result;

    if (!this.#start) this.#begin(taken as number | Float32Array | Float64Array);
    if (typeof taken === "number") this.#actions.push(taken);
    else for (const value of taken as Float32Array | Float64Array) this.#actions.push(value);
    this.#rewards.push(result.reward);
    this.#observation = result.observation;
    if (result.terminated) this.#ending = "terminated";
    else if (result.truncated) this.#ending = "truncated";
    const isDue = this.#rewards.length - this.#written >= this.#flushSteps;
    if (this.#ending || (isDue && this.#isDrawn)) this.#flush();
    if (this.#ending) this.#sink?.end();
    return result;
  }

  /** Ends a running episode as interrupted: the driver has had enough. */
  stop(): void {
    if (!this.#start || this.#ending) return;
    this.#ending = "interrupted";
    this.#flush();
    this.#sink?.end();
  }

  /** Stops the recording and closes the environment. */
  override close(): void {
    this.stop();
    this.env.close();
  }

  /** The present or last episode, or null before the first step. One still running comes as interrupted. */
  episode(): Episode | null {
    if (!this.#start) return null;
    const actions = this.#actionArray(0);
    const { form } = this.#start;
    return {
      ...this.#start,
      form: actions instanceof Float64Array ? { ...form, type: "float64" } : form,
      actions,
      rewards: Float64Array.from(this.#rewards),
      end: this.#ending ?? "interrupted",
      frameSha256: hashObservation(this.#observation),
    };
  }

  override get passesThrough(): boolean {
    return true;
  }

  /** False in steps whose frame a wrapper that repeats actions leaves out: their hash would be an earlier frame's. */
  get #isDrawn(): boolean {
    return (this.unwrapped as { drawObservations?: boolean }).drawObservations !== false;
  }

  #begin(action: number | Float32Array | Float64Array): void {
    const { id, kwargs, maxEpisodeSteps } = this.env.spec!;
    const start: EpisodeStart = {
      tritrack: VERSION,
      environment: { id, kwargs: withoutNeutral(kwargs), maxEpisodeSteps },
      ...this.#beginning!,
      driver: this.#driver,
      form:
        typeof action === "number"
          ? { type: "int32", size: 1 }
          : { type: action instanceof Float32Array ? "float32" : "float64", size: action.length },
    };
    try {
      this.#sink?.begin(start);
    } catch (error) {
      // The episode is not recorded then, so that `close` has nothing to end and the sink's error is the one that is told.
      this.#beginning = null;
      throw error;
    }
    this.#start = start;
    this.#sink?.write(journalStartLine(start));
  }

  #flush(): void {
    if (this.#sink) {
      const chunk = {
        step: this.#written,
        actions: this.#actionArray(this.#written),
        rewards: Float64Array.from(this.#rewards.slice(this.#written)),
        frameSha256: hashObservation(this.#observation),
        end: this.#ending ?? undefined,
      };
      this.#sink.write(journalChunkLine(chunk, this.#start!.form));
    }
    this.#written = this.#rewards.length;
  }

  /** Actions from a step on: of an episode that began in float32, in float64 if float32 does not hold them all. */
  #actionArray(from: number): ActionArray {
    const { type, size } = this.#start!.form;
    const values = this.#actions.slice(from * size);
    if (type === "int32") return Int32Array.from(values);
    return type === "float32" ? asFloats(values) : Float64Array.from(values);
  }
}

/** @throws InvalidOption naming the first wrapper around what `make` returned that changes what passes through it */
function checkWrappers(env: Env): void {
  let at = env;
  while (at instanceof Wrapper && !isAsMade(at)) {
    if (!at.passesThrough) {
      const name = at.constructor.name;
      throw new InvalidOption(
        `Recorder: expected what make() returned, got ${name} around it, which a replay would miss: put ${name} around the Recorder`,
      );
    }
    at = at.env;
  }
}

/** An action that later writes do not change; anything but numbers goes to the environment as it is, which refuses it. */
function ownCopy(action: unknown): unknown {
  if (action instanceof Float32Array) return action.slice();
  if (!Array.isArray(action) && !ArrayBuffer.isView(action)) return action;
  const values = Array.from(action as unknown as ArrayLike<unknown>);
  return values.every((value) => typeof value === "number") ? Float64Array.from(values) : action;
}
