import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { make } from "../../env/index.ts";
import { isCubic, RecordVideo, type RecordVideoOptions } from "../../recordings/video/record-video.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-record-video-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const options = { renderMode: "state_pixels", maxEpisodeSteps: 4 } as const;

test("films the chosen episodes, the frame after reset first", async () => {
  const to = join(folder, "chosen", "deep");
  const env = new RecordVideo(await make("CarRacing-v3", options), to, {
    episodeTrigger: (episode) => episode % 2 === 0,
    namePrefix: "car",
    format: "png",
  });
  const seen: Uint8Array[] = [];
  for (let episode = 0; episode < 3; episode++) {
    env.reset({ seed: 5 });
    if (episode === 2) seen.push(env.render()!.data);
    for (let ended = false; !ended; ) {
      ended = env.step([0, 1, 0]).truncated;
      if (episode === 2) seen.push(env.render()!.data);
    }
  }
  await env.written;
  expect(readdirSync(to).sort()).toEqual(["car-episode-0", "car-episode-2"]);
  const files = readdirSync(join(to, "car-episode-2")).sort();
  expect(files).toHaveLength(5);
  files.forEach((file, i) => {
    const { data } = PNG.sync.read(readFileSync(join(to, "car-episode-2", file)));
    expect(Buffer.from(data.filter((_, at) => at % 4 < 3)).equals(seen[i])).toBe(true);
  });
  env.close();
});

test("film names may have points, and films of repeated actions play in real time", async () => {
  const to = mkdtempSync(join(folder, "points-"));
  const made = await make("CarRacing-v3", { ...options, frameSkip: 4 });
  for (const format of ["png", "mp4", "gif"] as const) {
    const env = new RecordVideo(made, to, { namePrefix: "run-1.2", format });
    env.reset({ seed: 5 });
    while (!env.step([0, 1, 0]).truncated);
    await env.written;
  }
  made.close();
  const names = ["run-1.2-episode-0", "run-1.2-episode-0.gif", "run-1.2-episode-0.mp4"];
  expect(readdirSync(to).sort()).toEqual(names);
  // Four actions of 4/50 s each: a frame lasts 8 hundredths.
  const mp4 = readFileSync(join(to, names[2]));
  const at = mp4.indexOf("mvhd") + 4;
  expect(mp4.readUInt32BE(at + 16) / mp4.readUInt32BE(at + 12)).toBeCloseTo(5 * 0.08, 2);
});

/** Names of the videos of six episodes of five steps, and how many frames each has. */
async function filmed(triggers: RecordVideoOptions): Promise<Record<string, number>> {
  const to = mkdtempSync(join(folder, "triggers-"));
  const made = await make("CarRacing-v3", { ...options, maxEpisodeSteps: 5 });
  const env = new RecordVideo(made, to, { ...triggers, format: "png" });
  for (let episode = 0; episode < 6; episode++) {
    env.reset({ seed: episode });
    while (!env.step([0, 0, 0]).truncated);
  }
  env.close();
  await env.written;
  return Object.fromEntries(
    readdirSync(to).map((name) => [name.replace("rl-video-", ""), readdirSync(join(to, name)).length]),
  );
}

// The files that Gymnasium 1.4.0 films of the same episodes.
test.each([
  [
    { stepTrigger: (step: number) => step % 7 === 3 },
    { "step-3": 2, "step-10": 5, "step-17": 3, "step-24": 1 },
  ],
  [
    { stepTrigger: (step: number) => step % 7 === 3, videoLength: 4 },
    { "step-3": 5, "step-10": 5, "step-17": 5, "step-24": 5 },
  ],
  [{ episodeTrigger: (episode: number) => episode === 1, videoLength: 9 }, { "episode-1": 10 }],
  [
    {
      episodeTrigger: (episode: number) => episode % 3 === 0,
      stepTrigger: (step: number) => step % 11 === 8,
      videoLength: 2,
    },
    { "episode-0": 3, "step-8": 3, "episode-3": 3, "step-19": 3 },
  ],
])("triggers and lengths film what Gymnasium films (%#)", async (triggers, videos) => {
  expect(await filmed(triggers)).toEqual(videos);
});

test("a length that is no whole number is refused", async () => {
  const env = await make("CarRacing-v3", options);
  expect(() => new RecordVideo(env, folder, { videoLength: -1 })).toThrow(
    "RecordVideo: expected videoLength to be a whole number from 0 up, got -1",
  );
});

test("an episode cut short by close becomes a video too", async () => {
  const env = new RecordVideo(await make("CarRacing-v3", options), folder, { format: "gif", fps: 25 });
  env.reset({ seed: 1 });
  env.step([0, 0, 0]);
  env.close();
  await env.written;
  expect(readFileSync(join(folder, "rl-video-episode-0.gif")).subarray(0, 6).toString()).toBe("GIF89a");
});

test("the promise `written` rejects if a film cannot be written", async () => {
  const to = join(folder, "gone");
  const env = new RecordVideo(await make("CarRacing-v3", options), to, { format: "gif" });
  rmSync(to, { recursive: true });
  writeFileSync(to, "a file where the folder was");
  env.reset({ seed: 1 });
  env.close();
  await expect(env.written).rejects.toThrow();
  expect(existsSync(join(to, "rl-video-episode-0.gif"))).toBe(false);
});

test("an environment that renders nothing is refused", async () => {
  const env = await make("CarRacing-v3");
  expect(() => new RecordVideo(env, folder)).toThrow(InvalidOption);
});

test("the default films Gymnasium's episodes", () => {
  const filmed = Array.from({ length: 3001 }, (_, episode) => episode).filter(isCubic);
  expect(filmed).toEqual([0, 1, 8, 27, 64, 125, 216, 343, 512, 729, 1000, 2000, 3000]);
});
