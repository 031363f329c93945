/** `tritrack render`: a video of a recording, or of a driver on a seed. */
import { Command } from "commander";
import type { Env, Frame, Seed } from "../../env/api.ts";
import { InvalidOption } from "../../env/errors.ts";
import { DRIVER_HELP, driverByName } from "./common/driver.ts";
import { breathe, interruptSignal } from "./common/interrupt.ts";
import { number, seed } from "./common/options.ts";
import { examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  seed: Seed;
  fps?: number;
  scale: number;
  json?: boolean;
}

/** A GIF at full rate is too large for most uses. */
const GIF_FPS = 25;

export default function renderCommand(): Command {
  return new Command()
    .argument("<what>", `NAME.episode.json to replay, or a driver: ${DRIVER_HELP}`)
    .requiredOption("--out <path>", "NAME.mp4, NAME.gif, or a new folder for PNG pictures")
    .option("--seed <seed>", "track of a driver; a recording has its own", seed, 20000)
    .option(
      "--fps <n>",
      "frames a second of video, in real time: 1 to 50 (default: 50, GIF 25)",
      number(1, 50),
    )
    .option("--scale <factor>", "size: 1 is 600×400", number(1 / 16, 8), 1)
    .addHelpText(
      "after",
      examples(
        ["replay a recording", "render demos/expert-7.episode.json --out lap.mp4"],
        ["watch a network on a track", "render car.safetensors --seed 20003 --out lap.mp4"],
        ["a small GIF", "render expert --out lap.gif --fps 20 --scale 0.5"],
      ),
    )
    .action(run);
}

async function run(what: string, options: Options): Promise<void> {
  const [{ openVideo }, { scaleFrame }] = await Promise.all([
    import("../../recordings/video/open-video.ts"),
    import("../../recordings/video/scale.ts"),
  ]);
  const { env, steps, total } = /\.episode\.(json|part)$/.test(what)
    ? await recordedDrive(what)
    : await policyDrive(what, options.seed);
  const stepsPerSecond = env.metadata.renderFps;
  const fps = options.fps ?? (options.out.toLowerCase().endsWith(".gif") ? GIF_FPS : stepsPerSecond);
  if (fps > stepsPerSecond)
    throw new InvalidOption(`--fps ${fps}: the environment has ${stepsPerSecond} frames a second`);

  const picture = (): Frame => {
    const frame = env.render()!;
    return options.scale === 1 ? frame : scaleFrame(frame, options.scale);
  };
  const drive = steps();
  // The first step also makes the first frame, whose size the video takes.
  let step = drive.next();
  const first = picture();
  const { width, height } = first;
  const signal = interruptSignal("stopped: no video was written");
  const writer = await openVideo(options.out, { width, height, fps });
  const progress = startProgress(`render ${what}`, total, "steps");
  let frames = 0;
  let reward = 0;
  let index = 0;
  try {
    for (; !step.done && !signal.aborted; step = drive.next(), index++) {
      reward += step.value;
      // Real time: of the steps that fall into one frame of video the first is drawn.
      if (Math.floor((index * fps) / stepsPerSecond) > Math.floor(((index - 1) * fps) / stepsPerSecond)) {
        await writer.add(picture());
        frames++;
      }
      progress.update(index + 1);
      if (index % 16 === 0) await breathe();
    }
    if (signal.aborted) await writer.abort();
    else await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    progress.stop();
    env.close();
  }
  if (signal.aborted) return;
  const seconds = frames / fps;
  print(
    options.json,
    { out: options.out, frames, fps, width, height, seconds, steps: index, reward },
    `${options.out}: ${frames} frames of ${width}×${height}, ${seconds.toFixed(1)} s, reward ${reward.toFixed(1)}`,
  );
}

/** An episode as the rewards of its steps; after each, `env` shows the state. */
interface Drive {
  env: Env;
  steps(): Generator<number, void, undefined>;
  /** At most so many steps. */
  total: number;
}

async function recordedDrive(path: string): Promise<Drive> {
  const { readEpisode } = await import("../../recordings/files/episode-file.ts");
  const { makeRecordedEnv, replay } = await import("../../recordings/player.ts");
  const episode = readEpisode(path);
  const env = await makeRecordedEnv(episode, { renderMode: "rgb_array" });
  function* steps() {
    for (const { reward } of replay(episode, env)) yield reward;
  }
  return { env, steps, total: episode.rewards.length };
}

async function policyDrive(name: string, seed: Seed): Promise<Drive> {
  const { make } = await import("../../env/index.ts");
  const { policy } = await driverByName(name);
  const observations = policy.observes ?? true;
  const env = await make("CarRacing-v3", { renderMode: "rgb_array", observations });
  function* steps() {
    let { observation } = env.reset({ seed });
    policy.reset(env, seed);
    for (let over = false; !over; ) {
      const result = env.step(policy.act(observation));
      observation = result.observation;
      over = result.terminated || result.truncated;
      yield result.reward;
    }
  }
  return { env, steps, total: env.spec!.maxEpisodeSteps! };
}
