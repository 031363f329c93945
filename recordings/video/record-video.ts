/**
 * RecordVideo (`gymnasium.wrappers.RecordVideo`): an environment that films chosen episodes into a folder, one file
 * each. Steps return at once, while videos are written in the background: until the caller waits for `written`, the
 * frames of an episode wait in memory, 0.7 MB each. Node only; the step trigger and videos of fixed length are left out.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Env, ResetOptions, ResetResult, StepResult } from "../../env/api.ts";
import { InvalidOption } from "../../env/errors.ts";
import { Wrapper } from "../../env/wrappers/wrapper.ts";
import { openVideo } from "./open-video.ts";
import type { VideoWriter } from "./video-writer.ts";

export interface RecordVideoOptions {
  /** Which episodes to film, counted from 0; default {@link isCubic}. */
  episodeTrigger?: (episode: number) => boolean;
  /** Files are named PREFIX-episode-N. Default "rl-video". */
  namePrefix?: string;
  /** "mp4" (the default), "gif", or "png" for a folder of pictures. */
  format?: "mp4" | "gif" | "png";
  /** Frames a second; default the environment's `renderFps`. */
  fps?: number;
}

/** Episodes 0, 1, 8, 27, …, 729, then every thousandth: Gymnasium's `capped_cubic_video_schedule`. */
export function isCubic(episode: number): boolean {
  return episode < 1000 ? Math.round(Math.cbrt(episode)) ** 3 === episode : episode % 1000 === 0;
}

export class RecordVideo<Observation, Action> extends Wrapper<Observation, Action> {
  readonly #folder: string;
  readonly #options: Required<RecordVideoOptions>;
  #episode = -1;
  /** The video being filmed: its frames follow each other in the promise. */
  #filming: Promise<VideoWriter> | null = null;
  #written: Promise<void> = Promise.resolve();

  /**
   * @param folder made if it is not there
   * @throws {@link InvalidOption} when the environment has no render mode
   */
  constructor(env: Env<Observation, Action>, folder: string, options: RecordVideoOptions = {}) {
    super(env);
    if (env.renderMode === null) {
      throw new InvalidOption('RecordVideo: expected an environment made with renderMode: "rgb_array"');
    }
    const { episodeTrigger = isCubic, namePrefix = "rl-video", format = "mp4" } = options;
    const { fps = env.metadata.renderFps } = options;
    this.#options = { episodeTrigger, namePrefix, format, fps };
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Waits for the videos of all episodes that have ended; rejects if one could not be written. */
  get written(): Promise<void> {
    return this.#written;
  }

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    this.#finish();
    this.#episode++;
    if (this.#options.episodeTrigger(this.#episode)) this.#film(true);
    return result;
  }

  override step(action: Action): StepResult<Observation> {
    const result = this.env.step(action);
    if (this.#filming) this.#film(false);
    if (result.terminated || result.truncated) this.#finish();
    return result;
  }

  /** Ends the present video too; it is on disk once `written` has resolved. */
  override close(): void {
    this.#finish();
    super.close();
  }

  #film(begins: boolean): void {
    const frame = this.env.render();
    if (!frame) return;
    const { namePrefix, format, fps } = this.#options;
    const extension = format === "png" ? "" : `.${format}`;
    const path = join(this.#folder, `${namePrefix}-episode-${this.#episode}${extension}`);
    const { width, height } = frame;
    const writer = begins ? openVideo(path, { width, height, fps }) : this.#filming!;
    this.#filming = writer.then(async (video) => {
      await video.add(frame);
      return video;
    });
    this.#filming.catch(() => {}); // told by `written`
  }

  #finish(): void {
    if (!this.#filming) return;
    const filmed = this.#filming.then((video) => video.finish());
    this.#filming = null;
    this.#written = Promise.all([this.#written, filmed]).then(() => {});
    this.#written.catch(() => {}); // told to whoever asks
  }
}
