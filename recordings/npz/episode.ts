/**
 * An episode as an npz archive:
 *
 *     observations   uint8 [T + 1, 96, 96, 3]
 *     actions        float32 [T, 3], or int32 [T] where they are discrete
 *     rewards        float64 [T]
 *     terminations, truncations   bool [T]
 *     seed           int64 []; a text of digits from 2^63 on
 *     recording      text: JSON of { environment, options, driver }, names as in `.episode.json`
 *
 * Reading needs `actions` and `seed` only: `np.savez(path, seed=7, actions=actions)` of a drive in Gymnasium's
 * CarRacing-v3 makes a file that `tritrack import` takes. What else is there is checked.
 */
import type { Env, Seed } from "../../env/api.ts";
import { CorruptFile } from "../../env/errors.ts";
import { DRIVER_KINDS, type Driver, type Episode } from "../episode.ts";
import { type EpisodeArrays, episodeArrays, type ForeignEpisode, recordForeign } from "../exchange.ts";
import { FieldReader, parseJson } from "../fields.ts";
import type { Npy } from "./npy.ts";
import { readNpz, writeNpz } from "./npz.ts";

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
    seed: BigInt(seed) < 2n ** 63n ? { shape: [], data: BigInt64Array.of(BigInt(seed)) } : seed.toString(),
    recording: JSON.stringify({ environment, options, driver }),
  });
}

/**
 * Drives the episode of an npz archive again, checks what it holds, and gives the recording.
 * @throws CorruptFile on what is no such archive; ReplayMismatch where rewards or frames differ
 */
export async function episodeFromNpz(bytes: Uint8Array, name: string): Promise<Episode> {
  const arrays = readNpz(bytes, name);
  const taken = arrays.get("actions");
  const actions = numbers(taken);
  if (!actions || typeof taken !== "object") throw new CorruptFile(`${name}: expected an array "actions"`);
  const given = arrays.get("observations");
  const observations =
    given && typeof given !== "string" && given.data instanceof Uint8Array ? given.data : undefined;
  const seed = readSeed(arrays.get("seed"), name);
  const isDiscrete = taken.shape.length === 1;
  const rest = { actions, seed, observations, rewards: numbers(arrays.get("rewards")) };
  return recordForeign({ ...readRecording(arrays.get("recording"), isDiscrete, name), ...rest }, name);
}

type Setting = Pick<ForeignEpisode, "environment" | "options" | "driver">;

function readRecording(text: Npy | undefined, isDiscrete: boolean, name: string): Setting {
  if (typeof text !== "string") {
    const kwargs = isDiscrete ? { continuous: false } : {};
    const environment = { id: "CarRacing-v3", kwargs, maxEpisodeSteps: 1000 };
    return { environment, options: {}, driver: { kind: "policy", name: "imported" } };
  }
  const read = new FieldReader(parseJson(text, name), name);
  const environment = read.record("environment");
  const driver = read.record("driver");
  const known: Driver = { kind: driver.oneOf("kind", DRIVER_KINDS), name: driver.text("name") };
  if (driver.fields.sha256 !== undefined) known.sha256 = driver.sha256("sha256");
  if (driver.fields.noise !== undefined) known.noise = driver.number("noise", 0, 10);
  return {
    environment: {
      id: environment.oneOf("id", ["CarRacing-v3"]),
      kwargs: environment.record("kwargs").fields,
      maxEpisodeSteps:
        environment.fields.maxEpisodeSteps === null
          ? null
          : environment.integer("maxEpisodeSteps", 1, Number.MAX_SAFE_INTEGER),
    },
    options: read.record("options").fields,
    driver: known,
  };
}

function readSeed(seed: Npy | undefined, name: string): Seed {
  const value = typeof seed === "string" ? seed : seed?.data.length === 1 ? String(seed.data[0]) : "";
  if (!/^\d{1,100}$/.test(value)) throw new CorruptFile(`${name}: expected a whole number as "seed"`);
  return BigInt(value) <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : BigInt(value);
}

/** An array's numbers: those of 64-bit integers rounded, as nothing here needs more. */
function numbers(array: Npy | undefined): ArrayLike<number> | undefined {
  if (array === undefined || typeof array === "string") return undefined;
  const { data } = array;
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, Number) : data;
}
