/**
 * Drives as a video in real time: the 600×400 view of every step, of one drive or of several side by side as a grid,
 * with an inset of what the driver sees and does where that is wanted.
 */
import type { Frame } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { stepsPerSecond } from "../../recordings/player.ts";
import { openVideo } from "../../recordings/video/open-video.ts";
import { scaleFrame } from "../../recordings/video/scale.ts";
import type { Drive } from "./drive.ts";
import { Inset } from "./inset.ts";

export interface VideoOptions {
  /** Frames a second of video, above 0 to 50, in real time. Default: the drive's steps in a second, at most 50. */
  fps?: number;
  /** Size of each drive's view: 1, the default, is 600×400. */
  scale?: number;
  /** Whether each view shows its driver's name, frame, outputs and reward. Default false. */
  inset?: boolean;
  /** Views in a row of the grid. Default: as near to a square as can be. */
  columns?: number;
  /** Ends the rendering; nothing is written then. */
  signal?: AbortSignal;
  /** Called after every step of the quickest drive; a promise is awaited. */
  onStep?: (done: number) => void | Promise<void>;
}

export interface VideoResult {
  frames: number;
  fps: number;
  width: number;
  height: number;
  /** Steps of the longest drive, of those with the most in a second. */
  steps: number;
  /** Driving reward of each episode, in the order of the drives. */
  rewards: number[];
}

/** Most drives in one video. */
const MOST_DRIVES = 64;

/**
 * Writes NAME.mp4, NAME.gif or a folder of PNG pictures, and closes the environments. A drive that is over keeps its
 * last view until all are.
 * @returns null when `signal` ended it
 */
export async function renderVideo(
  drives: readonly Drive[],
  path: string,
  options: VideoOptions = {},
): Promise<VideoResult | null> {
  try {
    return await render(drives, path, options);
  } finally {
    for (const { env } of drives) env.close();
  }
}

async function render(
  drives: readonly Drive[],
  path: string,
  { fps, scale = 1, inset = false, columns, signal, onStep }: VideoOptions,
): Promise<VideoResult | null> {
  if (drives.length < 1 || drives.length > MOST_DRIVES)
    throw new InvalidOption(`a video shows 1 to ${MOST_DRIVES} drives, not ${drives.length}`);
  // The clock ticks with the quickest drive; one that repeats its actions waits for its next step.
  const most = Math.max(...drives.map(({ env }) => stepsPerSecond(env)));
  const rate = fps ?? most;
  const ticks = Math.max(most, rate);
  const { renderFps } = drives[0].env.metadata;
  if (rate > renderFps)
    throw new InvalidOption(`fps: expected at most the environment's ${renderFps}, got ${describe(rate)}`);
  const overlay = inset ? await Inset.create() : null;
  const views = drives.map((drive) => new DriveView(drive, scale, overlay));
  for (const view of views) view.step();
  const grid = new Grid(views[0].picture(), views.length, columns);
  const writer = await openVideo(path, { width: grid.width, height: grid.height, fps: rate });
  let frames = 0;
  let index = 0;
  let steps = 0;
  try {
    for (; views.some((view) => !view.over) && !signal?.aborted; index++) {
      // Real time: of the steps that fall into one frame of video the first is drawn.
      if (passes(index, rate, ticks)) {
        views.forEach((view, i) => {
          if (!view.over || index === 0) grid.place(view.picture(), i);
        });
        await writer.add(grid.frame);
        frames++;
      }
      if (passes(index + 1, most, ticks)) {
        steps++;
        await onStep?.(steps);
      }
      for (const view of views) if (passes(index + 1, view.stepsPerSecond, ticks)) view.step();
    }
    if (signal?.aborted) {
      await writer.abort();
      return null;
    }
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const { width, height } = grid;
  return { frames, fps: rate, width, height, steps, rewards: views.map((view) => view.reward) };
}

/** Whether something that happens `rate` times in a second happens at a tick, of `ticks` in a second. */
function passes(tick: number, rate: number, ticks: number): boolean {
  const times = (count: number) => Math.floor((count * rate) / ticks + 1e-9);
  return times(tick) > times(tick - 1);
}

/** One drive as it is filmed. */
class DriveView {
  readonly stepsPerSecond: number;
  /** Whether the last step has been shown. */
  over = false;
  reward = 0;
  readonly #drive: Drive;
  readonly #scale: number;
  readonly #overlay: Inset | null;
  readonly #steps: ReturnType<Drive["steps"]>;
  #observation: unknown = null;
  #action: unknown = null;

  constructor(drive: Drive, scale: number, overlay: Inset | null) {
    this.stepsPerSecond = stepsPerSecond(drive.env);
    this.#drive = drive;
    this.#scale = scale;
    this.#overlay = overlay;
    this.#steps = drive.steps();
  }

  /** One step on; after the last, `over`. */
  step(): void {
    if (this.over) return;
    const { done, value } = this.#steps.next();
    if (done) {
      this.over = true;
      return;
    }
    this.reward += value.reward;
    this.#observation = value.nextObservation;
    this.#action = value.action;
  }

  picture(): Frame {
    const frame = this.#drive.env.render()!;
    const observation = this.#observation;
    this.#overlay?.draw(frame, {
      name: this.#drive.name,
      observation: observation instanceof Uint8Array && observation.length > 0 ? observation : null,
      action: typeof this.#action === "object" ? (this.#action as ArrayLike<number>) : null,
      reward: this.reward,
    });
    return this.#scale === 1 ? frame : scaleFrame(frame, this.#scale);
  }
}

/** Views of one size side by side in one frame. */
class Grid {
  readonly frame: Frame;
  readonly #columns: number;
  readonly #cell: { width: number; height: number };

  constructor(cell: { width: number; height: number }, count: number, columns?: number) {
    this.#columns = Math.min(count, columns ?? Math.ceil(Math.sqrt(count)));
    this.#cell = cell;
    const width = cell.width * this.#columns;
    const height = cell.height * Math.ceil(count / this.#columns);
    this.frame = { width, height, data: new Uint8Array(width * height * 3) };
  }

  get width(): number {
    return this.frame.width;
  }

  get height(): number {
    return this.frame.height;
  }

  place(view: Frame, index: number): void {
    const { width, height } = this.#cell;
    const left = (index % this.#columns) * width;
    const top = Math.floor(index / this.#columns) * height;
    for (let y = 0; y < height; y++)
      this.frame.data.set(
        view.data.subarray(3 * y * width, 3 * (y + 1) * width),
        3 * ((top + y) * this.frame.width + left),
      );
  }
}
