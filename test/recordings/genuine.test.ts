/**
 * Drives of the real CarRacing-v3, as the real NumPy and Minari wrote them (genuine/make_genuine.py): each is driven
 * again with equal frames, rewards and ends, or refused by name.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { CorruptFile } from "../../env/errors.ts";
import { PieceReader } from "../../recordings/byte-source.ts";
import { type Episode, formatEpisode, parseEpisode } from "../../recordings/episode.ts";
import { readMinari, writeMinari } from "../../recordings/minari/minari.ts";
import { episodeFromNpz, episodeToNpz } from "../../recordings/npz/episode.ts";
import { type Npy, readNpyData, readNpyHeader, writeNpy } from "../../recordings/npz/npy.ts";
import { NpzArchive, writeNpz } from "../../recordings/npz/npz.ts";
import { makeRecordedEnv, ReplayMismatch, verify } from "../../recordings/player.ts";

const FOLDER = join(import.meta.dirname, "genuine");
const bytesOf = (name: string) => readFileSync(join(FOLDER, name));
const npz = (name: string) => episodeFromNpz(bytesOf(`${name}.npz`), name);

async function minari(name: string): Promise<Episode[]> {
  const episodes: Episode[] = [];
  const packed = (ending: string) => gunzipSync(bytesOf(`${name}.minari.${ending}.gz`));
  const data = name === "arrow" ? new Uint8Array() : packed("hdf5");
  await readMinari(
    { data, metadata: packed("json").toString() },
    name,
    (episode) => void episodes.push(episode),
  );
  return episodes;
}

describe("archives of NumPy", () => {
  const types = {
    float64: "float64",
    float32: "float32",
    float16: "float32",
    int64: "float32",
    bool: "float32",
    discrete: "int32",
    "discrete-column": "int32",
    fortran: "float64",
    "big-endian": "float64",
    "half-rewards": "float64",
    "with-others": "float64",
    "seed-64-bits": "float64",
  };
  test.each(Object.entries(types))(
    "%s: frames, rewards and ends are equal; actions are %s",
    async (name, type) => {
      const episode = await npz(name);
      expect(episode.form.type).toBe(type);
      expect(episode.rewards.length).toBe(8);
      const env = await makeRecordedEnv(episode);
      verify(parseEpisode(formatEpisode(episode)), env);
      expect(await episodeFromNpz(episodeToNpz(episode, env), "again")).toEqual(episode);
      env.close();
    },
  );

  test("float64 actions are kept to the last bit, and seeds of 64 bits", async () => {
    const episode = await npz("seed-64-bits");
    expect(episode.seed).toBe(2n ** 64n - 1n);
    expect(Array.from(episode.actions.slice(3, 6))).toEqual([0.3 * Math.sin(1), 0.4, 0.1 / 3]);
    const env = await makeRecordedEnv(episode);
    const back = new NpzArchive(episodeToNpz(episode, env), "back");
    expect(back.header("actions")).toMatchObject({ type: "f8", shape: [8, 3] });
    expect(back.header("seed")).toMatchObject({ type: "u8", shape: [] });
    env.close();
  });

  /** The arrays of a genuine drive, some of them others. */
  const altered = (changes: Record<string, Npy | null>) => {
    const archive = new NpzArchive(bytesOf("float64.npz"), "genuine");
    const arrays = archive.keys.map((key) => [key, archive.read(key, 2 ** 24)] as const);
    const all = { ...Object.fromEntries(arrays), ...changes };
    return writeNpz(
      Object.fromEntries(Object.entries(all).filter(([, array]) => array !== null)) as Record<string, Npy>,
    );
  };
  const zeros = (...shape: number[]): Npy => ({
    shape,
    data: new Float64Array(shape.reduce((a, b) => a * b)),
  });
  const flag = (at: number): Npy => ({
    shape: [8],
    data: Uint8Array.from({ length: 8 }, (_, i) => +(i === at)),
    bool: true,
  });
  const nan = (shape: number[], at: number): Npy => {
    const array = zeros(...shape) as Exclude<Npy, string>;
    (array.data as Float64Array)[at] = Number.NaN;
    return array;
  };
  const shapes =
    "expected numbers of shape (T, 3), or whole numbers of shape (T,) or (T, 1) where they are discrete, got float64 of shape";
  const frames = "expected uint8 of shape (9, 96, 96, 3), as CarRacing-v3 without wrappers gives them, got";
  const wrong: [string, Record<string, Npy | null>, Error][] = [
    ["four numbers an action", { actions: zeros(60, 4) }, new CorruptFile(`x: actions: ${shapes} (60, 4)`)],
    ["one-hot actions", { actions: zeros(60, 5) }, new CorruptFile(`x: actions: ${shapes} (60, 5)`)],
    ["flattened actions", { actions: zeros(24) }, new CorruptFile(`x: actions: ${shapes} (24,)`)],
    [
      "a column of float actions",
      { actions: zeros(60, 1) },
      new CorruptFile(`x: actions: ${shapes} (60, 1)`),
    ],
    ["actions of a batch", { actions: zeros(1, 8, 3) }, new CorruptFile(`x: actions: ${shapes} (1, 8, 3)`)],
    [
      "no actions",
      { actions: null },
      new CorruptFile(
        'x: expected an array "actions", got seed, observations, rewards, terminations, truncations',
      ),
    ],
    [
      "a discrete action that there is not",
      {
        actions: { shape: [2], data: Int32Array.of(1, 5) },
        rewards: null,
        observations: null,
        terminations: null,
        truncations: null,
      },
      new CorruptFile("x: actions of step 1: expected 0 to 4, got 5"),
    ],
    [
      "NaN among actions",
      { actions: nan([8, 3], 17) },
      new CorruptFile("x: actions of step 5: expected finite numbers, got NaN"),
    ],
    [
      "NaN among rewards",
      { rewards: nan([8], 3) },
      new CorruptFile("x: rewards of step 3: expected a finite number, got NaN"),
    ],
    [
      "too few rewards",
      { rewards: zeros(7) },
      new CorruptFile("x: rewards: expected numbers of shape (8,), got float64 of shape (7,)"),
    ],
    [
      "rewards as text",
      { rewards: "1, 2" },
      new CorruptFile("x: rewards: expected numbers of shape (8,), got text of shape ()"),
    ],
    [
      "frames without the first",
      { observations: { shape: [8, 96, 96, 3], data: new Uint8Array(8 * 27648) } },
      new CorruptFile(`x: observations: ${frames} uint8 of shape (8, 96, 96, 3)`),
    ],
    [
      "grey frames",
      { observations: zeros(9, 96, 96) },
      new CorruptFile(`x: observations: ${frames} float64 of shape (9, 96, 96)`),
    ],
    [
      "another frame",
      { observations: { shape: [9, 96, 96, 3], data: new Uint8Array(9 * 27648) } },
      new ReplayMismatch("x: observation 0 is not what CarRacing-v3 shows for these actions"),
    ],
    [
      "another termination",
      { terminations: flag(4) },
      new ReplayMismatch("x: step 4 has termination true, CarRacing-v3 gives false"),
    ],
    [
      "another truncation",
      { truncations: flag(4) },
      new ReplayMismatch("x: step 4 has truncation true, CarRacing-v3 gives false"),
    ],
    [
      "a seed that is no whole number",
      { seed: { shape: [], data: Float64Array.of(7.5) } },
      new CorruptFile(
        "x: seed: expected a whole number from 0 to 2^64 - 1 (a larger one as text, str(seed)), got 7.5",
      ),
    ],
    [
      "a negative seed",
      { seed: { shape: [], data: BigInt64Array.of(-1n) } },
      new CorruptFile(
        "x: seed: expected a whole number from 0 to 2^64 - 1 (a larger one as text, str(seed)), got -1n",
      ),
    ],
  ];
  test.each(wrong)("%s are refused by name", async (_, changes, error) => {
    await expect(episodeFromNpz(altered(changes), "x")).rejects.toThrow(error);
  });

  test("a drive that its driver broke off may say that it was truncated", async () => {
    const episode = await episodeFromNpz(altered({ truncations: flag(7) }), "x");
    expect(episode.end).toBe("interrupted");
  });

  test("headers may have their keys in any order", () => {
    const file = writeNpy({ shape: [2], data: Float64Array.of(1, 2) });
    const text = "{'shape': (2,), \"fortran_order\" : False, 'descr': '<f8'}";
    const header = new TextEncoder().encode(`${text.padEnd(117)}\n`);
    file.set(header, 10);
    const reader = new PieceReader([file]);
    const parsed = readNpyHeader(reader);
    expect(parsed).toEqual({ type: "f8", isBigEndian: false, isFortran: false, shape: [2] });
    expect(readNpyData(reader, parsed, 100)).toEqual({
      shape: [2],
      data: Float64Array.of(1, 2),
      bool: false,
    });
  });
});

describe("datasets of Minari", () => {
  const forms = {
    float64: ["float64", {}, "interrupted"],
    float32: ["float32", {}, "interrupted"],
    jpeg: ["float64", {}, "interrupted"],
    verbose: ["float64", {}, "interrupted"],
    discrete: ["int32", { continuous: false }, "interrupted"],
    options: ["float64", { domainRandomize: true }, "interrupted"],
    limit: ["float64", {}, "truncated"],
    infos: ["float64", { lapCompletePercent: 0.9 }, "interrupted"],
    tritrack: ["float64", {}, "interrupted"],
    "tritrack-options": ["float64", { frameSkip: 2, direction: "backward" }, "interrupted"],
  } as const;
  test.each(Object.entries(forms))("%s is driven again", async (name, [type, kwargs, end]) => {
    const episodes = await minari(name);
    expect(episodes.map(({ form }) => form.type)).toEqual([type, type]);
    expect(episodes.map((episode) => episode.end)).toEqual([end, end]);
    expect(episodes[0].environment.kwargs).toEqual(kwargs);
    expect(episodes[0].seed).toBe(3);
    // Minari's collector draws seeds of 64 bits where none is given.
    expect(typeof episodes[1].seed).toBe("bigint");
    if (name === "float64" || name === "discrete") {
      const again: Episode[] = [];
      await readMinari(
        await writeMinari(episodes, { id: "a-v0" }),
        name,
        (episode) => void again.push(episode),
      );
      expect(again).toEqual(episodes);
    }
  });

  const refused = {
    arrow:
      'arrow: data_format: expected "hdf5", got "arrow"; collect with DataCollector(env, data_format="hdf5")',
    stack:
      'stack: additional_wrappers: expected none that changes what passes, got "FrameStackObservation"; collect inside of it: Wrapper(DataCollector(env))',
    gray: 'gray: additional_wrappers: expected none that changes what passes, got "GrayscaleObservation"; collect inside of it: Wrapper(DataCollector(env))',
    rescale:
      'rescale: env_spec: expected that of CarRacing-v3, got none; collect around gymnasium.make("CarRacing-v3") without wrappers',
    unseeded:
      "unseeded: episode 0: seed: expected a whole number, got null: without one an episode cannot be driven again",
  };
  test.each(Object.entries(refused))("%s is refused by name", async (name, message) => {
    await expect(minari(name)).rejects.toThrow(new CorruptFile(message));
  });
});
