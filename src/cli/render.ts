/** `tritrack render`: a video of recordings, or of drivers on a seed. */

import { Command } from "commander";
import type { Seed } from "../../env/api.ts";
import { readEpisode } from "../../recordings/files/episode-file.ts";
import { lockFile } from "../../recordings/files/lock.ts";
import { stepsPerSecond } from "../../recordings/player.ts";
import { tracks } from "../data/tracks.ts";
import { drivenEpisode, type FilmedEpisode, recordedEpisode } from "../show/video/filmed-episode.ts";
import { renderVideo } from "../show/video/render-video.ts";
import { DRIVER_HELP, driverByName } from "./common/driver.ts";
import { inFile } from "./common/errors.ts";
import { breathe, interruptSignal } from "./common/interrupt.ts";
import { integer, number, seed } from "./common/options.ts";
import { examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

/** Track that is filmed by default: the first of those that nothing is learnt from. */
const [FILMED_SEED] = tracks("tests", 1);

interface Options {
  out: string;
  seed: Seed;
  fps?: number;
  scale: number;
  inset?: boolean;
  columns?: number;
  json?: boolean;
}

/** Default frames a second of a GIF: at the full rate of 50 it is too large for most uses. */
const GIF_FPS = 25;

/** Makes the command: its arguments, options, examples and action. */
export default function renderCommand(): Command {
  return new Command()
    .argument(
      "<what...>",
      `NAME.episode.json to replay, or a driver: ${DRIVER_HELP}; several are shown side by side`,
    )
    .requiredOption("--out <path>", "NAME.mp4, NAME.gif, or a new folder for PNG pictures")
    .option("--seed <seed>", "track of the drivers; a recording has its own", seed, FILMED_SEED)
    .option(
      "--fps <n>",
      `frames a second, 1 to 50; the video is in real time at any rate (default: 50, GIF ${GIF_FPS})`,
      number(1, 50),
    )
    .option("--scale <factor>", "size of each view: 1 is 600×400 pixels", number(1 / 16, 8), 1)
    .option("--inset", "show each driver's name, its 96×96 frame, its outputs and the reward")
    .option("--columns <n>", "views in a row (default: as many as make the grid square)", integer(1, 64))
    .addHelpText(
      "after",
      examples(
        ["replay a recording", "render demos/expert-7.episode.json --out lap.mp4"],
        ["a network on a track", "render car.safetensors --seed 20003 --out lap.mp4"],
        ["with the frames a network sees and its outputs", "render zoo:car-90 --inset --out lap.mp4"],
        [
          "four drivers on one track",
          "render expert zoo:car-90 zoo:car-98 random --scale 0.5 --out grid.mp4",
        ],
        ["a small GIF", "render expert --out lap.gif --fps 20 --scale 0.5"],
      ),
    )
    .action(run);
}

async function run(what: readonly string[], options: Options): Promise<void> {
  const { out, scale, inset, columns, json } = options;
  const episodes: FilmedEpisode[] = [];
  for (const name of what) episodes.push(await episodeOf(name, options));
  const isGif = out.toLowerCase().endsWith(".gif");
  const signal = interruptSignal("stopped: no video was written");
  const progress = startProgress(
    `render ${what.join(" ")}`,
    Math.max(...episodes.map(({ maxSteps }) => maxSteps)),
    "steps",
  );
  const lock = lockFile(out);
  const video = await renderVideo(episodes, out, {
    fps:
      options.fps ??
      (isGif ? Math.min(GIF_FPS, ...episodes.map(({ env }) => stepsPerSecond(env))) : undefined),
    scale,
    inset,
    columns,
    signal,
    onStep: (done) => {
      progress.update(done);
      if (done % 16 === 0) return breathe();
    },
  }).finally(() => {
    progress.stop();
    lock.release();
  });
  if (!video) return;
  const { frames, fps, width, height, rewards } = video;
  const seconds = frames / fps;
  print(
    json,
    { out, ...video, seconds },
    `${out}: ${frames} frames of ${width}×${height}, ${seconds.toFixed(1)} s, reward ${rewards.map((reward) => reward.toFixed(1)).join(", ")}`,
  );
}

async function episodeOf(name: string, { seed, inset }: Options): Promise<FilmedEpisode> {
  if (/\.episode\.(json|part)$/.test(name)) return replayed(name);
  const { policy } = await driverByName(name);
  return drivenEpisode(policy, seed, { observations: inset || policy.observes });
}

/** A recording whose errors name its file: several may be shown side by side. */
async function replayed(path: string): Promise<FilmedEpisode> {
  const episode = readEpisode(path);
  try {
    const filmed = await recordedEpisode(episode);
    return { ...filmed, steps: () => named(filmed.steps()) };
  } catch (error) {
    throw inFile(path, error);
  }

  function* named<T>(steps: Generator<T>): Generator<T, void, undefined> {
    try {
      yield* steps;
    } catch (error) {
      throw inFile(path, error);
    }
  }
}
