import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Frame } from "../../env/api.ts";
import { InvalidOption, TritrackError } from "../../env/errors.ts";
import { temporaryName } from "../../recordings/files/atomic.ts";
import { hasFfmpeg, openMp4 } from "../../recordings/video/mp4.ts";
import { openVideo } from "../../recordings/video/open-video.ts";
import { scaleFrame } from "../../recordings/video/scale.ts";
import type { VideoWriter } from "../../recordings/video/video-writer.ts";
import { rgbToYuv420 } from "../../recordings/video/yuv.ts";
import { CHROMIUM, framesInChromium } from "./chromium.ts";
import { movingSquare } from "./fixtures.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-video-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A path in a folder of its own, so that files which a writer leaves beside it show. */
function freshPath(name: string): string {
  return join(mkdtempSync(join(folder, "case-")), name);
}

async function write(writer: VideoWriter, frames: readonly Frame[]): Promise<void> {
  for (const frame of frames) await writer.add(frame);
  await writer.finish();
}

const FPS = 25;
const clip = Array.from({ length: 20 }, (_, i) => movingSquare(i));
/** Frames with two odd sides: yuv420p needs a column and a row more. */
const oddClip = Array.from({ length: 20 }, (_, i) => movingSquare(i, 65, 49));

/** Types of the boxes of an MP4, outermost level, in order. */
function boxes(mp4: Buffer): string[] {
  const types: string[] = [];
  for (let at = 0; at < mp4.length; at += mp4.readUInt32BE(at))
    types.push(mp4.toString("latin1", at + 4, at + 8));
  return types;
}

/** Durations of all frames in units of the track's timescale, and the film's duration in seconds. */
function timing(mp4: Buffer): { durations: number[]; timescale: number; total: number } {
  const at = (type: string) => mp4.indexOf(type) + 4;
  const runs = mp4.readUInt32BE(at("stts") + 4);
  const durations = Array.from({ length: runs }, (_, i) => {
    const run = at("stts") + 8 + 8 * i;
    return Array(mp4.readUInt32BE(run)).fill(mp4.readUInt32BE(run + 4)) as number[];
  }).flat();
  const [timescale, film] = ["mdhd", "mvhd"].map((type) => mp4.readUInt32BE(at(type) + 12));
  return { durations, timescale, total: mp4.readUInt32BE(at("mvhd") + 16) / film };
}

/** Peak signal-to-noise ratio of RGBA pixels, of which the RGB frame is a part, in decibels. */
function psnr(rgba: readonly number[], width: number, frame: Frame): number {
  let squares = 0;
  for (let y = 0; y < frame.height; y++)
    for (let x = 0; x < frame.width; x++)
      for (let c = 0; c < 3; c++)
        squares += (rgba[(y * width + x) * 4 + c] - frame.data[(y * frame.width + x) * 3 + c]) ** 2;
  return 10 * Math.log10((255 ** 2 * frame.width * frame.height * 3) / squares);
}

describe.each(["wasm", ...(hasFfmpeg() ? (["ffmpeg"] as const) : [])] as const)("MP4 by %s", (encoder) => {
  test("has its index in front, no time of day in it, and nothing beside it", async () => {
    const path = freshPath("clip.mp4");
    await write(await openMp4(path, { width: 64, height: 48, fps: FPS }, encoder), clip);
    const mp4 = readFileSync(path);
    expect(mp4.readUInt32BE(mp4.indexOf("mvhd") + 8)).toBe(0);
    const order = boxes(mp4);
    expect(order.slice(0, 2)).toEqual(["ftyp", "moov"]);
    expect(order).toContain("mdat");
    expect(readdirSync(join(path, ".."))).toEqual(["clip.mp4"]);
  });

  test.skipIf(!CHROMIUM).each([
    ["even", clip],
    ["odd", oddClip],
  ])("of %s size plays in Chromium: every frame, the right picture", async (_, frames) => {
    const path = freshPath("clip.mp4");
    const { width, height } = frames[0];
    await write(await openMp4(path, { width, height, fps: FPS }, encoder), frames);
    const video = await framesInChromium(readFileSync(path), FPS, [0, 7, 19]);
    expect(video.width).toBe(Math.ceil(width / 2) * 2);
    expect(video.height).toBe(Math.ceil(height / 2) * 2);
    expect(video.duration).toBeCloseTo(frames.length / FPS, 2);
    // Halved colour resolution costs most; the wrong frame (the square 2 pixels off) has under 20 dB.
    for (const [index, pixels] of video.frames)
      expect(psnr(pixels, video.width, frames[index])).toBeGreaterThan(25);
  });

  test.each([12.5, 50 / 3, 29.97, 0.5, 25])("plays at %s frames a second", async (fps) => {
    // Without ffmpeg a rate was cut to a whole number: 12.5 played at 12.
    const path = freshPath("clip.mp4");
    await write(await openMp4(path, { width: 64, height: 48, fps }, encoder), clip);
    const { durations, timescale, total } = timing(readFileSync(path));
    expect(durations.length).toBe(clip.length);
    const ends = durations.map(
      (
        (sum) => (duration) =>
          (sum += duration) / timescale
      )(0),
    );
    ends.forEach((end, i) => {
      expect(end).toBeCloseTo((i + 1) / fps, 3);
    });
    expect(total).toBeCloseTo(clip.length / fps, 2);
  });

  test("is written whatever its name has before a colon", async () => {
    const path = freshPath("12:30.mp4");
    await write(await openMp4(path, { width: 64, height: 48, fps: FPS }, encoder), clip);
    expect(readdirSync(join(path, ".."))).toEqual(["12:30.mp4"]);
    // Without a folder before it, ffmpeg took "12" for a protocol.
    const here = process.cwd();
    process.chdir(join(path, ".."));
    try {
      await write(await openMp4("12:31.mp4", { width: 64, height: 48, fps: FPS }, encoder), clip);
    } finally {
      process.chdir(here);
    }
    expect(readdirSync(join(path, "..")).sort()).toEqual(["12:30.mp4", "12:31.mp4"]);
  });

  test("that is given up leaves nothing and keeps an older file", async () => {
    const path = freshPath("clip.mp4");
    writeFileSync(path, "old");
    const writer = await openMp4(path, { width: 64, height: 48, fps: FPS }, encoder);
    await writer.add(clip[0]);
    await writer.abort();
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(join(path, ".."))).toEqual(["clip.mp4"]);
  });
});

test("loading the encoder leaves no handlers for uncaught errors", async () => {
  const before = process.listenerCount("unhandledRejection") + process.listenerCount("uncaughtException");
  await (await openMp4(freshPath("x.mp4"), { width: 64, height: 48, fps: FPS }, "wasm")).abort();
  expect(process.listenerCount("unhandledRejection") + process.listenerCount("uncaughtException")).toBe(
    before,
  );
});

test("a killed writer's temporary files go when the video is written again", async () => {
  const path = freshPath("clip.gif");
  const own = basename(temporaryName(path));
  // No process has a number above the system's greatest, 2^22.
  const dead = join(dirname(path), own.replace(/-\d+-/, `-${2 ** 22 + 1}-`));
  writeFileSync(dead, "half a video");
  await write(await openVideo(path, { width: 64, height: 48, fps: 30 }), clip);
  expect(existsSync(dead)).toBe(false);
});

test("a GIF has every frame, the size and the duration", async () => {
  const path = freshPath("clip.gif");
  await write(await openVideo(path, { width: 64, height: 48, fps: 30 }), clip);
  const gif = readFileSync(path);
  expect(gif.toString("latin1", 0, 6)).toBe("GIF89a");
  expect([gif.readUInt16LE(6), gif.readUInt16LE(8)]).toEqual([64, 48]);
  const delays: number[] = [];
  // A graphic control extension (21 F9 04) goes before each frame; its delay is in hundredths of a second.
  for (let at = gif.indexOf("21f904", 0, "hex"); at >= 0; at = gif.indexOf("21f904", at + 1, "hex"))
    delays.push(gif.readUInt16LE(at + 4));
  expect(delays.length).toBe(clip.length);
  expect(delays.reduce((sum, delay) => sum + delay)).toBe(Math.round((clip.length * 100) / 30));
});

test("a folder of PNG has every frame to the last bit", async () => {
  const path = freshPath("frames");
  await write(await openVideo(path, { width: 65, height: 49, fps: FPS }), oddClip);
  const names = readdirSync(path);
  expect(names).toEqual(oddClip.map((_, i) => `${String(i).padStart(6, "0")}.png`));
  for (const [i, name] of names.entries()) {
    const { width, height, data } = PNG.sync.read(readFileSync(join(path, name)));
    expect([width, height]).toEqual([65, 49]);
    expect(Buffer.from(data.filter((_, k) => k % 4 !== 3))).toEqual(Buffer.from(oddClip[i].data));
  }
});

test("scaling keeps flat colours and averages the pixels it covers", () => {
  const frame = movingSquare(3);
  expect(scaleFrame(frame, 1)).toEqual(frame);
  const flat = { width: 5, height: 3, data: new Uint8Array(45).fill(77) };
  expect(scaleFrame(flat, 0.7).data.every((value) => value === 77)).toBe(true);
  const checks = {
    width: 2,
    height: 2,
    data: Uint8Array.from([0, 0, 0, 100, 100, 100, 100, 100, 100, 0, 0, 0]),
  };
  expect(scaleFrame(checks, 0.5)).toEqual({ width: 1, height: 1, data: Uint8Array.of(50, 50, 50) });
  expect(() => scaleFrame(frame, 0)).toThrow(InvalidOption);
});

describe("bad paths are refused before anything is drawn", () => {
  const options = { width: 64, height: 48, fps: FPS };
  test("another extension", () =>
    expect(openVideo(freshPath("clip.avi"), options)).rejects.toThrow(
      /expected NAME.mp4, NAME.gif or a folder/,
    ));
  test("but a folder of pictures may have points in its name", async () => {
    const path = freshPath("run-1.2");
    await write(await openVideo(path, options), clip);
    expect(readdirSync(path).length).toBe(clip.length);
  });
  test("a missing folder", () =>
    expect(openVideo(join(folder, "none", "clip.mp4"), options)).rejects.toThrow(/there is no folder/));
  test("pictures into a folder with files", async () => {
    const path = freshPath("frames");
    mkdirSync(path);
    writeFileSync(join(path, "mine.txt"), "keep");
    await expect(openVideo(path, options)).rejects.toThrow(TritrackError);
    expect(existsSync(join(path, "mine.txt"))).toBe(true);
  });
});

test("pixels become BT.601's brightness and colour to the nearest 1; an odd side is filled up with its last pixels", () => {
  const colors = [
    [255, 0, 0, 82, 90, 240],
    [0, 255, 0, 145, 54, 34],
    [0, 0, 255, 41, 240, 110],
    [255, 255, 255, 235, 128, 128],
    [0, 0, 0, 16, 128, 128],
  ];
  for (const [red, green, blue, ...yuv] of colors) {
    const out = new Uint8Array(6);
    rgbToYuv420({ width: 1, height: 1, data: Uint8Array.of(red, green, blue) }, 2, 2, out);
    const expected = [yuv[0], yuv[0], yuv[0], yuv[0], yuv[1], yuv[2]];
    expect(Math.max(...expected.map((value, i) => Math.abs(value - out[i])))).toBeLessThanOrEqual(1);
  }
  // Two columns and a third, white above black.
  const out = new Uint8Array(12);
  const data = Uint8Array.from([...Array(9).fill(255), ...Array(9).fill(0)]);
  rgbToYuv420({ width: 3, height: 2, data }, 4, 2, out);
  expect([...out]).toEqual([235, 235, 235, 235, 16, 16, 16, 16, 128, 128, 128, 128]);
});
