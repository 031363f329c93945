/**
 * The recording of one episode, `NAME.episode.json`: how the environment was made and reset, every action, every
 * reward and the SHA-256 of the last observation. Frames are not stored: the environment makes the same ones again
 * (`player.ts`), and rewards and hash prove that they are the same. 1000 steps are 27 kB.
 *
 *     { "format": "tritrack-episode", "version": 1, "tritrack": "0.1.0",
 *       "environment": { "id": "CarRacing-v3", "kwargs": {}, "maxEpisodeSteps": 1000 }, "seed": 7, "options": {},
 *       "driver": { "kind": "expert", "name": "expert" },
 *       "end": "terminated", "steps": 660,
 *       "actions": { "type": "float32", "size": 3, "data": "base64…" },
 *       "rewards": { "type": "float64", "data": "base64…" },
 *       "frameSha256": "…" }
 *
 * The field `"corrections": [[120, 164], [300, 322]]` lists the steps that a person drove to correct the driver, each
 * range without its end: the labels of DAgger. Files without a correction leave the field out.
 *
 * A seed from 2^53 on is a string of decimal digits. Discrete actions are `int32` of size 1; `float64` actions make the
 * file one of version 2, which differs in nothing else. Nothing a file says is
 * believed before it is checked: lengths against the data that is there, numbers for being finite, fields for type.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Seed } from "../env/api.ts";
import { describe } from "../env/describe.ts";
import { CorruptFile, InvalidOption } from "../env/errors.ts";
import { FieldReader, parseJson } from "./fields.ts";
import { encodeBase64 } from "./typed-base64.ts";

/** The field `format` of a recording. */
export const EPISODE_FORMAT = "tritrack-episode";
/** Newest version of the format. A recording is written in the lowest that can hold it, so that older readers take it. */
export const EPISODE_VERSION = 2;
/** End of the file names of recordings. */
export const EPISODE_SUFFIX = ".episode.json";

/** Most steps of an episode that a file may have: over five hours at 50 steps a second. */
export const MAX_RECORDED_STEPS = 1_000_000;
/**
 * Checks that an episode is no longer than {@link MAX_RECORDED_STEPS} steps of the environment, repeated ones (`frameSkip`)
 * included: whoever replays it would wait for minutes.
 * @param steps actions of the episode
 * @param kwargs the environment's arguments
 * @param name what the error calls the episode
 * @throws CorruptFile on longer ones
 */
export function checkDuration(steps: number, kwargs: Record<string, unknown>, name: string): void {
  const { frameSkip = 1 } = kwargs;
  // Values that are no number of steps are refused by the environment.
  const all = typeof frameSkip === "number" && frameSkip > 1 ? steps * frameSkip : steps;
  if (all > MAX_RECORDED_STEPS)
    throw new CorruptFile(
      `${name}: expected at most ${MAX_RECORDED_STEPS} steps, each counted frameSkip times, got ${describe(all)}`,
    );
}

/** Most numbers of one action. */
const MAX_ACTION_SIZE = 1024;

/** Kinds of drivers. */
export const DRIVER_KINDS = ["human", "expert", "random", "policy"] as const;
/** The driver of an episode. */
export interface Driver {
  /** Person or program; a policy is a program that is neither expert nor random. */
  kind: (typeof DRIVER_KINDS)[number];
  /** Name for tables and file names, such as "expert" or a network's file name. */
  name: string;
  /** SHA-256, in hexadecimal, of the policy's file. Default: none, the policy comes from no file. */
  sha256?: string;
  /**
   * Standard deviation of noise added to the driver's actions, 0 to 10. The recorded actions are the noisy ones, so
   * whoever imitates asks the driver again what it would have done. Default: 0.
   */
  noise?: number;
}

/** Ends that an episode can have. */
export const EPISODE_ENDS = ["terminated", "truncated", "interrupted"] as const;
/**
 * The end of an episode: `terminated` and `truncated` as the environment said; `interrupted` when the driver stopped
 * or the program died first.
 */
export type EpisodeEnd = (typeof EPISODE_ENDS)[number];

/** Types of numbers that a recording's actions may have. */
export const ACTION_TYPES = ["float32", "float64", "int32"] as const;
/** Numbers of the actions of an episode. */
export type ActionArray = Float32Array | Float64Array | Int32Array;

/** Numbers as float32 if that holds every one exactly, else as float64. */
export function asFloats(values: readonly number[]): Float32Array | Float64Array {
  return values.every((value) => Math.fround(value) === value)
    ? Float32Array.from(values)
    : Float64Array.from(values);
}

/**
 * Form of one action: `int32` is a discrete action (size 1); `float32` and `float64`, as the driver gave them, are a
 * vector of `size` numbers.
 */
export interface ActionForm {
  /** Type of its numbers. */
  type: (typeof ACTION_TYPES)[number];
  /** Length of an action, 1 to 1024. */
  size: number;
}

/** Steps from `first` up to `end`, which is not one of them. */
export type StepRange = readonly [first: number, end: number];

/** Facts of an episode that are known when it begins. */
export interface EpisodeStart {
  /** Version of tritrack that recorded it. */
  tritrack: string;
  /** Arguments of `make`, but for the render mode, which changes nothing. A limit of null is none. */
  environment: { id: string; kwargs: Record<string, unknown>; maxEpisodeSteps: number | null };
  /** Seed of `reset`, from 0 up. */
  seed: Seed;
  /** Options of `reset`. */
  options: Record<string, unknown>;
  /** The driver. */
  driver: Driver;
  /** Type and size of an action. */
  form: ActionForm;
}

/** A recorded episode: all that is needed to drive it again and to see that it is the same. */
export interface Episode extends EpisodeStart {
  /** `steps * form.size` numbers. */
  actions: ActionArray;
  /** Rewards as `step` returned them, one a step. */
  rewards: Float64Array;
  /** The episode's end. */
  end: EpisodeEnd;
  /** SHA-256, in hexadecimal, of the bytes of the observation after the last step. */
  frameSha256: string;
  /** Steps in which a person took the wheel from `driver`, in ascending order. Default: none. */
  corrections?: readonly StepRange[];
}

/** True if a person drove this step in the driver's place. */
export function isCorrected({ corrections = [] }: Pick<Episode, "corrections">, step: number): boolean {
  return corrections.some(([first, end]) => first <= step && step < end);
}

/** Number of steps that a person drove in the driver's place. */
export function correctedSteps({ corrections = [] }: Pick<Episode, "corrections">): number {
  return corrections.reduce((sum, [first, end]) => sum + end - first, 0);
}

/** Sum of an episode's rewards: the driving reward. */
export function totalReward(episode: Episode): number {
  return episode.rewards.reduce((sum, reward) => sum + reward, 0);
}

/** The action of a step, in the form that `env.step` takes. */
export function actionAt(episode: Episode, step: number): Float32Array | Float64Array | number {
  const { actions, form } = episode;
  return actions instanceof Int32Array
    ? actions[step]
    : actions.slice(step * form.size, (step + 1) * form.size);
}

/**
 * SHA-256 of an observation's bytes, in hexadecimal.
 * @throws InvalidOption on observations that are not typed arrays, as all of CarRacing's are
 */
export function hashObservation(observation: unknown): string {
  if (!ArrayBuffer.isView(observation))
    throw new InvalidOption(
      `a recording needs observations that are typed arrays, got ${describe(observation)}`,
    );
  return bytesToHex(
    sha256(new Uint8Array(observation.buffer, observation.byteOffset, observation.byteLength)),
  );
}

/** Arguments of `make` that change nothing of an episode. */
const NEUTRAL_KWARGS = ["renderMode", "reuseObservations", "verbose"];

/** The arguments of `make` that an episode depends on. */
export function withoutNeutral(kwargs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(kwargs).filter(([key]) => !NEUTRAL_KWARGS.includes(key)));
}

/** The lowest version of the format that holds such actions: float64 came with version 2. */
export function versionOf(form: ActionForm): number {
  return form.type === "float64" ? 2 : 1;
}

/** The text of an `.episode.json` file. */
export function formatEpisode(episode: Episode): string {
  const {
    tritrack,
    environment,
    seed,
    options,
    driver,
    form,
    actions,
    rewards,
    end,
    frameSha256,
    corrections,
  } = episode;
  const file = {
    format: EPISODE_FORMAT,
    version: versionOf(form),
    tritrack,
    environment,
    seed: formatSeed(seed),
    options,
    driver,
    end,
    steps: rewards.length,
    actions: { ...form, data: encodeBase64(actions) },
    rewards: { type: "float64", data: encodeBase64(rewards) },
    frameSha256,
    ...(corrections?.length ? { corrections } : {}),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/**
 * Reads the text of an `.episode.json` file.
 * @param name what error messages call it. Default: "recording"
 * @throws CorruptFile when anything in it is not as the format says
 */
export function parseEpisode(text: string, name = "recording"): Episode {
  const read = new FieldReader(parseJson(text, name), name);
  read.format(EPISODE_FORMAT, EPISODE_VERSION);
  const start = parseStart(read, read.record("actions"));
  const steps = read.integer("steps", 0, MAX_RECORDED_STEPS);
  checkDuration(steps, start.environment.kwargs, name);
  return {
    ...start,
    actions: read.record("actions").numbers("data", start.form.type, steps * start.form.size),
    rewards: read.record("rewards").numbers("data", "float64", steps),
    end: read.oneOf("end", EPISODE_ENDS),
    frameSha256: read.sha256("frameSha256"),
    ...(read.fields.corrections === undefined ? {} : { corrections: read.ranges("corrections", steps) }),
  };
}

/**
 * Reads the fields that a recording and a journal share.
 * @param form where the action's type and size are
 * @throws CorruptFile on other fields
 */
export function parseStart(read: FieldReader, form: FieldReader): EpisodeStart {
  const type = form.oneOf("type", ACTION_TYPES);
  return {
    tritrack: read.text("tritrack"),
    environment: parseEnvironment(read.record("environment")),
    seed: read.seed("seed"),
    options: read.record("options").fields,
    driver: parseDriver(read.record("driver")),
    form: { type, size: form.integer("size", 1, type === "int32" ? 1 : MAX_ACTION_SIZE) },
  };
}

/**
 * Reads how an environment was made.
 * @throws CorruptFile on other fields
 */
export function parseEnvironment(read: FieldReader): EpisodeStart["environment"] {
  const isUnlimited = read.fields.maxEpisodeSteps === null;
  return {
    id: read.text("id"),
    kwargs: read.record("kwargs").fields,
    maxEpisodeSteps: isUnlimited ? null : read.integer("maxEpisodeSteps", 1, Number.MAX_SAFE_INTEGER),
  };
}

/**
 * Reads who drove.
 * @throws CorruptFile on other fields
 */
export function parseDriver(read: FieldReader): Driver {
  return {
    kind: read.oneOf("kind", DRIVER_KINDS),
    name: read.text("name"),
    ...(read.fields.sha256 === undefined ? {} : { sha256: read.sha256("sha256") }),
    ...(read.fields.noise === undefined ? {} : { noise: read.number("noise", 0, 10) }),
  };
}

/** A seed as JSON holds it exactly. */
export function formatSeed(seed: Seed): number | string {
  return typeof seed === "bigint" && seed > BigInt(Number.MAX_SAFE_INTEGER) ? seed.toString() : Number(seed);
}
