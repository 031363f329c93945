/** `tritrack render`: a video of a recording, or of a driver on a seed. */
import { Command } from "commander";
import type { Seed } from "../../env/api.ts";
import type { Drive } from "../video/drive.ts";
import { DRIVER_HELP, driverByName } from "./common/driver.ts";
import { breathe, interruptSignal } from "./common/interrupt.ts";
import { integer, number, seed } from "./common/options.ts";
import { examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  seed: Seed;
  fps?: number;
  scale: number;
  inset?: boolean;
  columns?: number;
  json?: boolean;
}

/** A GIF at full rate is too large for most uses. */
const GIF_FPS = 25;

export default function renderCommand(): Command {
  return new Command()
    .argument(
      "<what...>",
      `NAME.episode.json to replay, or a driver: ${DRIVER_HELP}; several are shown side by side`,
    )
    .requiredOption("--out <path>", "NAME.mp4, NAME.gif, or a new folder for PNG pictures")
    .option("--seed <seed>", "track of a driver; a recording has its own", seed, 20000)
    .option(
      "--fps <n>",
      "frames a second of video, in real time: 1 to 50 (default: 50, GIF 25)",
      number(1, 50),
    )
    .option("--scale <factor>", "size: 1 is 600×400", number(1 / 16, 8), 1)
    .option("--inset", "show each driver's name, its 96×96 frame, its outputs and the reward")
    .option("--columns <n>", "views in a row, of several", integer(1, 64))
    .addHelpText(
      "after",
      examples(
        ["replay a recording", "render demos/expert-7.episode.json --out lap.mp4"],
        ["watch a network on a track", "render car.safetensors --seed 20003 --out lap.mp4"],
        ["what a network sees and does", "render zoo:car-90 --inset --out lap.mp4"],
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
  const [{ renderVideo }, { stepsPerSecond }] = await Promise.all([
    import("../video/render-video.ts"),
    import("../../recordings/player.ts"),
  ]);
  const drives = [];
  for (const name of what) drives.push(await driveOf(name, options));
  const isGif = options.out.toLowerCase().endsWith(".gif");
  const signal = interruptSignal("stopped: no video was written");
  const progress = startProgress(
    `render ${what.join(" ")}`,
    Math.max(...drives.map(({ total }) => total)),
    "steps",
  );
  const video = await renderVideo(drives, options.out, {
    fps:
      options.fps ?? (isGif ? Math.min(GIF_FPS, ...drives.map(({ env }) => stepsPerSecond(env))) : undefined),
    scale: options.scale,
    inset: options.inset,
    columns: options.columns,
    signal,
    onStep: (done) => {
      progress.update(done);
      if (done % 16 === 0) return breathe();
    },
  }).finally(() => progress.stop());
  if (!video) return;
  const { frames, fps, width, height, rewards } = video;
  const seconds = frames / fps;
  print(
    options.json,
    { out: options.out, ...video, seconds },
    `${options.out}: ${frames} frames of ${width}×${height}, ${seconds.toFixed(1)} s, reward ${rewards.map((reward) => reward.toFixed(1)).join(", ")}`,
  );
}

async function driveOf(name: string, { seed, inset }: Options): Promise<Drive> {
  const { policyDrive, recordedDrive } = await import("../video/drive.ts");
  if (/\.episode\.(json|part)$/.test(name)) {
    const { readEpisode } = await import("../../recordings/files/episode-file.ts");
    return recordedDrive(readEpisode(name));
  }
  const { policy } = await driverByName(name);
  return policyDrive(policy, seed, { observations: inset || policy.observes });
}
