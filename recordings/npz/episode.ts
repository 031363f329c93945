/**
 * An episode as an npz archive:
 *
 *     observations   uint8 [T + 1, 96, 96, 3]
 *     actions        float32 or float64 [T, 3], or int32 [T] where they are discrete
 *     rewards        float64 [T]
 *     terminations, truncations   bool [T]
 *     seed           int64 []; uint64 from 2^63 on, a text of digits from 2^64 on
 *     recording      text: JSON of { environment, options, driver }, names as in `.episode.json`
 *
 * Reading needs `actions` and `seed` only: `np.savez(path, seed=7, actions=actions)` of a drive in Gymnasium's
 * CarRacing-v3 makes a file that `tritrack import` takes. Rewards, frames and ends are compared where they are there;
 * other arrays are not looked at.
 */
import type { Env, Seed } from "../../env/api.ts";
import { describe, shorten } from "../../env/describe.ts";
import { CorruptFile } from "../../env/errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { type Episode, parseDriver, parseEnvironment } from "../episode.ts";
import { type EpisodeArrays, episodeArrays, type ForeignEpisode, recordForeign } from "../exchange.ts";
import { FieldReader, parseJson } from "../fields.ts";
import {
  checkActions,
  checkFrames,
  checkVector,
  countOf,
  formText,
  MAX_VECTOR_BYTES,
  roundingOf,
  toActions,
  toNumbers,
  typeName,
} from "../foreign-arrays.ts";
import type { Npy } from "./npy.ts";
import { NpzArchive, writeNpz } from "./npz.ts";

/** @param env as `makeRecordedEnv` makes it */
export function episodeToNpz(episode: Episode, env: Env<Uint8Array, Float32Array>): Uint8Array {
  const { environment, options, driver, seed, actions, rewards, form } = episode;
  const arrays: EpisodeArrays = episodeArrays(episode, env);
  const steps = rewards.length;
  const vector = (data: Uint8Array): Npy => ({ shape: [steps], data, bool: true });
  return writeNpz({
    observations: { shape: [steps + 1, ...arrays.observationShape], data: arrays.observations },
    actions: { shape: form.type === "int32" ? [steps] : [steps, form.size], data: actions },
    rewards: { shape: [steps], data: rewards },
    terminations: vector(arrays.terminations),
    truncations: vector(arrays.truncations),
    seed: seedArray(BigInt(seed)),
    recording: JSON.stringify({ environment, options, driver }),
  });
}

/** A seed as numpy stores a Python int: int64, or uint64 if the number needs it. Larger seeds are stored as text. */
function seedArray(seed: bigint): Npy {
  if (seed < 2n ** 63n) return { shape: [], data: BigInt64Array.of(seed) };
  return seed < 2n ** 64n ? { shape: [], data: BigUint64Array.of(seed) } : seed.toString();
}

/** Bytes that are unpacked at most of a seed, of the text, and of frames in Fortran order, which must be turned round. */
const MAX_SEED_BYTES = 400;
const MAX_TEXT_BYTES = 4 * 64 * 2 ** 10;
const MAX_TURNED_BYTES = 64 * 2 ** 20;

/**
 * Drives the episode of an npz archive again, checks what it holds, and gives the recording.
 * @param bytes the archive, or where its bytes are
 * @param name what error messages call it
 * @param onProgress called every thousand steps with the steps driven and all there are
 * @throws CorruptFile on what is no such archive; ReplayMismatch where rewards, frames or ends differ
 */
export async function episodeFromNpz(
  bytes: Uint8Array | ByteSource,
  name: string,
  onProgress?: (done: number, total: number) => Promise<void> | void,
): Promise<Episode> {
  const archive = new NpzArchive(bytes, name);
  const form = archive.header("actions");
  if (!form)
    throw new CorruptFile(
      `${name}: expected an array "actions", got ${shorten(archive.keys.join(", ") || "none")}`,
    );
  const { steps, isDiscrete } = checkActions(form, name);
  const vector = (key: string) => readVector(archive, key, steps, name);
  const foreign: ForeignEpisode = {
    ...readSetting(archive, isDiscrete, steps, name),
    actions: toActions((archive.read("actions", 3 * MAX_VECTOR_BYTES) as Numbers).data, isDiscrete, name),
    seed: readSeed(archive, name),
    rewards: vector("rewards"),
    roundReward: roundingOf(archive.header("rewards")?.type ?? ""),
    terminations: vector("terminations"),
    truncations: vector("truncations"),
    observations: readFrames(archive, steps, name),
  };
  return recordForeign(foreign, name, onProgress);
}

type Numbers = Exclude<Npy, string>;

/** An array of one number a step. */
function readVector(archive: NpzArchive, key: string, steps: number, name: string): Float64Array | undefined {
  const header = archive.header(key);
  if (!header) return undefined;
  checkVector(header, steps, `${name}: ${key}`);
  return toNumbers((archive.read(key, MAX_VECTOR_BYTES) as Numbers).data);
}

/** Frames one by one, so that an archive may hold more than memory does. */
function readFrames(archive: NpzArchive, steps: number, name: string): Iterable<Uint8Array> | undefined {
  const header = archive.header("observations");
  if (!header) return undefined;
  checkFrames(header, steps, `${name}: observations`);
  if (!header.isFortran) return archive.rows("observations");
  const { data } = archive.read("observations", MAX_TURNED_BYTES) as { data: Uint8Array };
  const size = data.length / (steps + 1);
  return Array.from({ length: steps + 1 }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

type Setting = Pick<ForeignEpisode, "environment" | "options" | "driver">;

function readSetting(archive: NpzArchive, isDiscrete: boolean, steps: number, name: string): Setting {
  const header = archive.header("recording");
  if (!header) {
    const kwargs = isDiscrete ? { continuous: false } : {};
    // A longer drive was not cut at the usual limit.
    const maxEpisodeSteps = steps > 1000 ? null : 1000;
    const environment = { id: "CarRacing-v3", kwargs, maxEpisodeSteps };
    return { environment, options: {}, driver: { kind: "policy", name: "imported" } };
  }
  const text = header.type[0] === "U" ? archive.read("recording", MAX_TEXT_BYTES) : null;
  if (typeof text !== "string")
    throw new CorruptFile(`${name}: recording: expected text, got ${typeName(header.type)}`);
  const where = `${name}: recording`;
  const read = new FieldReader(parseJson(text, where), where);
  const environment = parseEnvironment(read.record("environment"));
  read.record("environment").oneOf("id", ["CarRacing-v3"]);
  return { environment, options: read.record("options").fields, driver: parseDriver(read.record("driver")) };
}

/** A whole number of any integer type, of float64 where it is exact, or a text of digits. */
function readSeed(archive: NpzArchive, name: string): Seed {
  const header = archive.header("seed");
  const isKnown = header && /^[iufU]/.test(header.type) && countOf(header.shape) === 1;
  const seed = isKnown ? archive.read("seed", MAX_SEED_BYTES) : null;
  const value = typeof seed === "string" ? seed : seed ? exactText(seed.data[0]) : "";
  if (!/^\d{1,100}$/.test(value)) {
    const got = !header
      ? `none; there are ${shorten(archive.keys.join(", "))}`
      : isKnown
        ? describe(typeof seed === "string" ? seed : seed!.data[0])
        : formText(header);
    throw new CorruptFile(
      `${name}: seed: expected a whole number from 0 to 2^64 - 1 (a larger one as text, str(seed)), got ${got}`,
    );
  }
  return BigInt(value) <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : BigInt(value);
}

function exactText(value: number | bigint): string {
  return typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : "";
}
