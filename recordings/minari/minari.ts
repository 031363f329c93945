/**
 * Minari's datasets (minari.farama.org, version 0.5.4): `NAME-v0/data/main_data.hdf5` with a group for each episode, and
 * `metadata.json` beside it. Frames are written as they are (`jpeg_encoding: false`), compressed without loss.
 *
 * Reading takes datasets of Gymnasium's CarRacing-v3 whose episodes have seeds, as Minari's DataCollector keeps them:
 * an episode is driven again, and must give the rewards and frames of the file.
 */
import type { Seed } from "../../env/api.ts";
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import type { Driver, Episode } from "../episode.ts";
import {
  episodeArrays,
  type ForeignEpisode,
  kwargsFromGymnasium,
  kwargsToGymnasium,
  recordForeign,
} from "../exchange.ts";
import { FieldReader, parseJson } from "../fields.ts";
import { makeRecordedEnv } from "../player.ts";
import { buildHdf5, datasetAt, type File, Group, readHdf5 } from "./hdf5.ts";

const MINARI_VERSION = "0.5.4";
/** Frames in one compressed piece of the file. */
const CHUNK = 16;
const GZIP_LEVEL = 4;
/** Of one array of a stranger's dataset: the frames of half an hour. Bytes. */
const MAX_BYTES = 3 * 2 ** 30;
const MAX_EPISODES = 100_000;
const ID = /^(?:[-\w]+\/)*[-\w]+-v\d+$/;

/** The two files of a dataset. */
export interface MinariDataset {
  /** main_data.hdf5 */
  data: Uint8Array;
  /** metadata.json */
  metadata: string;
}

export interface MinariOptions {
  /** "NAME-v0", with namespaces before it: "tritrack/expert-v0". */
  id: string;
  author?: string;
  description?: string;
  /** Told after every episode. */
  onProgress?: (done: number) => Promise<void> | void;
}

/**
 * @param episodes all of the same environment, at least one
 * @throws InvalidOption on other episodes, or another kind of id; ReplayMismatch as `replay` does
 */
export async function writeMinari(
  episodes: readonly Episode[],
  { id, author = "tritrack", description, onProgress }: MinariOptions,
): Promise<MinariDataset> {
  if (!ID.test(id))
    throw new InvalidOption(`Minari: expected a name like "expert-v0" or "me/expert-v0", got "${id}"`);
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
      : { type: "Box", dtype: "float32", shape: [3], low: [-1, 0, 0], high: [1, 1, 1] };
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
  if (BigInt(seed) >= 2n ** 63n) throw new InvalidOption(`Minari: expected seeds below 2^63, got ${seed}`);
  group.create_attribute("seed", BigInt64Array.of(BigInt(seed)), [], "<q");
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
    dtype: isDiscrete ? "<q" : "<f",
  });
  group.create_dataset({ name: "rewards", data: rewards, shape: [steps], dtype: "<d" });
  group.create_dataset({ name: "terminations", data: terminations, shape: [steps], dtype: "<B" });
  group.create_dataset({ name: "truncations", data: truncations, shape: [steps], dtype: "<B" });
}

/**
 * The recordings of a dataset, one after another.
 * @param name what error messages and recordings call it
 * @throws CorruptFile on what is no such dataset; ReplayMismatch where rewards or frames differ
 */
export async function readMinari(
  { data, metadata }: MinariDataset,
  name: string,
  onEpisode: (episode: Episode, done: number, total: number) => Promise<void> | void,
): Promise<void> {
  const { environment, isLossless } = readMetadata(metadata, name);
  await readHdf5(data, async (file) => {
    const ids = episodeIds(file, name);
    for (const [done, id] of ids.entries()) {
      const group = file.get(`episode_${id}`);
      const where = `${name}: episode ${id}`;
      if (!(group instanceof Group)) throw new CorruptFile(`${where}: expected a group`);
      const foreign = readEpisode(group, where, isLossless);
      const driver: Driver = { kind: "policy", name: attributeText(group, "driver") ?? name };
      const episode = await recordForeign({ ...foreign, environment, driver }, where);
      await onEpisode(episode, done + 1, ids.length);
    }
  }).catch((error: unknown) => {
    // The library throws texts and plain errors on files that are none.
    if (error instanceof Error && error.name !== "Error") throw error;
    throw new CorruptFile(`${name} is not an HDF5 file that can be read (truncated or damaged?)`);
  });
}

function readMetadata(text: string, name: string) {
  const read = new FieldReader(parseJson(text, `${name}: metadata.json`), `${name}: metadata.json`);
  read.oneOf("data_format", ["hdf5"]);
  const spec = new FieldReader(parseJson(read.text("env_spec"), name), `${name}: env_spec`);
  const limit = spec.fields.max_episode_steps;
  return {
    environment: {
      id: spec.oneOf("id", ["CarRacing-v3"]),
      kwargs: kwargsFromGymnasium(spec.record("kwargs").fields, name),
      maxEpisodeSteps: limit === null ? null : spec.integer("max_episode_steps", 1, Number.MAX_SAFE_INTEGER),
    },
    isLossless: read.fields.jpeg_encoding === false,
  };
}

function episodeIds(file: File, name: string): number[] {
  const ids = file
    .keys()
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
  isLossless: boolean,
): Omit<ForeignEpisode, "environment" | "driver"> {
  const actions = numbers(group, "actions", where);
  if (!actions) throw new CorruptFile(`${where}: expected a dataset "actions"`);
  return {
    actions,
    rewards: numbers(group, "rewards", where),
    observations: isLossless ? (numbers(group, "observations", where) as Uint8Array | undefined) : undefined,
    seed: readSeed(group, where),
    options: readOptions(group),
  };
}

function numbers(group: Group, key: string, where: string): ArrayLike<number> | undefined {
  const dataset = datasetAt(group, key);
  if (!dataset) return undefined;
  const { metadata } = dataset;
  if (metadata.size * metadata.total_size > MAX_BYTES)
    throw new CorruptFile(`${where}: "${key}" is larger than ${MAX_BYTES} bytes`);
  const { value } = dataset;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Array.from(value, Number);
  if (!ArrayBuffer.isView(value)) throw new CorruptFile(`${where}: expected numbers in "${key}"`);
  return value as Uint8Array;
}

function readSeed(group: Group, where: string): Seed {
  const seed = Object.hasOwn(group.attrs, "seed") ? group.attrs.seed.value : null;
  const digits = typeof seed === "number" || typeof seed === "bigint" ? String(seed) : "";
  if (!/^\d{1,20}$/.test(digits))
    throw new CorruptFile(`${where}: expected a seed: without one an episode cannot be driven again`);
  return BigInt(digits) <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(digits) : BigInt(digits);
}

/** `options/randomize`, the one that CarRacing-v3 has. */
function readOptions(group: Group): Record<string, unknown> {
  const key = "options/randomize";
  return Object.hasOwn(group.attrs, key) ? { randomize: Boolean(group.attrs[key].value) } : {};
}

function attributeText(group: Group, key: string): string | undefined {
  const value = Object.hasOwn(group.attrs, key) ? group.attrs[key].value : undefined;
  return typeof value === "string" ? value : undefined;
}
