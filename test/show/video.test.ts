/** Videos of several episodes: the grid, the inset, and the errors of bad requests. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { make } from "../../env/index.ts";
import { RandomPolicy } from "../../policies/random.ts";
import type { Episode } from "../../recordings/episode.ts";
import { temporaryName } from "../../recordings/files/atomic.ts";
import { makeRecordedEnv, replay } from "../../recordings/player.ts";
import { Recorder } from "../../recordings/recorder.ts";
import { episodeSteps } from "../../src/episodes/steps.ts";
import { recordedEpisode } from "../../src/show/video/filmed-episode.ts";
import { renderVideo } from "../../src/show/video/render-video.ts";

const folder = mkdtempSync(join(tmpdir(), "tritrack-video-"));
afterAll(() => rmSync(folder, { recursive: true }));

let short: Episode;
let long: Episode;
beforeAll(async () => {
  short = await record(3, 4);
  long = await record(5, 8);
});

async function record(seed: number, maxEpisodeSteps: number): Promise<Episode> {
  const env = new Recorder(await make("CarRacing-v3", { maxEpisodeSteps }), {
    driver: { kind: "random", name: `random ${seed}` },
  });
  for (const _ of episodeSteps(env, new RandomPolicy(), seed));
  const episode = env.episode()!;
  env.close();
  return episode;
}

/** The 600×400 view and the observation after each step. */
async function views(episode: Episode) {
  const env = await makeRecordedEnv(episode, { renderMode: "rgb_array" });
  const shown = [];
  for (const { nextObservation } of replay(episode, env))
    shown.push({ view: env.render()!.data.slice(), observation: (nextObservation as Uint8Array).slice() });
  env.close();
  return shown;
}

function pictures(name: string): PNG[] {
  const path = join(folder, name);
  return readdirSync(path)
    .sort()
    .map((file) => PNG.sync.read(readFileSync(join(path, file))));
}

/** RGB of a pixel. */
function pixel({ data, width }: PNG, x: number, y: number): number[] {
  return [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)];
}

function at(data: Uint8Array, width: number, x: number, y: number): number[] {
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

test("two episodes stand side by side; the shorter keeps its last view", async () => {
  const episodes = [await recordedEpisode(short), await recordedEpisode(long)];
  const result = await renderVideo(episodes, join(folder, "grid"));
  expect(result).toMatchObject({ width: 1200, height: 400, frames: 8, steps: 8 });
  expect(result!.rewards).toHaveLength(2);
  const shown = pictures("grid");
  const [left, right] = [await views(short), await views(long)];
  for (const [i, picture] of shown.entries())
    for (const [x, y] of [
      [10, 10],
      [300, 280],
      [120, 380],
    ]) {
      expect(pixel(picture, x, y)).toEqual(at(left[Math.min(i, 3)].view, 600, x, y));
      expect(pixel(picture, 600 + x, y)).toEqual(at(right[i].view, 600, x, y));
    }
});

test("an inset shows the observation and leaves the rest of the view", async () => {
  await renderVideo([await recordedEpisode(long)], join(folder, "inset"), { inset: true });
  const shown = pictures("inset");
  for (const [i, { view, observation }] of (await views(long)).entries()) {
    expect(pixel(shown[i], 8, 30)).toEqual(at(observation, 96, 0, 0));
    expect(pixel(shown[i], 8 + 143, 30 + 143)).toEqual(at(observation, 96, 95, 95));
    expect(pixel(shown[i], 400, 200)).toEqual(at(view, 600, 400, 200));
    // White letters where the name stands.
    const name = Array.from({ length: 60 }, (_, x) => pixel(shown[i], 8 + x, 15));
    expect(name.some(([r, g, b]) => Math.min(r, g, b) > 200)).toBe(true);
  }
});

test("a video of no episode or of a rate above the environment's is refused, and nothing is written", async () => {
  await expect(renderVideo([], join(folder, "none"))).rejects.toThrow(
    /^a video: expected 1 to 64 episodes, got 0$/,
  );
  const fast = renderVideo([await recordedEpisode(short)], join(folder, "none"), { fps: 60 });
  await expect(fast).rejects.toThrow(/^fps: expected at most the environment's 50, got 60$/);
  expect(readdirSync(folder)).not.toContain("none");
});

test("a recording with repeated actions plays in real time, alone and beside one without", async () => {
  const recorder = new Recorder(await make("CarRacing-v3", { frameSkip: 4, maxEpisodeSteps: 5 }), {
    driver: { kind: "random", name: "skipping" },
  });
  for (const _ of episodeSteps(recorder, new RandomPolicy(), 3));
  const skipping = recorder.episode()!;
  recorder.close();
  const alone = await renderVideo([await recordedEpisode(skipping)], join(folder, "alone"), { scale: 0.1 });
  expect(alone).toMatchObject({ frames: 5, fps: 12.5, steps: 5 });
  // At 50 frames a second each view stays for four of them.
  await renderVideo([await recordedEpisode(skipping)], join(folder, "slow"), { fps: 50, scale: 0.1 });
  const shown = pictures("slow").map(({ data }) => data.toString("base64"));
  expect(shown.length).toBe(20);
  for (let i = 0; i < 20; i++) expect(shown[i]).toBe(shown[i - (i % 4)]);
  const both = [await recordedEpisode(skipping), await recordedEpisode(long)];
  expect(await renderVideo(both, join(folder, "both"), { scale: 0.1 })).toMatchObject({
    fps: 50,
    frames: 20,
  });
});

test("a killed render's temporary files go when the video is rendered again", async () => {
  const own = basename(temporaryName(join(folder, "again.gif")));
  // No process has a number above the system's greatest, 2^22.
  const dead = join(folder, own.replace(/-\d+-/, `-${2 ** 22 + 1}-`));
  writeFileSync(dead, "half a video");
  await renderVideo([await recordedEpisode(short)], join(folder, "again.gif"), { scale: 0.1 });
  expect(existsSync(dead)).toBe(false);
});
