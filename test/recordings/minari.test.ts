/** Tests Minari datasets: the round trip, and untrusted datasets. test/python opens them in Minari. */
import { beforeAll, describe, expect, test } from "vitest";
import { TritrackError } from "../../env/errors.ts";
import { make } from "../../env/index.ts";
import { Random } from "../../env/random.ts";
import { type Episode, Recorder } from "../../recordings/index.ts";
import { buildHdf5, type File } from "../../recordings/minari/hdf5.ts";
import { type MinariDataset, readMinari, writeMinari } from "../../recordings/minari/minari.ts";

const driver = { kind: "expert", name: "test" } as const;

async function drive(seed: number, steps: number, kwargs = {}): Promise<Episode> {
  const env = new Recorder(await make("CarRacing-v3", kwargs), { driver });
  env.reset({ seed });
  for (let step = 0; step < steps; step++) env.step([0.1, 0.4, 0]);
  env.stop();
  const episode = env.episode()!;
  env.close();
  return episode;
}

async function read(dataset: MinariDataset): Promise<Episode[]> {
  const episodes: Episode[] = [];
  await readMinari(dataset, "test", (episode) => void episodes.push(episode));
  return episodes;
}

let episodes: Episode[];
let dataset: MinariDataset;
beforeAll(async () => {
  episodes = [await drive(7, 5, { lapCompletePercent: 0.9 }), await drive(8, 3, { lapCompletePercent: 0.9 })];
  dataset = await writeMinari(episodes, { id: "me/test-v0" });
});

test("recordings come back with their seeds, actions, rewards and frames", async () => {
  const expected = episodes.map((episode) => ({ ...episode, driver: { kind: "policy", name: "test" } }));
  expect(await read(dataset)).toEqual(expected);
});

test("metadata is in Gymnasium's words", () => {
  const metadata = JSON.parse(dataset.metadata);
  expect(metadata).toMatchObject({
    dataset_id: "me/test-v0",
    total_episodes: 2,
    total_steps: 8,
    jpeg_encoding: false,
  });
  expect(JSON.parse(metadata.env_spec)).toMatchObject({
    id: "CarRacing-v3",
    max_episode_steps: 1000,
    kwargs: { lap_complete_percent: 0.9 },
  });
});

describe("episodes that no dataset can hold are refused:", () => {
  test("several kinds of environment", async () => {
    await expect(writeMinari([episodes[0], await drive(1, 2)], { id: "a-v0" })).rejects.toThrow("one kind");
  });
  test("options that Gymnasium does not have", async () => {
    const skipping = await drive(1, 2, { frameSkip: 2 });
    await expect(writeMinari([skipping], { id: "a-v0" })).rejects.toThrow(
      "frameSkip: expected options that Gymnasium's CarRacing-v3 has",
    );
  });
  test("a name without version, or one that leads elsewhere", async () => {
    for (const id of ["a", "../a-v0", "/a-v0"])
      await expect(writeMinari(episodes, { id })).rejects.toThrow("expected a name");
  });
  test("nothing", async () => {
    await expect(writeMinari([], { id: "a-v0" })).rejects.toThrow("at least one");
  });
});

describe("untrusted datasets", () => {
  const spec = (change: object) => {
    const metadata = JSON.parse(dataset.metadata);
    return JSON.stringify({
      ...metadata,
      env_spec: JSON.stringify({ ...JSON.parse(metadata.env_spec), ...change }),
    });
  };

  test("of other environments, or with options that Gymnasium's has not, are refused", async () => {
    await expect(read({ ...dataset, metadata: spec({ id: "os:Danger-v0" }) })).rejects.toThrow(
      "id: expected one of CarRacing-v3, tritrack/CarRacing-v3",
    );
    const hang = spec({ kwargs: { frameSkip: 1e15 } });
    await expect(read({ ...dataset, metadata: hang })).rejects.toThrow(
      'kwargs: expected options of CarRacing-v3, got "frameSkip"',
    );
    await expect(read({ ...dataset, metadata: "{}" })).rejects.toThrow("data_format");
    await expect(read({ ...dataset, metadata: "[" })).rejects.toThrow(TritrackError);
  });

  /** A file with one episode, which `fill` makes. */
  const forge = async (fill: (group: ReturnType<File["create_group"]>) => void): Promise<MinariDataset> => {
    const data = await buildHdf5(async (file) => fill(file.create_group("episode_0")));
    return { ...dataset, data };
  };
  const actions = { name: "actions", data: Float32Array.of(0, 0, 0), shape: [1, 3], dtype: "<f" };

  test("without seed or actions, or with rewards that are not so, are refused", async () => {
    await expect(read(await forge((group) => group.create_dataset(actions)))).rejects.toThrow(
      "seed: expected a whole number, got null",
    );
    const seeded = (group: ReturnType<File["create_group"]>) => group.create_attribute("seed", 7, [], "<q");
    await expect(read(await forge(seeded))).rejects.toThrow('"actions"');
    const wrong = await forge((group) => {
      seeded(group);
      group.create_dataset(actions);
      group.create_dataset({ name: "rewards", data: Float64Array.of(1), shape: [1], dtype: "<d" });
    });
    await expect(read(wrong)).rejects.toThrow("reward of step 0");
  });

  test("cannot reach files outside of themselves", async () => {
    const linked = await buildHdf5(async (file) => {
      const group = file.create_group("episode_0");
      group.create_attribute("seed", 7, [], "<q");
      group.create_external_link("/etc/passwd", "actions", "actions");
      file.create_external_link("/etc/hosts", "episode_1", "x");
    });
    await expect(read({ ...dataset, data: linked })).rejects.toThrow(TritrackError);
  });

  test("damaged, truncated or of noise throw one of our errors, or read as the episode they still are", async () => {
    const random = new Random(1);
    const { data } = dataset;
    for (let i = 0; i < 60; i++) {
      const copy = i % 3 === 0 ? data.slice(0, random.integers(data.length)) : data.slice();
      // The first kilobytes are the file's structure.
      if (i % 3 > 0)
        for (let k = 0; k < 8; k++) copy[random.integers(Math.min(6000, copy.length))] = random.integers(256);
      await read({ ...dataset, data: copy }).catch((error) => expect(error).toBeInstanceOf(TritrackError));
    }
    expect(await read(dataset)).toHaveLength(2);
  });
});
