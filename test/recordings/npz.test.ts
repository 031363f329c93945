/** Tests NumPy archives: the round trip of episodes, and untrusted files. test/python opens them in numpy. */
import fc from "fast-check";
import { zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { TritrackError } from "../../env/errors.ts";
import { make } from "../../env/index.ts";
import { PieceReader } from "../../recordings/byte-source.ts";
import { type Episode, Recorder } from "../../recordings/index.ts";
import { episodeFromNpz, episodeToNpz } from "../../recordings/npz/episode.ts";
import { type Npy, readNpyData, readNpyHeader, writeNpy } from "../../recordings/npz/npy.ts";
import { NpzArchive, writeNpz } from "../../recordings/npz/npz.ts";
import { makeRecordedEnv } from "../../recordings/player.ts";

const STEPS = 6;
const driver = { kind: "policy", name: "test" } as const;

/** Every array of an archive. */
function readNpz(bytes: Uint8Array, name: string): Map<string, Npy> {
  const archive = new NpzArchive(bytes, name);
  return new Map(archive.keys.map((key) => [key, archive.read(key, 2 ** 24)!]));
}

function readNpy(file: Uint8Array): Npy {
  const reader = new PieceReader([file]);
  return readNpyData(reader, readNpyHeader(reader), 2 ** 24);
}

/** A short drive, recorded. */
async function drive(kwargs: { continuous?: boolean }, seed: number | bigint): Promise<Episode> {
  const env = new Recorder(await make("CarRacing-v3", kwargs), { driver });
  env.reset({ seed });
  for (let step = 0; step < STEPS; step++) env.step(kwargs.continuous === false ? step % 5 : [0.1, 0.4, 0]);
  env.stop();
  const episode = env.episode()!;
  env.close();
  return episode;
}

let episode: Episode;
let bytes: Uint8Array;
beforeAll(async () => {
  episode = await drive({}, 7);
  const env = await makeRecordedEnv(episode);
  bytes = episodeToNpz(episode, env);
  env.close();
});

describe("an episode", () => {
  test("comes back the same, seeds beyond 2^63 and discrete actions too", async () => {
    for (const original of [episode, await drive({ continuous: false }, 2n ** 80n)]) {
      const env = await makeRecordedEnv(original);
      expect(await episodeFromNpz(episodeToNpz(original, env), "test")).toEqual(original);
      env.close();
    }
  });

  test("holds every frame and end", () => {
    const arrays = readNpz(bytes, "test");
    expect(arrays.get("observations")).toMatchObject({ shape: [STEPS + 1, 96, 96, 3] });
    expect(arrays.get("actions")).toMatchObject({ shape: [STEPS, 3], data: episode.actions });
    expect(arrays.get("rewards")).toMatchObject({ shape: [STEPS], data: episode.rewards });
    expect(arrays.get("truncations")).toMatchObject({ shape: [STEPS], bool: true });
  });

  test("needs no more than seed and actions", async () => {
    const actions: Npy = { shape: [STEPS, 3], data: episode.actions as Float32Array };
    const bare = writeNpz({ seed: { shape: [], data: Int32Array.of(7) }, actions });
    expect((await episodeFromNpz(bare, "test")).rewards).toEqual(episode.rewards);
  });
});

describe("archives of another form are refused:", () => {
  const altered: Record<string, [change: (arrays: Map<string, Npy>) => void, message: RegExp]> = {
    "a reward": [(arrays) => edit(arrays, "rewards", 3), /reward of step 3/],
    "a frame": [(arrays) => edit(arrays, "observations", 2 * 27648 + 5000), /observation 2/],
    "the seed": [(arrays) => edit(arrays, "seed", 0), /observation 0/],
    "no actions": [(arrays) => void arrays.delete("actions"), /"actions"/],
    "no seed": [(arrays) => void arrays.delete("seed"), /seed: expected/],
    "another environment": [
      (arrays) => void arrays.set("recording", setting({ id: "Other-v0" })),
      /id: expected/,
    ],
    "an unknown option": [
      (arrays) => void arrays.set("recording", setting({ kwargs: { wings: 2 } })),
      /no option/,
    ],
    "an option that takes for ever": [
      (arrays) => void arrays.set("recording", setting({ kwargs: { frameSkip: 1e12 } })),
      /frameSkip/,
    ],
    "rewards of another length": [
      (arrays) => void arrays.set("rewards", { shape: [2], data: new Float64Array(2) }),
      /^test: rewards: expected numbers of shape \(6,\), got float64 of shape \(2,\)$/,
    ],
  };
  for (const [name, [change, message]] of Object.entries(altered)) {
    test(name, async () => {
      const arrays = readNpz(bytes, "test");
      change(arrays);
      const forged = writeNpz(Object.fromEntries(arrays));
      await expect(episodeFromNpz(forged, "test")).rejects.toThrow(message);
    });
  }

  function edit(arrays: Map<string, Npy>, key: string, at: number): void {
    const data = (arrays.get(key) as Exclude<Npy, string>).data;
    data[at] = typeof data[at] === "bigint" ? 8n : (data[at] as number) + 1;
  }

  function setting(environment: object): string {
    const known = { id: "CarRacing-v3", kwargs: {}, maxEpisodeSteps: 1000 };
    return JSON.stringify({ environment: { ...known, ...environment }, options: {}, driver });
  }
});

describe("untrusted files", () => {
  const array = writeNpy({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
  const headed = (header: string) => {
    const text = new TextEncoder().encode(header);
    return Uint8Array.of(
      ...new TextEncoder().encode("\x93NUMPY").subarray(1),
      1,
      0,
      text.length & 255,
      text.length >> 8,
      ...text,
    );
  };

  test("noise, truncation and damage throw one of our errors", () => {
    const damaged = (file: Uint8Array) =>
      fc.tuple(fc.nat(file.length - 1), fc.nat(255)).map(([at, byte]) => {
        const copy = file.slice();
        copy[at] = byte;
        return copy;
      });
    const truncated = (file: Uint8Array) => fc.nat(file.length - 1).map((length) => file.subarray(0, length));
    const small = writeNpz({ a: { shape: [3], data: Uint8Array.of(1, 2, 3) } });
    const check = (read: () => unknown) => {
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(TritrackError);
      }
    };
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged(array), truncated(array)), (file) => {
        check(() => readNpy(file));
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged(small), truncated(small)), (file) => {
        check(() => readNpz(file, "test"));
      }),
    );
  });

  for (const [name, header] of Object.entries({
    "pickled objects": "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "code in the header": "{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,), }",
    "a shape beyond its data": "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999, 99999999), }",
    "a structured type": "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
  })) {
    test(`${name} are refused`, () => {
      expect(() => readNpy(headed(header))).toThrow(TritrackError);
    });
  }

  test("an archive that claims to unpack to more than it can is refused before it is unpacked", () => {
    const bomb = zipSync({ "a.npy": new Uint8Array(1000) });
    // The size that the central directory claims (offset 24 of its record): 4 GB.
    const record = bomb.findIndex((_, i) => bomb[i] === 0x50 && bomb[i + 1] === 0x4b && bomb[i + 2] === 1);
    bomb.set([255, 255, 255, 254], record + 24);
    expect(() => readNpz(bomb, "test")).toThrow(
      /^test: a: expected other sizes than \d+ bytes that unpack to/,
    );
  });

  test("arrays that are not needed are not unpacked, however large", async () => {
    const actions: Npy = { shape: [STEPS, 3], data: episode.actions as Float32Array };
    const archive = zipSync({
      "seed.npy": writeNpy({ shape: [], data: Int32Array.of(7) }),
      "actions.npy": writeNpy(actions),
      "noise.npy": new Uint8Array(64 * 2 ** 20),
    });
    expect((await episodeFromNpz(archive, "test")).rewards).toEqual(episode.rewards);
  });

  test("a bomb in an array that is needed is refused by its shape", async () => {
    const zeros = zipSync({
      "actions.npy": writeNpy({ shape: [2 ** 21, 3], data: new Float32Array(3 * 2 ** 21) }),
    });
    await expect(episodeFromNpz(zeros, "test")).rejects.toThrow(
      "test: actions: expected 1 to 1000000 steps, got float32 of shape (2097152, 3)",
    );
  });

  test("a million actions that are each repeated a thousand times are refused before they are driven", async () => {
    const text = JSON.stringify({
      environment: {
        id: "CarRacing-v3",
        kwargs: { continuous: false, frameSkip: 1000 },
        maxEpisodeSteps: null,
      },
      options: {},
      driver,
    });
    const archive = writeNpz({
      seed: { shape: [], data: Int32Array.of(7) },
      actions: { shape: [10 ** 6], data: new Uint8Array(10 ** 6) },
      recording: text,
    });
    expect(archive.length).toBeLessThan(12_000);
    await expect(episodeFromNpz(archive, "test")).rejects.toThrow(
      "test: expected at most 1000000 steps, each counted frameSkip times, got 1000000000",
    );
  });

  test("a changed byte is found by the archive's checksum", () => {
    const stored = zipSync({ "a.npy": writeNpy({ shape: [3], data: Uint8Array.of(1, 2, 3) }) }, { level: 0 });
    const at = stored.findIndex((_, i) => stored[i] === 1 && stored[i + 1] === 2 && stored[i + 2] === 3);
    stored[at] = 9;
    expect(() => readNpz(stored, "test")).toThrow(
      "test: a: expected the bytes that the checksum is of (damaged?)",
    );
  });

  test("names that lead out of a folder are names and no more", () => {
    const archive = zipSync({ "../../../tmp/escape.npy": writeNpy("text") });
    expect([...readNpz(archive, "test")]).toEqual([["../../../tmp/escape", "text"]]);
  });
});
