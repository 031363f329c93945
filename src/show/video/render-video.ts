/**
 * Films episodes in real time: the 600×400 view after every step, of one episode or of several side by side in a grid,
 * each with an inset of what its driver sees and does if that is wanted.
 */
import type { Frame } from "../../../env/api.ts";
import { InvalidOption } from "../../../env/errors.ts";
import { sweepTemporaries } from "../../../recordings/files/atomic.ts";
import { openVideo } from "../../../recordings/video/open-video.ts";
import { scaleFrame } from "../../../recordings/video/scale.ts";
import type { VideoWriter } from "../../../recordings/video/video-writer.ts";
import type { FilmedEpisode } from "./filmed-episode.ts";
import { Inset } from "./inset.ts";

/** Options of {@link renderVideo}. */
export interface VideoOptions {
  /**
   * Frames a second of the video, above 0 to 50; it plays in real time at any rate. Default: the steps in a second of the
   * quickest episode, at most 50.
   */
  fps?: number;
  /** Size of each view, 1/16 to 8; 1 is 600×400 pixels. Default: 1. */
  scale?: number;
  /** True shows each driver's name, frame, outputs and reward in its view. Default: false. */
  inset?: boolean;
  /** Views in a row of the grid. Default: the square root of their number, rounded up. */
  columns?: number;
  /** Ends the filming, after which nothing is written. Default: none. */
  signal?: AbortSignal;
  /**
   * Called after every step of the quickest episode with their number so far; a promise is awaited. Default: nothing.
   */
  onStep?: (done: number) => void | Promise<void>;
}

/** Size and length of a video, and the rewards in it. */
export interface VideoResult {
  /** Frames of the video. */
  frames: number;
  /** Frames a second. */
  fps: number;
  /** Width of the video, pixels. */
  width: number;
  /** Height of the video, pixels. */
  height: number;
  /** Steps of the longest episode, of those with the most in a second. */
  steps: number;
  /** Driving reward of each episode, in their order. */
  rewards: number[];
}

/** Most episodes in one video. */
const MOST_EPISODES = 64;

/**
 * Films episodes side by side and closes their environments. An episode that is over keeps its last view until all are.
 * @param episodes 1 to 64, of one frame size
 * @param path `NAME.mp4`, `NAME.gif`, or a new folder for PNG pictures
 * @returns null when `options.signal` ended it
 * @throws {@link InvalidOption} on no episode or too many, or on a rate that the environment cannot fill
 */
export async function renderVideo(
  episodes: readonly FilmedEpisode[],
  path: string,
  options: VideoOptions = {},
): Promise<VideoResult | null> {
  try {
    return await render(episodes, path, options);
  } finally {
    for (const { env } of episodes) env.close();
  }
}

async function render(
  episodes: readonly FilmedEpisode[],
  path: string,
  options: VideoOptions,
): Promise<VideoResult | null> {
  const { scale = 1, inset = false, columns, signal } = options;
  if (episodes.length < 1 || episodes.length > MOST_EPISODES)
    throw new InvalidOption(`a video: expected 1 to ${MOST_EPISODES} episodes, got ${episodes.length}`);
  const quickest = Math.max(...episodes.map((episode) => episode.stepsPerSecond));
  const { fps = quickest } = options;
  const { renderFps } = episodes[0].env.metadata;
  if (fps > renderFps)
    throw new InvalidOption(`fps: expected at most the environment's ${renderFps}, got ${fps}`);
  const overlay = inset ? await Inset.create() : null;
  const views = episodes.map((episode) => new EpisodeView(episode, scale, overlay));
  for (const view of views) view.step();
  const grid = new Grid(views[0].picture(), views.length, columns);
  const { width, height } = grid.frame;
  sweepTemporaries(path);
  const writer = await openVideo(path, { width, height, fps });
  try {
    const counts = await film(views, grid, writer, { fps, quickest }, options);
    if (signal?.aborted) {
      await writer.abort();
      return null;
    }
    await writer.finish();
    return { ...counts, fps, width, height, rewards: views.map((view) => view.reward) };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Things that happen in a second. */
interface Rates {
  /** Frames of the video. */
  fps: number;
  /** Steps of the quickest episode. */
  quickest: number;
}

/**
 * Steps all views in real time until their episodes are over or the signal aborts.
 *
 * A clock ticks as often as there are frames or steps, whichever are more. An episode that repeats its actions takes its
 * next step after as many ticks as it has repetitions.
 */
async function film(
  views: readonly EpisodeView[],
  grid: Grid,
  writer: VideoWriter,
  { fps, quickest }: Rates,
  { signal, onStep }: VideoOptions,
): Promise<{ frames: number; steps: number }> {
  const ticks = Math.max(fps, quickest);
  let frames = 0;
  let steps = 0;
  for (let tick = 0; views.some((view) => !view.over) && !signal?.aborted; tick++) {
    // Only the first of the steps that fall into one frame is drawn.
    if (happens(tick, fps, ticks)) {
      views.forEach((view, i) => {
        if (!view.over || tick === 0) grid.place(view.picture(), i);
      });
      await writer.add(grid.frame);
      frames++;
    }
    if (happens(tick + 1, quickest, ticks)) {
      steps++;
      await onStep?.(steps);
    }
    for (const view of views) if (happens(tick + 1, view.stepsPerSecond, ticks)) view.step();
  }
  return { frames, steps };
}

/** True if a thing that happens `rate` times in a second happens at a tick, of `ticks` in a second. */
function happens(tick: number, rate: number, ticks: number): boolean {
  // The small number makes up for quotients that are rounded to just below a whole number.
  const times = (count: number) => Math.floor((count * rate) / ticks + 1e-9);
  return times(tick) > times(tick - 1);
}

/** One episode as it is filmed. */
class EpisodeView {
  /** True once the last step has been shown. */
  over = false;
  /** Driving reward so far. */
  reward = 0;
  /** Steps in a second of driving. */
  readonly stepsPerSecond: number;
  readonly #episode: FilmedEpisode;
  readonly #scale: number;
  readonly #overlay: Inset | null;
  readonly #steps: ReturnType<FilmedEpisode["steps"]>;
  #observation: unknown = null;
  #action: unknown = null;

  constructor(episode: FilmedEpisode, scale: number, overlay: Inset | null) {
    this.stepsPerSecond = episode.stepsPerSecond;
    this.#episode = episode;
    this.#scale = scale;
    this.#overlay = overlay;
    this.#steps = episode.steps();
  }

  /** Drives one step; after the last one sets `over`. */
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

  /** The view after the last step, with its inset, scaled. */
  picture(): Frame {
    const frame = this.#episode.env.render()!;
    const observation = this.#observation;
    this.#overlay?.draw(frame, {
      name: this.#episode.name,
      observation: observation instanceof Uint8Array && observation.length > 0 ? observation : null,
      action: typeof this.#action === "object" ? (this.#action as ArrayLike<number>) : null,
      reward: this.reward,
    });
    return this.#scale === 1 ? frame : scaleFrame(frame, this.#scale);
  }
}

/** Views of one size side by side in one frame. */
class Grid {
  /** The whole picture; `place` changes it. */
  readonly frame: Frame;
  readonly #columns: number;
  readonly #cell: { width: number; height: number };

  /** @param cell a view, for its size */
  constructor(cell: { width: number; height: number }, count: number, columns?: number) {
    this.#columns = Math.min(count, columns ?? Math.ceil(Math.sqrt(count)));
    this.#cell = cell;
    const width = cell.width * this.#columns;
    const height = cell.height * Math.ceil(count / this.#columns);
    this.frame = { width, height, data: new Uint8Array(width * height * 3) };
  }

  /** Copies a view into its cell; cells are counted row by row. */
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
