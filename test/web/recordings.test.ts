/** Tests of the page's work on recordings, without a browser. */
import { beforeAll, describe, expect, test } from "vitest";
import { make } from "../../env/index.ts";
import type { Policy } from "../../policies/policy.ts";
import { type Episode, formatEpisode } from "../../recordings/episode.ts";
import { recordEpisodes } from "../../src/episodes/record.ts";
import { pack, unpack } from "../../src/web/page/recordings/archive.ts";
import { describeRecording, recordingNameOf, title } from "../../src/web/page/recordings/describe.ts";
import { isOffRoad, QualityGauge } from "../../src/web/page/recordings/quality.ts";
import { recordingName, summarize } from "../../src/web/shared/recordings.ts";

/** Leads off the road at the first bend. */
const fullGas: Policy<unknown> = { name: "full gas", reset: () => {}, act: () => Float32Array.of(0, 1, 0) };

let episode: Episode;
beforeAll(async () => {
  for await (const recorded of recordEpisodes({
    policy: fullGas,
    driver: { kind: "random", name: "random" },
    seeds: [2],
  }))
    episode = recorded;
});

describe("archive", () => {
  test("unpacks the packed recordings, and gives the same bytes for the same recordings", () => {
    const texts = new Map([
      ["a", formatEpisode(episode)],
      ["b-2", formatEpisode({ ...episode, seed: 3 })],
    ]);
    const bytes = pack(texts);
    expect(unpack(bytes, "x.zip")).toEqual(texts);
    expect(pack(texts)).toEqual(bytes);
    expect(bytes.length).toBeLessThan([...texts.values()].join("").length);
  });

  test("a file that is not an archive, or holds no recording, is refused by name", () => {
    expect(() => unpack(new Uint8Array(50), "x.zip")).toThrow(
      "x.zip: expected a zip file, got something else or a damaged one",
    );
    expect(() => unpack(pack(new Map()), "x.zip")).toThrow(
      "x.zip: expected recordings (NAME.episode.json) of up to 32 MB, got none",
    );
    const cut = pack(new Map([["a", formatEpisode(episode)]]));
    expect(() => unpack(cut.subarray(0, cut.length - 30), "x.zip")).toThrow(
      "x.zip: expected a zip file, got something else or a damaged one",
    );
  });
});

test("time off the road equals the count of a drive that looks at all wheels", async () => {
  const env = await make("CarRacing-v3", { infoExtras: true });
  env.reset({ seed: 2 });
  let off = 0;
  for (let step = 0; step < episode.rewards.length; step++) {
    const { info } = env.step(episode.actions.slice(3 * step, 3 * step + 3));
    const lost = (info.wheelsOnGrass as boolean[]).every(Boolean);
    expect(isOffRoad(env.unwrapped)).toBe(lost);
    if (lost) off++;
  }
  env.close();
  const gauge = new QualityGauge();
  expect(await gauge.offRoadSteps(episode)).toBe(off);
  expect(await gauge.offRoadSteps(episode)).toBe(off); // in the same environment again
  gauge.close();
  expect(off).toBeGreaterThan(0);
  expect(off).toBeLessThan(episode.rewards.length);
});

test("a summary tells how many steps a person corrected", () => {
  const corrections = [[3, 8] as const, [20, 21] as const];
  expect(summarize("x", formatEpisode({ ...episode, corrections }))).toMatchObject({ corrected: 6 });
  expect(summarize("x", formatEpisode(episode))).toMatchObject({ corrected: 0, driver: "random" });
});

test("a recording's automatic name is shown as the local time of its drive, any other name as it is", () => {
  const when = new Date(Date.UTC(2026, 10, 23, 1, 2, 3, 45));
  expect(recordingName(7, when)).toBe("20261123-010203-045-seed-7");
  expect(recordingName(7, when, "k3fq")).toBe("20261123-010203-045-k3fq-seed-7");
  const zone = process.env.TZ;
  try {
    process.env.TZ = "Asia/Tokyo";
    for (const tag of ["", "k3fq"]) expect(title(recordingName(7, when, tag))).toBe("2026-11-23 10:02:03");
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
  expect(title("best-lap")).toBe("best-lap");
  expect(describeRecording({ name: "x", error: "broken" })).toBe("x");
  expect(recordingNameOf("folder/lap.episode.json")).toBe("lap");
  expect(recordingNameOf("lap.json")).toBe(null);
});
