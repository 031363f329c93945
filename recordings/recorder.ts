/**
 * Records what is driven. `Recorder` is an environment around another one: drive it instead, and every episode from
 * `reset({ seed })` on is kept, in memory (`episode()`) and, line by line, in a sink: a folder (`files/`), or whatever
 * takes text, such as a browser page's connection to a server.
 *
 * It goes directly around what `make` returned, and other wrappers around it, because a replay repeats the calls that
 * the made environment saw.
 */
import type { Env, ResetOptions, ResetResult, Seed, StepResult } from "../env/api.ts";
import type { CarAction } from "../env/car-racing/car-racing.ts";
import { InvalidOption } from "../env/errors.ts";
import { Wrapper } from "../env/wrappers/wrapper.ts";
import { type Driver, type Episode, type EpisodeEnd, type EpisodeStart, hashObservation } from "./episode.ts";
import { journalChunkLine, journalStartLine } from "./journal.ts";
import { VERSION } from "./version.ts";

/** Where the journal of each episode goes (`journal.ts`). */
export interface RecordingSink {
  /** A new episode has its first step. */
  begin(start: EpisodeStart): void;
  /** One line of its journal, with the line feed. */
  write(line: string): void;
  /** The episode is over and its last line written. */
  end(): void;
}

export interface RecorderOptions {
  driver: Driver;
  sink?: RecordingSink;
}

/** Records what is driven through it: wraps what `make` returned; `episode()` is the recording so far. */
export class Recorder<Observation = Uint8Array, Action = CarAction> extends Wrapper<Observation, Action> {
  private readonly driver: Driver;
  private readonly sink: RecordingSink | undefined;
  /** Steps in a line of the journal: one second. */
  private readonly flushSteps: number;

  private beginning: { seed: Seed; options: Record<string, unknown> } | null = null;
  private start: EpisodeStart | null = null;
  private actions: number[] = [];
  private rewards: number[] = [];
  private written = 0;
  private observation: Observation | null = null;
  private ending: EpisodeEnd | null = null;

  /** @throws InvalidOption when `env` was not made by `make`, or makes no frames: it could not be replayed or checked */
  constructor(env: Env<Observation, Action>, options: RecorderOptions) {
    super(env);
    if (!env.spec)
      throw new InvalidOption("a recording needs an environment made by make(): this one has no spec");
    if (env.spec.kwargs.observations === false)
      throw new InvalidOption("a recording needs frames: make the environment without observations: false");
    this.driver = options.driver;
    this.sink = options.sink;
    this.flushSteps = env.metadata.renderFps;
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
    this.beginning = { seed: options.seed, options: options.options ?? {} };
    this.start = null;
    this.actions = [];
    this.rewards = [];
    this.written = 0;
    this.observation = null;
    this.ending = null;
    return result;
  }

  /** Steps with the action as the recording holds it: numbers rounded to float32. Steps after the end are not recorded. */
  override step(action: Action): StepResult<Observation> {
    const recorded = asRecorded(action);
    const result = this.env.step(recorded as Action);
    if (!this.beginning || this.ending) return result;

    if (!this.start) this.begin(recorded as number | Float32Array);
    if (typeof recorded === "number") this.actions.push(recorded);
    else this.actions.push(...(recorded as Float32Array));
    this.rewards.push(result.reward);
    this.observation = result.observation;
    if (result.terminated) this.ending = "terminated";
    else if (result.truncated) this.ending = "truncated";
    if (this.ending || this.rewards.length - this.written >= this.flushSteps) this.flush();
    if (this.ending) this.sink?.end();
    return result;
  }

  /** Ends a running episode as interrupted: the driver has had enough. */
  stop(): void {
    if (!this.start || this.ending) return;
    this.ending = "interrupted";
    this.flush();
    this.sink?.end();
  }

  /** Stops the recording and closes the environment. */
  override close(): void {
    this.stop();
    this.env.close();
  }

  /** The present or last episode, or null before the first step. One still running comes as interrupted. */
  episode(): Episode | null {
    if (!this.start) return null;
    return {
      ...this.start,
      actions: this.actionArray(0),
      rewards: Float64Array.from(this.rewards),
      end: this.ending ?? "interrupted",
      frameSha256: hashObservation(this.observation),
    };
  }

  private begin(action: number | Float32Array): void {
    const { id, kwargs, maxEpisodeSteps } = this.env.spec!;
    const { renderMode: _, ...rest } = kwargs;
    const start: EpisodeStart = {
      tritrack: VERSION,
      environment: { id, kwargs: rest, maxEpisodeSteps },
      ...this.beginning!,
      driver: this.driver,
      form:
        typeof action === "number" ? { type: "int32", size: 1 } : { type: "float32", size: action.length },
    };
    try {
      this.sink?.begin(start);
    } catch (error) {
      // The episode is not recorded then, so that `close` has nothing to end and the sink's error is the one that is told.
      this.beginning = null;
      throw error;
    }
    this.start = start;
    this.sink?.write(journalStartLine(start));
  }

  private flush(): void {
    this.sink?.write(
      journalChunkLine({
        step: this.written,
        actions: this.actionArray(this.written),
        rewards: Float64Array.from(this.rewards.slice(this.written)),
        frameSha256: hashObservation(this.observation),
        end: this.ending ?? undefined,
      }),
    );
    this.written = this.rewards.length;
  }

  private actionArray(from: number): Float32Array | Int32Array {
    const { type, size } = this.start!.form;
    const values = this.actions.slice(from * size);
    return type === "int32" ? Int32Array.from(values) : Float32Array.from(values);
  }
}

/** An action as a recording holds it; what is none goes to the environment as it is, which refuses it. */
function asRecorded(action: unknown): unknown {
  return Array.isArray(action) || ArrayBuffer.isView(action)
    ? Float32Array.from(action as unknown as ArrayLike<number>)
    : action;
}
