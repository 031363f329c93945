/**
 * RecordVideo (`gymnasium.wrappers.RecordVideo`): an environment that films chosen episodes, or from chosen steps on,
 * into a folder, one file each. Steps return at once, while videos are written in the background: until the caller
 * waits for `written`, the frames of an episode wait in memory, 0.7 MB each. Node only.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Env, Frame, ResetOptions, ResetResult, StepResult } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { Wrapper } from "../../env/wrappers/wrapper.ts";
import { stepsPerSecond } from "../player.ts";
import { openVideo } from "./open-video.ts";
import type { VideoWriter } from "./video-writer.ts";

/** Options of {@link RecordVideo}. */
export interface RecordVideoOptions {
  /**
   * Called with the number of each episode, from 0; true films it into PREFIX-episode-N. Default: {@link isCubic}, or never
   * where there is a `stepTrigger`.
   */
  episodeTrigger?: (episode: number) => boolean;
  /**
   * Called with the number of each step, from 0 and on over all episodes; true films from that step on, into PREFIX-step-N.
   * Default: never.
   */
  stepTrigger?: (step: number) => boolean;
  /**
   * Frames after the first with which a video ends; it goes on through resets until then. 0 ends it with its episode.
   * Default: 0.
   */
  videoLength?: number;
  /** Beginning of file names, which may have points. Default: "rl-video". */
  namePrefix?: string;
  /** Format of the videos; "png" is a folder of pictures. Default: "mp4". */
  format?: "mp4" | "gif" | "png";
  /** Frames a second. Default: so many as the environment has steps in a second, `frameSkip` counted. */
  fps?: number;
}

/** Episodes 0, 1, 8, 27, …, 729, then every thousandth: Gymnasium's `capped_cubic_video_schedule`. */
export function isCubic(episode: number): boolean {
  return episode < 1000 ? Math.round(Math.cbrt(episode)) ** 3 === episode : episode % 1000 === 0;
}

function never(): boolean {
  return false;
}

/** `gymnasium.wrappers.RecordVideo` around an environment that renders; wait for `written` before the program ends. */
export class RecordVideo<Observation, Action> extends Wrapper<Observation, Action> {
  readonly #folder: string;
  readonly #options: Required<RecordVideoOptions>;
  #episode = -1;
  #step = -1;
  /** The video being filmed: its frames follow each other in the promise. */
  #filming: Promise<VideoWriter> | null = null;
  /** Frames of the present video so far. */
  #frames = 0;
  #written: Promise<void> = Promise.resolve();

  /**
   * @param folder made if it is not there; videos of the same names in it are replaced
   * @throws {@link InvalidOption} when the environment has no render mode, or on a length that is no whole number from 0 up
   */
  constructor(env: Env<Observation, Action>, folder: string, options: RecordVideoOptions = {}) {
    super(env);
    if (env.renderMode === null) {
      throw new InvalidOption('RecordVideo: expected an environment made with renderMode: "rgb_array"');
    }
    const { stepTrigger = never, videoLength = 0, namePrefix = "rl-video", format = "mp4" } = options;
    const { episodeTrigger = options.stepTrigger ? never : isCubic } = options;
    const { fps = stepsPerSecond(env) } = options;
    if (!Number.isSafeInteger(videoLength) || videoLength < 0) {
      throw new InvalidOption(
        `RecordVideo: expected videoLength to be a whole number from 0 up, got ${describe(videoLength)}`,
      );
    }
    this.#options = { episodeTrigger, stepTrigger, videoLength, namePrefix, format, fps };
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Resolves once all videos that have ended are on disk; rejects if one could not be written. */
  get written(): Promise<void> {
    return this.#written;
  }

  override get passesThrough(): boolean {
    return true;
  }

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    this.#episode++;
    const { episodeTrigger, videoLength } = this.#options;
    if (videoLength === 0) this.#finish();
    if (episodeTrigger(this.#episode)) this.#begin(`episode-${this.#episode}`);
    else if (this.#filming) this.#film(this.#filming);
    return result;
  }

  override step(action: Action): StepResult<Observation> {
    const result = this.env.step(action);
    this.#step++;
    const { stepTrigger, videoLength } = this.#options;
    if (stepTrigger(this.#step)) this.#begin(`step-${this.#step}`);
    else if (this.#filming) this.#film(this.#filming);
    if (videoLength === 0 && (result.terminated || result.truncated)) this.#finish();
    return result;
  }

  /** Ends the present video too; it is on disk once `written` has resolved. */
  override close(): void {
    this.#finish();
    super.close();
  }

  /** Begins a video with the present frame; one under way ends before it. */
  #begin(name: string): void {
    this.#finish();
    const frame = this.env.render();
    if (!frame) return;
    const { namePrefix, format, fps } = this.#options;
    const extension = format === "png" ? "" : `.${format}`;
    const path = join(this.#folder, `${namePrefix}-${name}${extension}`);
    const { width, height } = frame;
    this.#frames = 0;
    this.#add(openVideo(path, { width, height, fps }, format), frame);
  }

  /** Films the present frame, and ends the video if that was the last. */
  #film(video: Promise<VideoWriter>): void {
    const frame = this.env.render();
    if (frame) this.#add(video, frame);
    const { videoLength } = this.#options;
    if (videoLength > 0 && this.#frames > videoLength) this.#finish();
  }

  #add(video: Promise<VideoWriter>, frame: Frame): void {
    this.#filming = video.then(async (writer) => {
      await writer.add(frame);
      return writer;
    });
    this.#filming.catch(() => {}); // `written` rejects with it
    this.#frames++;
  }

  #finish(): void {
    if (!this.#filming) return;
    const filmed = this.#filming.then((video) => video.finish());
    this.#filming = null;
    this.#written = Promise.all([this.#written, filmed]).then(() => {});
    this.#written.catch(() => {}); // callers of `written` see it
  }
}
