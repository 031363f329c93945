/**
 * MP4 (H.264, yuv420p, index in front), which every browser and player shows. With ffmpeg and its libx264 on the PATH
 * it encodes; without, h264-mp4-encoder does, minih264 in WebAssembly: some 150 frames of 600×400 a second on one core.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { TritrackError } from "../../env/errors.ts";
import { temporaryName, writeFileAtomic } from "../files/atomic.ts";
import { rewriteIndex } from "./mp4-index.ts";
import type { VideoOptions, VideoWriter } from "./video-writer.ts";
import { rgbToYuv420 } from "./yuv.ts";

const require = createRequire(import.meta.url);

/** Encoders of MP4: ffmpeg with libx264, or h264-mp4-encoder in WebAssembly. */
export type Mp4Encoder = "ffmpeg" | "wasm";

/**
 * Begins the MP4 file `path`, which is there once `finish` has ended.
 * @param encoder default: ffmpeg where the PATH has one that writes H.264, else wasm
 */
export async function openMp4(
  path: string,
  options: VideoOptions,
  encoder: Mp4Encoder = hasFfmpeg() ? "ffmpeg" : "wasm",
): Promise<VideoWriter> {
  return encoder === "ffmpeg" ? openWithFfmpeg(path, options) : await openWithWasm(path, options);
}

/** True if the PATH has an ffmpeg with libx264. */
export function hasFfmpeg(): boolean {
  const { stdout } = spawnSync("ffmpeg", ["-hide_banner", "-encoders"], { encoding: "utf8" });
  return stdout?.includes("libx264") ?? false;
}

function openWithFfmpeg(path: string, { width, height, fps }: VideoOptions): VideoWriter {
  const temporary = temporaryName(path);
  const input = [
    "-f",
    "rawvideo",
    "-pix_fmt",
    "rgb24",
    "-s",
    `${width}x${height}`,
    "-r",
    `${fps}`,
    "-i",
    "-",
  ];
  // yuv420p halves the colour's resolution, so both sides must be even.
  const filter = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"];
  const codec = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"];
  // Without "file:" ffmpeg takes the part of a name before a colon for a protocol.
  const output = ["-movflags", "+faststart", "-f", "mp4", `file:${temporary}`];
  const ffmpeg: ChildProcess = spawn(
    "ffmpeg",
    ["-hide_banner", "-loglevel", "error", "-y", ...input, ...filter, ...codec, ...output],
    // A process group of its own: Ctrl-C at a terminal is for this program, which ends ffmpeg.
    { stdio: ["pipe", "ignore", "pipe"], detached: true, windowsHide: true },
  );
  let complaint = "";
  ffmpeg.stderr!.on("data", (text) => (complaint = String(text).trim()));
  // A write to an ffmpeg that has died fails here too; its exit tells more.
  ffmpeg.stdin!.on("error", () => {});
  const exited = once(ffmpeg, "exit").then(([code]) => {
    if (code !== 0) throw new TritrackError(`ffmpeg failed: ${complaint || `exit code ${code}`}`);
  });
  exited.catch(() => {});
  return {
    async add(frame) {
      const sent = new Promise<void>((resolve, reject) =>
        ffmpeg.stdin!.write(frame.data, (error) => (error ? reject(error) : resolve())),
      );
      await sent.catch(() => exited);
    },
    async finish() {
      ffmpeg.stdin!.end();
      try {
        await exited;
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    },
    async abort() {
      ffmpeg.kill();
      await exited.catch(() => {});
      rmSync(temporary, { force: true });
    },
  };
}

async function openWithWasm(path: string, options: VideoOptions): Promise<VideoWriter> {
  const encoder = await createWasmEncoder();
  const width = Math.ceil(options.width / 2) * 2;
  const height = Math.ceil(options.height / 2) * 2;
  encoder.outputFilename = `${count++}.mp4`;
  encoder.width = width;
  encoder.height = height;
  // A whole number; any other is put into the index at the end.
  encoder.frameRate = Math.max(1, Math.round(options.fps));
  // The fastest of 0 to 10: it encodes 2.6 times the frames a second of 0, the best, into files a fifth larger.
  encoder.speed = 10;
  // From 10, the best, to 51; at 26 no artefact shows in CarRacing's flat colours.
  encoder.quantizationParameter = 26;
  // A key frame a second, so that seeking is quick.
  encoder.groupOfPictures = Math.max(1, Math.round(options.fps));
  encoder.initialize();
  // Converted here, since the encoder copies pictures byte by byte, and RGBA has 2.7 times as many.
  const yuv = new Uint8Array((width * height * 3) / 2);
  let open = true;
  /** Ends the file and returns its bytes. Deleting an encoder that is not finalised would abort the module. */
  const close = () => {
    open = false;
    encoder.finalize();
    const mp4 = encoder.FS.readFile(encoder.outputFilename);
    encoder.FS.unlink(encoder.outputFilename);
    encoder.delete();
    return mp4;
  };
  return {
    async add(frame) {
      rgbToYuv420(frame, width, height, yuv);
      encoder.addFrameYuv(yuv);
    },
    async finish() {
      writeFileAtomic(path, rewriteIndex(close(), options.fps));
    },
    async abort() {
      if (open) close();
    },
  };
}

/** Files so far: encoders share one file system in memory, where each needs a name of its own. */
let count = 0;

/**
 * Loading the encoder's module registers handlers for uncaught errors and rejections that turn any failure of the
 * program into an abort with a page of minified code; they are taken off again.
 */
async function createWasmEncoder() {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.listeners(event as "uncaughtException"));
  // `require`, since how the default export of this CommonJS bundle is imported differs between loaders.
  const { createH264MP4Encoder } = require("h264-mp4-encoder") as typeof import("h264-mp4-encoder");
  const encoder = await createH264MP4Encoder();
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as "uncaughtException"))
      if (!before[i].includes(listener)) process.off(event, listener);
  });
  return encoder;
}
