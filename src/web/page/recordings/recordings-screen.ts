/** The screen of all recordings: facts, totals and what one can do with them. */
import { CorruptFile } from "../../../../env/errors.ts";
import { EPISODE_SUFFIX, parseEpisode } from "../../../../recordings/episode.ts";
import { isRecordingName, MAX_RECORDING_BYTES, recordingName, totals } from "../../shared/recordings.ts";
import { element, TextElement } from "../app/element.ts";
import { download } from "../app/files.ts";
import { attempt, complain, notify } from "../app/notices.ts";
import type { Elsewhere } from "../app/page.ts";
import type { Screen } from "../app/screens.ts";
import { NO_WORDS, type Words } from "../stage/show.ts";
import type { Kept, RecordingKeeper } from "../storage/keeper.ts";
import { serverFacts } from "../storage/server.ts";
import { TAB_TAG } from "../storage/tab.ts";
import { pack, unpack } from "./archive.ts";
import { recordingNameOf, title } from "./describe.ts";
import { RecordingList } from "./list.ts";
import { arrange, isReadable, type Order } from "./order.ts";
import { QualityGauge } from "./quality.ts";

/** Rows shown at once; a filter finds the others. */
const MAX_ROWS = 200;
/** Largest zip file taken, bytes. */
const MAX_ZIP_BYTES = 256 << 20;

/** Recordings. */
export class RecordingsScreen implements Screen {
  /** The stage is hidden. */
  readonly show = null;
  readonly #keeper: RecordingKeeper;
  readonly #list: RecordingList;
  readonly #filter = element<HTMLInputElement>("filter");
  readonly #order = element<HTMLSelectElement>("order");
  readonly #totals = new TextElement("totals");
  readonly #deleteButton = element<HTMLButtonElement>("delete-selected");
  readonly #downloadButton = element<HTMLButtonElement>("download-all");
  readonly #gauge = new QualityGauge();
  /** Steps off the road by name and length; an episode that has grown is measured again. */
  readonly #offRoad = new Map<string, number>();
  #recordings: readonly Kept[] = [];
  #shown = false;
  /** Counts the refreshes: a newer one ends the measuring of an older one. */
  #round = 0;

  constructor(keeper: RecordingKeeper, elsewhere: Elsewhere) {
    this.#keeper = keeper;
    this.#list = new RecordingList(keeper.home, {
      watch: ({ name }) => elsewhere.watch(name),
      race: ({ name }) => elsewhere.race(name),
      rename: async (recording, name) => {
        await keeper.rename(recording, name);
        await this.refresh();
      },
      download: async (recording) =>
        download(recording.name + EPISODE_SUFFIX, await keeper.read(recording), "application/json"),
      remove: (recording) => this.#remove([recording]),
      selected: () => this.#showSelection(),
    });
    this.#downloadButton.addEventListener("click", () => attempt(() => this.#downloadAll()));
    this.#deleteButton.addEventListener("click", () => attempt(() => this.#remove(this.#selected)));
    for (const field of [this.#filter, this.#order])
      field.addEventListener("input", () => attempt(() => this.#draw()));
    const folder = serverFacts()?.folder ?? "FOLDER";
    const place = /^[\w./-]+$/.test(folder) ? folder : `"${folder.replace(/["\\$`]/g, "\\$&")}"`;
    element("train-command").textContent = `npx tritrack train car --demos ${place} --out mine.safetensors`;
    element("train-hint").hidden = keeper.home === "folder";
  }

  /** See {@link Screen.enter}. */
  enter(): void {
    this.#shown = true;
    attempt(async () => {
      await this.#keeper.settled();
      await this.refresh();
    });
  }

  /** See {@link Screen.leave}. */
  leave(): void {
    this.#shown = false;
    this.#round++;
    this.#gauge.close();
  }

  /** See {@link Screen.rest}. */
  rest(): void {}
  /** See {@link Screen.command}. */
  command(): void {}
  /** See {@link Screen.track}. */
  track(): void {}
  /** See {@link Screen.changed}. */
  changed(): void {}
  /** See {@link Screen.frame}. */
  frame(): void {}
  /** See {@link Screen.words}. */
  words(): Words {
    return NO_WORDS;
  }

  /** Lists the recordings anew. */
  async refresh(): Promise<void> {
    if (!this.#shown) return;
    const round = ++this.#round;
    const recordings = await this.#keeper.list();
    if (round !== this.#round) return;
    this.#recordings = recordings;
    const names = new Set(recordings.map(({ name }) => name));
    for (const name of this.#list.selection) if (!names.has(name)) this.#list.selection.delete(name);
    await this.#draw();
  }

  /**
   * Adds a file of the user's disk, or all recordings of a zip file. Each keeps its name; where that is taken it gets
   * another.
   * @returns names of the added recordings
   * @throws CorruptFile if the file holds no recording
   */
  async add(file: File): Promise<string[]> {
    const texts = await textsOf(file);
    const taken = new Set((await this.#keeper.list()).map(({ name }) => name));
    const added: string[] = [];
    const errors: Error[] = [];
    for (const [own, text] of texts) {
      try {
        const { seed } = parseEpisode(text, own || file.name);
        const name = isRecordingName(own) && !taken.has(own) ? own : freeName(seed, taken);
        taken.add(name);
        added.push(name);
        this.#keeper.save(name, text);
      } catch (error) {
        errors.push(error as Error);
      }
    }
    await this.#keeper.settled();
    await this.refresh();
    if (added.length === 0) throw errors[0] ?? new CorruptFile(`${file.name}: expected recordings, got none`);
    for (const error of errors) complain(error.message);
    return added;
  }

  /** Shows rows and totals, then measures what has not been measured. */
  async #draw(): Promise<void> {
    const round = ++this.#round;
    const chosen = arrange(this.#recordings, this.#filter.value, this.#order.value as Order);
    const rows = chosen.slice(0, MAX_ROWS);
    const isEmpty = this.#recordings.length === 0;
    this.#list.show(rows);
    element("no-recordings").hidden = !isEmpty;
    element("recordings-section").classList.toggle("none", isEmpty);
    this.#downloadButton.disabled = isEmpty;
    const hidden = chosen.length - rows.length;
    this.#totals.set(
      `${totals(chosen)}${hidden > 0 ? `. Showing ${rows.length}; filter to see others` : ""}.`,
    );
    this.#showSelection();
    for (const recording of rows.filter(isReadable)) {
      const key = `${recording.name} ${recording.steps}`;
      if (!this.#offRoad.has(key)) {
        const steps = await this.#measure(recording);
        if (round !== this.#round) return;
        if (steps === null) continue;
        this.#offRoad.set(key, steps);
      }
      this.#list.showOffRoad(recording, this.#offRoad.get(key)!);
    }
  }

  get #selected(): Kept[] {
    return this.#recordings.filter(({ name }) => this.#list.selection.has(name));
  }

  #showSelection(): void {
    const { size } = this.#list.selection;
    this.#deleteButton.disabled = size === 0;
    this.#deleteButton.textContent = size === 0 ? "Delete selected" : `Delete ${size} selected`;
  }

  async #measure(recording: Kept): Promise<number | null> {
    try {
      return await this.#gauge.offRoadSteps(parseEpisode(await this.#keeper.read(recording), recording.name));
    } catch {
      return null; // its environment cannot be made here, or it is gone meanwhile
    }
  }

  /** Deletes recordings; a notice offers to bring them back. */
  async #remove(recordings: readonly Kept[]): Promise<void> {
    const removed: [name: string, text: string][] = [];
    try {
      for (const recording of recordings) {
        const text = await this.#keeper.read(recording);
        await this.#keeper.remove(recording);
        this.#list.selection.delete(recording.name);
        removed.push([recording.name, text]);
      }
    } finally {
      await this.refresh();
      if (removed.length > 0) this.#offerUndo(removed);
    }
  }

  #offerUndo(removed: readonly [name: string, text: string][]): void {
    const what = removed.length === 1 ? title(removed[0][0]) : `${removed.length} recordings`;
    notify(`Deleted ${what}.`, {
      label: "Undo",
      run: () =>
        attempt(async () => {
          for (const [name, text] of removed) this.#keeper.save(name, text);
          await this.#keeper.settled();
          await this.refresh();
        }),
    });
  }

  async #downloadAll(): Promise<void> {
    const texts = new Map<string, string>();
    for (const recording of await this.#keeper.list())
      texts.set(recording.name, await this.#keeper.read(recording));
    download("recordings.zip", pack(texts), "application/zip");
  }
}

/** Texts in a file of the user's disk by the recordings' names; "" for a file that is not named as one. */
async function textsOf(file: File): Promise<Map<string, string>> {
  const isZip = file.name.endsWith(".zip");
  const limit = isZip ? MAX_ZIP_BYTES : MAX_RECORDING_BYTES;
  if (file.size > limit)
    throw new CorruptFile(
      `${file.name}: expected up to ${limit >> 20} MB, got ${Math.ceil(file.size / (1 << 20))} MB`,
    );
  if (isZip) return unpack(new Uint8Array(await file.arrayBuffer()), file.name);
  return new Map([[recordingNameOf(file.name) ?? "", await file.text()]]);
}

/** A name by the present time that no recording has. */
function freeName(seed: number | bigint, taken: ReadonlySet<string>): string {
  for (let when = Date.now(); ; when++) {
    const name = recordingName(seed, new Date(when), TAB_TAG);
    if (!taken.has(name)) return name;
  }
}
