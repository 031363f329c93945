/**
 * Minari's datasets (minari.farama.org, version 0.5.4): `NAME-v0/data/main_data.hdf5` with a group for each episode, and
 * `metadata.json` beside it. Frames are written as they are (`jpeg_encoding: false`), compressed without loss.
 *
 * Reading takes datasets of Gymnasium's CarRacing-v3, and of tritrack/CarRacing-v3, whose episodes have seeds, as
 * Minari's DataCollector keeps them: an episode is driven again, and must give the rewards, ends and (but for JPEG)
 * frames of the file. Datasets collected through wrappers that change these, and those in Arrow's format, are named and
 * refused.
 */
import type { Seed } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import { isRecord } from "../../env/is-record.ts";
import type { ByteSource } from "../byte-source.ts";
import type { Driver, Episode, EpisodeStart } from "../episode.ts";
import {
  episodeArrays,
  type ForeignEpisode,
  kwargsFromGymnasium,
  kwargsToGymnasium,
  recordForeign,
} from "../exchange.ts";
import { FieldReader, parseJson } from "../fields.ts";
import {
  checkActions,
  checkFrames,
  checkVector,
  MAX_VECTOR_BYTES,
  roundingOf,
  toActions,
  toNumbers,
} from "../foreign-arrays.ts";
import { makeRecordedEnv } from "../player.ts";
import {
  arrayAt,
  attributeOf,
  buildHdf5,
  type File,
  fromLibrary,
  type Group,
  groupAt,
  readHdf5,
} from "./hdf5.ts";

const MINARI_VERSION = "0.5.4";
/** Frames in one compressed piece of the file. */
const CHUNK = 16;
const GZIP_LEVEL = 4;
/** Episodes of one dataset that are read. */
const MAX_EPISODES = 100_000;
/** Environments whose datasets are read: Gymnasium's, and this one through the Python bridge. */
const MINARI_IDS = ["CarRacing-v3", "tritrack/CarRacing-v3"] as const;
const ID = /^(?:[-\w]+\/)*[-\w]+-v\d+$/;

/** The two files of a dataset. */
export interface MinariDataset {
  /** Bytes of `main_data.hdf5`. */
  data: Uint8Array;
  /** Text of `metadata.json`. */
  metadata: string;
}

/** Options of {@link writeMinari}. */
export interface MinariOptions {
  /** "NAME-v0", with namespaces before it: "tritrack/expert-v0". */
  id: string;
  /** Author in the dataset's metadata. Default: "tritrack". */
  author?: string;
  /** Description in the dataset's metadata. Default: a sentence that names the drivers. */
  description?: string;
  /** Called after every episode with the number of those written; a promise is awaited. Default: nobody is told. */
  onProgress?: (done: number) => Promise<void> | void;
}

/**
 * The files of a dataset that holds the episodes with all of their frames, which are made by replaying.
 * @param episodes all of the same environment, at least one
 * @throws InvalidOption on episodes of several kinds, options that Gymnasium's CarRacing-v3 does not have, and names that
 * Minari does not take; ReplayMismatch at the first step that does not replay
 */
export async function writeMinari(
  episodes: readonly Episode[],
  { id, author = "tritrack", description, onProgress }: MinariOptions,
): Promise<MinariDataset> {
  if (!ID.test(id))
    throw new InvalidOption(
      `Minari: expected a name like "expert-v0" or "me/expert-v0", got ${describe(id)}`,
    );
  if (episodes.length === 0) throw new InvalidOption("Minari: expected at least one recording");
  const [{ environment }] = episodes;
  const kind = JSON.stringify(environment);
  if (episodes.some((episode) => JSON.stringify(episode.environment) !== kind))
    throw new InvalidOption("Minari: expected recordings of one kind of environment in a dataset");
  const kwargs = kwargsToGymnasium(environment.kwargs);
  const env = await makeRecordedEnv(episodes[0]);
  try {
    const data = await buildHdf5(async (file) => {
      for (const [i, episode] of episodes.entries()) {
        writeEpisode(file.create_group(`episode_${i}`), i, episode, episodeArrays(episode, env));
        await onProgress?.(i + 1);
      }
    });
    const isDiscrete = environment.kwargs.continuous === false;
    const action = isDiscrete
      ? { type: "Discrete", dtype: "int64", start: 0, n: 5 }
      : { type: "Box", dtype: actionType(episodes), shape: [3], low: [-1, 0, 0], high: [1, 1, 1] };
    const picture = (value: number) => Array(96).fill(Array(96).fill(Array(3).fill(value)));
    const observation = {
      type: "Box",
      dtype: "uint8",
      shape: [96, 96, 3],
      low: picture(0),
      high: picture(255),
    };
    const drivers = [...new Set(episodes.map(({ driver }) => driver.name))].sort();
    const metadata = {
      dataset_id: id,
      total_episodes: episodes.length,
      total_steps: episodes.reduce((sum, { rewards }) => sum + rewards.length, 0),
      data_format: "hdf5",
      jpeg_encoding: false,
      observation_space: JSON.stringify(observation),
      action_space: JSON.stringify(action),
      env_spec: JSON.stringify(envSpec(environment.maxEpisodeSteps, kwargs)),
      algorithm_name: drivers.join(", "),
      author: [author],
      description: description ?? `CarRacing-v3 driven by ${drivers.join(", ")}, recorded by tritrack`,
      requirements: ["gymnasium[box2d]"],
      minari_version: MINARI_VERSION,
      dataset_size: Math.round(data.length / 1e5) / 10, // megabytes
    };
    return { data, metadata: `${JSON.stringify(metadata)}\n` };
  } finally {
    env.close();
  }
}

/** A dataset with float64 actions says so, or Minari would warn that they are outside of its space. */
function actionType(episodes: readonly Episode[]): string {
  return episodes.some(({ form }) => form.type === "float64") ? "float64" : "float32";
}

function envSpec(maxEpisodeSteps: number | null, kwargs: Record<string, unknown>): object {
  return {
    id: "CarRacing-v3",
    entry_point: "gymnasium.envs.box2d.car_racing:CarRacing",
    reward_threshold: 900,
    nondeterministic: false,
    max_episode_steps: maxEpisodeSteps,
    order_enforce: true,
    disable_env_checker: false,
    kwargs,
    additional_wrappers: [],
    vector_entry_point: null,
  };
}

function writeEpisode(
  group: Group,
  id: number,
  episode: Episode,
  arrays: ReturnType<typeof episodeArrays>,
): void {
  const { seed, options, actions, rewards, form, driver } = episode;
  const steps = rewards.length;
  const { observations, observationShape, terminations, truncations } = arrays;
  group.create_attribute("id", id, [], "<q");
  group.create_attribute("total_steps", steps, [], "<q");
  if (BigInt(seed) >= 2n ** 64n)
    throw new InvalidOption(`Minari: seed: expected at most 2^64 - 1, got ${describe(seed)}`);
  // Like h5py with a Python int: int64, or uint64 if the number needs it.
  if (BigInt(seed) < 2n ** 63n) group.create_attribute("seed", BigInt64Array.of(BigInt(seed)), [], "<q");
  else group.create_attribute("seed", BigUint64Array.of(BigInt(seed)), [], "<Q");
  group.create_attribute("driver", driver.name);
  for (const [key, value] of Object.entries(options)) {
    if (typeof value === "boolean") group.create_attribute(`options/${key}`, Number(value), [], "<B");
  }
  const chunk = [Math.min(CHUNK, steps + 1), ...observationShape];
  group.create_dataset({
    name: "observations",
    data: observations,
    shape: [steps + 1, ...observationShape],
    dtype: "<B",
    chunks: chunk,
    compression: GZIP_LEVEL,
  });
  const isDiscrete = form.type === "int32";
  group.create_dataset({
    name: "actions",
    data: isDiscrete ? BigInt64Array.from(actions, BigInt) : actions,
    shape: isDiscrete ? [steps] : [steps, form.size],
    dtype: isDiscrete ? "<q" : form.type === "float64" ? "<d" : "<f",
  });
  group.create_dataset({ name: "rewards", data: rewards, shape: [steps], dtype: "<d" });
  group.create_dataset({ name: "terminations", data: terminations, shape: [steps], dtype: "<B" });
  group.create_dataset({ name: "truncations", data: truncations, shape: [steps], dtype: "<B" });
}

/** Bytes of the longest metadata: those of a stack of 64 frames, which list bounds for every byte of it. */
export const MAX_METADATA_BYTES = 32 * 2 ** 20;

/**
 * The recordings of a dataset, one after another.
 * @param dataset its two files; `data` may be a source, so that datasets larger than memory are read
 * @param name what error messages and recordings call it
 * @param onEpisode called with each recording, how many are done, and how many there are
 * @throws CorruptFile on what is no such dataset, naming wrappers and formats that are not read; ReplayMismatch where
 * rewards, frames or ends differ; what `onEpisode` throws
 */
export async function readMinari(
  { data, metadata }: { data: Uint8Array | ByteSource; metadata: string },
  name: string,
  onEpisode: (episode: Episode, done: number, total: number) => Promise<void> | void,
): Promise<void> {
  const { environment, isJpeg } = readMetadata(metadata, name);
  await readHdf5(data, name, async (file) => {
    const ids = episodeIds(file, name);
    for (const [done, id] of ids.entries()) {
      const where = `${name}: episode ${id}`;
      const group = groupAt(file, `episode_${id}`, where);
      const foreign = readEpisode(group, where, isJpeg);
      const driver: Driver = { kind: "policy", name: driverOf(group, where) ?? name };
      const episode = await recordForeign({ ...foreign, environment, driver }, where);
      await onEpisode(episode, done + 1, ids.length);
    }
  });
}

/**
 * Checks what `metadata.json` says of a dataset, before its data are looked at.
 * @throws CorruptFile naming what is not read
 */
export function readMetadata(
  text: string,
  name: string,
): { environment: EpisodeStart["environment"]; isJpeg: boolean } {
  const read = new FieldReader(parseJson(text, `${name}: metadata.json`), `${name}: metadata.json`);
  const format = read.fields.data_format;
  if (format !== "hdf5")
    throw new CorruptFile(
      `${name}: data_format: expected "hdf5", got ${describe(format)}; collect with DataCollector(env, data_format="hdf5")`,
    );
  if (read.fields.env_spec === undefined)
    throw new CorruptFile(
      `${name}: env_spec: expected that of CarRacing-v3, got none; collect around gymnasium.make("CarRacing-v3") without wrappers`,
    );
  const spec = new FieldReader(parseJson(read.text("env_spec"), `${name}: env_spec`), `${name}: env_spec`);
  const id = spec.oneOf("id", MINARI_IDS);
  checkWrappers(spec.fields.additional_wrappers, name);
  const limit = spec.fields.max_episode_steps;
  return {
    environment: {
      id: "CarRacing-v3",
      kwargs: kwargsFromGymnasium(spec.record("kwargs").fields, name, id === "tritrack/CarRacing-v3"),
      maxEpisodeSteps: limit === null ? null : spec.integer("max_episode_steps", 1, Number.MAX_SAFE_INTEGER),
    },
    isJpeg: read.fields.jpeg_encoding !== false,
  };
}

/** Wrappers that leave actions, observations and rewards as they are. */
const HARMLESS_WRAPPERS = ["RecordEpisodeStatistics", "RecordVideo", "OrderEnforcing", "PassiveEnvChecker"];

/** @throws CorruptFile naming a wrapper that the dataset was collected through: its drives are not the environment's */
function checkWrappers(wrappers: unknown, name: string): void {
  if (wrappers === undefined || wrappers === null) return;
  const names = Array.isArray(wrappers)
    ? wrappers.map((one) => (isRecord(one) ? one.name : one))
    : [wrappers];
  const wrong = names.find((one) => !HARMLESS_WRAPPERS.includes(one as string));
  if (wrong === undefined) return;
  throw new CorruptFile(
    `${name}: additional_wrappers: expected none that changes what passes, got ${describe(wrong)}; collect inside of it: Wrapper(DataCollector(env))`,
  );
}

function episodeIds(file: File, name: string): number[] {
  const ids = fromLibrary(name, () => file.keys())
    .map((key) => /^episode_(\d{1,9})$/.exec(key)?.[1])
    .filter((id) => id !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  if (ids.length === 0 || ids.length > MAX_EPISODES)
    throw new CorruptFile(`${name}: expected 1 to ${MAX_EPISODES} episodes, got ${ids.length}`);
  return ids;
}

function readEpisode(
  group: Group,
  where: string,
  isJpeg: boolean,
): Omit<ForeignEpisode, "environment" | "driver"> {
  const actions = arrayAt(group, "actions", where);
  if (!actions) throw new CorruptFile(`${where}: expected an array "actions"`);
  const { steps, isDiscrete } = checkActions(actions.form, where);
  const rewards = arrayAt(group, "rewards", where);
  const vector = (key: string) => readVector(group, key, steps, where);
  return {
    actions: toActions(actions.read(3 * MAX_VECTOR_BYTES), isDiscrete, where),
    rewards: vector("rewards"),
    roundReward: rewards ? roundingOf(rewards.form.type) : undefined,
    terminations: vector("terminations"),
    truncations: vector("truncations"),
    observations: readFrames(group, steps, where, isJpeg),
    seed: readSeed(group, where),
    options: readOptions(group, where),
  };
}

function readVector(group: Group, key: string, steps: number, where: string): Float64Array | undefined {
  const array = arrayAt(group, key, where);
  if (!array) return undefined;
  checkVector(array.form, steps, `${where}: ${key}`);
  return toNumbers(array.read(MAX_VECTOR_BYTES));
}

/** Frames, but for those in JPEG, which are not what the environment showed. */
function readFrames(
  group: Group,
  steps: number,
  where: string,
  isJpeg: boolean,
): Iterable<Uint8Array> | undefined {
  const isThere = fromLibrary(where, () => group.keys().includes("observations"));
  const array = isJpeg || !isThere ? null : arrayAt(group, "observations", where);
  if (!array) return undefined;
  checkFrames(array.form, steps, `${where}: observations`);
  return array.rows();
}

function readSeed(group: Group, where: string): Seed {
  const seed = attributeOf(group, "seed", where);
  const digits = typeof seed === "number" || typeof seed === "bigint" ? String(seed) : "";
  if (!/^\d{1,20}$/.test(digits))
    throw new CorruptFile(
      `${where}: seed: expected a whole number, got ${describe(seed ?? null)}: without one an episode cannot be driven again`,
    );
  return BigInt(digits) <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(digits) : BigInt(digits);
}

/** `options/randomize`, the one that CarRacing-v3 has. */
function readOptions(group: Group, where: string): Record<string, unknown> {
  const value = attributeOf(group, "options/randomize", where);
  return value === undefined ? {} : { randomize: Boolean(value) };
}

/** Name of the driver; undefined unless tritrack wrote the dataset. */
function driverOf(group: Group, where: string): string | undefined {
  const value = attributeOf(group, "driver", where);
  return typeof value === "string" ? value : undefined;
}
