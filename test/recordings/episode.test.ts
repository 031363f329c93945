import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import {
  type Episode,
  formatEpisode,
  isCorrected,
  parseEpisode,
  totalReward,
} from "../../recordings/episode.ts";
import { VERSION } from "../../recordings/version.ts";
import { anyEpisode } from "./fixtures.ts";

const [sample] = fc.sample(anyEpisode, { numRuns: 1, seed: 1 });

/** The file of `sample` with another value (undefined: none) at a path such as "actions.size". */
function changed(path: string, value: unknown): string {
  const keys = path.split(".");
  const within = (object: Record<string, unknown>, [key, ...rest]: string[]): Record<string, unknown> => ({
    ...object,
    [key]: rest.length > 0 ? within(object[key] as Record<string, unknown>, rest) : value,
  });
  return JSON.stringify(within(JSON.parse(formatEpisode(sample)), keys));
}

test("an episode comes back from its file to the last bit", () => {
  fc.assert(
    fc.property(anyEpisode, (episode) => {
      expect(parseEpisode(formatEpisode(episode))).toStrictEqual(episode);
    }),
  );
});

test("a correction comes back, tells its steps, and a file without one has no such field", () => {
  const corrections = [[0, 1]] as const;
  const corrected = parseEpisode(formatEpisode({ ...sample, corrections }));
  expect(corrected.corrections).toEqual(corrections);
  expect([0, 1].map((step) => isCorrected(corrected, step))).toEqual([true, false]);
  expect(formatEpisode({ ...sample, corrections: [] })).not.toContain("corrections");
  expect(isCorrected(sample, 0)).toBe(false);
});

test("only float64 actions make a file of version 2, which older readers refuse", () => {
  const of = (type: Episode["form"]["type"]) => {
    const Type = { float32: Float32Array, float64: Float64Array, int32: Int32Array }[type];
    const actions = new Type(sample.rewards.length);
    return JSON.parse(formatEpisode({ ...sample, form: { type, size: 1 }, actions })).version;
  };
  expect([of("float32"), of("int32"), of("float64")]).toEqual([1, 1, 2]);
});

test("a byte order mark before the text, as Windows' editors write it, is no damage", () => {
  expect(parseEpisode(`\ufeff${formatEpisode(sample)}`)).toStrictEqual(sample);
});

test("a file of few bytes that would be replayed for hours is refused", () => {
  const steps = 10 ** 6;
  const long: Episode = {
    ...sample,
    environment: {
      id: "CarRacing-v3",
      kwargs: { continuous: false, frameSkip: 1000 },
      maxEpisodeSteps: null,
    },
    form: { type: "int32", size: 1 },
    actions: new Int32Array(steps),
    rewards: new Float64Array(steps),
  };
  expect(() => parseEpisode(formatEpisode(long), "x")).toThrow(
    new CorruptFile("x: expected at most 1000000 steps, each counted frameSkip times, got 1000000000"),
  );
});

test("the version that recordings name is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
});

test("the total reward is the sum", () => {
  expect(totalReward({ ...sample, rewards: Float64Array.of(1.5, -0.1, 3) })).toBe(4.4);
});

describe("errors name the fault", () => {
  const steps = sample.rewards.length;
  const cases: [what: string, path: string, value: unknown, message: RegExp][] = [
    [
      "another format",
      "format",
      "gif",
      /^x is not a recording: expected "format": "tritrack-episode", got "gif"$/,
    ],
    ["a newer version", "version", 3, /version 3; .* up to version 2: update tritrack/],
    ["a version before the first", "version", 0, /version: expected a whole number from 1 to \d+, got 0$/],
    ["no version", "version", undefined, /version: expected a whole number/],
    ["more steps than data", "steps", steps + 1, /data: expected base64 of \d+ finite/],
    ["fewer steps than data", "steps", steps - 1, /data: expected base64 of \d+ finite/],
    ["absurdly many steps", "steps", 1e15, /steps: expected a whole number from 0 to 1000000/],
    ["a negative number of steps", "steps", -1, /steps: expected/],
    ["an absurd action size", "actions.size", 1e9, /size: expected a whole number from 1 to/],
    [
      "an unknown type of action",
      "actions.type",
      "float16",
      /type: expected one of float32, float64, int32, got "float16"$/,
    ],
    ["text that is not base64", "rewards.data", "????".repeat(Math.ceil((steps * 8) / 3)), /base64/],
    ["a seed that lost digits", "seed", 2 ** 60, /seed: expected a whole number/],
    ["a negative seed", "seed", -1, /seed: expected a whole number/],
    ["an unknown end", "end", "crashed", /end: expected one of terminated, truncated, interrupted/],
    ["a list for an object", "environment", [], /environment: expected an object/],
    ["a broken hash", "frameSha256", "00", /frameSha256: expected 64 hexadecimal digits/],
    ["a correction after the end", "corrections", [[0, steps + 1]], /corrections: expected ranges/],
    ["an empty correction", "corrections", [[0, 0]], /corrections: expected ranges/],
    [
      "corrections out of order",
      "corrections",
      [
        [1, 2],
        [0, 1],
      ],
      /corrections: expected ranges/,
    ],
    ["a correction that is no range", "corrections", [3], /corrections: expected ranges/],
    ["an unknown driver", "driver.kind", "ghost", /kind: expected one of human, expert/],
  ];
  test.each(cases)("%s", (_, path, value, message) => {
    const text = changed(path, value);
    expect(() => parseEpisode(text, "x")).toThrow(CorruptFile);
    expect(() => parseEpisode(text, "x")).toThrow(message);
  });

  test("a reward that is no number", () => {
    const text = formatEpisode({ ...sample, rewards: sample.rewards.map(() => Number.NaN) });
    expect(() => parseEpisode(text)).toThrow(/finite float64 numbers/);
  });

  test("a truncated file, wherever it ends", () => {
    const text = formatEpisode(sample).trimEnd();
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), (length) => {
        expect(() => parseEpisode(text.slice(0, length))).toThrow(CorruptFile);
      }),
    );
  });
});

test("flipped bytes give a TritrackError or an episode within bounds, never anything else", () => {
  const bytes = Buffer.from(formatEpisode(sample));
  const flips = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(flips, (changes) => {
      const damaged = Buffer.from(bytes);
      for (const [at, mask] of changes) damaged[at] ^= mask;
      let episode: Episode;
      try {
        episode = parseEpisode(damaged.toString("utf8"));
      } catch (error) {
        expect(error).toBeInstanceOf(TritrackError);
        expect((error as Error).message).not.toContain("\n");
        return;
      }
      expect(episode.actions.length).toBe(episode.rewards.length * episode.form.size);
      expect(episode.rewards.every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
