/** The screen of all recordings: what was driven, how well, and everything one may do with it. */
import { CorruptFile } from "../../../../env/errors.ts";
import { EPISODE_SUFFIX, parseEpisode } from "../../../../recordings/episode.ts";
import { element } from "../app/element.ts";
import { download } from "../app/files.ts";
import { attempt, complain, notify } from "../app/notices.ts";
import type { Screen } from "../app/screens.ts";
import { NO_WORDS, type Words } from "../stage/show.ts";
import type { Kept, RecordingKeeper } from "../storage/keeper.ts";
import { isRecordingName, recordingName } from "../storage/recording-name.ts";
import { pack, unpack } from "./archive.ts";
import { recordingNameOf, title } from "./describe.ts";
import { RecordingList } from "./list.ts";
import { QualityGauge } from "./quality.ts";

/** Where a recording can be shown. */
export interface Elsewhere {
  watch(name: string): Promise<void>;
  race(name: string): Promise<void>;
}

export class RecordingsScreen implements Screen {
  readonly show = null;
  private readonly keeper: RecordingKeeper;
  private readonly list: RecordingList;
  private readonly gauge = new QualityGauge();
  /** Steps off the road, by name and length: what grew is measured again. */
  private readonly offRoad = new Map<string, number>();
  private shown = false;
  /** Counts the refreshes: a newer one ends the measuring of an older. */
  private round = 0;

  constructor(keeper: RecordingKeeper, elsewhere: Elsewhere) {
    this.keeper = keeper;
    this.list = new RecordingList(keeper.home, {
      watch: ({ name }) => elsewhere.watch(name),
      race: ({ name }) => elsewhere.race(name),
      rename: (recording, name) => this.rename(recording, name),
      download: async (recording) =>
        download(recording.name + EPISODE_SUFFIX, await keeper.read(recording), "application/json"),
      remove: (recording) => this.remove(recording),
    });
    element("download-all").addEventListener("click", () => attempt(() => this.downloadAll()));
  }

  enter(): void {
    this.shown = true;
    attempt(async () => {
      await this.keeper.settled();
      await this.refresh();
    });
  }

  leave(): void {
    this.shown = false;
    this.round++;
    this.gauge.close();
  }

  rest(): void {}
  command(): void {}
  track(): void {}
  changed(): void {}
  frame(): void {}
  words(): Words {
    return NO_WORDS;
  }

  /** Lists them anew, then measures what has not been measured. */
  async refresh(): Promise<void> {
    if (!this.shown) return;
    const round = ++this.round;
    const recordings = await this.keeper.list();
    if (round !== this.round) return;
    this.list.show(recordings);
    for (const recording of recordings) {
      if ("error" in recording) continue;
      const key = `${recording.name} ${recording.steps}`;
      if (!this.offRoad.has(key)) {
        const steps = await this.measure(recording);
        if (round !== this.round) return;
        if (steps === null) continue;
        this.offRoad.set(key, steps);
      }
      this.list.showOffRoad(recording, this.offRoad.get(key)!);
    }
  }

  /**
   * Keeps a file of the user's disk, or all recordings of a zip file; each under its own name or, where that is taken,
   * a new one.
   * @returns names they are kept under
   * @throws CorruptFile when it is no recording
   */
  async add(file: File): Promise<string[]> {
    const texts = file.name.endsWith(".zip")
      ? unpack(new Uint8Array(await file.arrayBuffer()), file.name)
      : new Map([[recordingNameOf(file.name) ?? "", await file.text()]]);
    const taken = new Set((await this.keeper.list()).map(({ name }) => name));
    const added: string[] = [];
    const errors: Error[] = [];
    for (const [own, text] of texts) {
      try {
        const { seed } = parseEpisode(text, own || file.name);
        const name = isRecordingName(own) && !taken.has(own) ? own : recordingName(seed, new Date());
        taken.add(name);
        added.push(name);
        this.keeper.save(name, text);
      } catch (error) {
        errors.push(error as Error);
      }
    }
    await this.keeper.settled();
    await this.refresh();
    if (added.length === 0) throw errors[0] ?? new CorruptFile(`${file.name} holds no recording`);
    for (const error of errors) complain(error.message);
    return added;
  }

  private async measure(recording: Kept): Promise<number | null> {
    try {
      return await this.gauge.offRoadSteps(parseEpisode(await this.keeper.read(recording), recording.name));
    } catch {
      return null; // of an environment that this page cannot make, or gone meanwhile
    }
  }

  private async rename(recording: Kept, name: string): Promise<void> {
    await this.keeper.rename(recording, name);
    await this.refresh();
  }

  private async remove(recording: Kept): Promise<void> {
    const text = await this.keeper.read(recording);
    await this.keeper.remove(recording);
    await this.refresh();
    notify(`Deleted: ${title(recording.name)}`, {
      label: "Undo",
      run: () =>
        attempt(async () => {
          this.keeper.save(recording.name, text);
          await this.keeper.settled();
          await this.refresh();
        }),
    });
  }

  private async downloadAll(): Promise<void> {
    const texts = new Map<string, string>();
    for (const recording of await this.keeper.list())
      texts.set(recording.name, await this.keeper.read(recording));
    download("recordings.zip", pack(texts), "application/zip");
  }
}
