/** The list of recordings, each with buttons to replay, download and delete it. */
import { EPISODE_SUFFIX, parseEpisode } from "../../../recordings/episode.ts";
import { isRecordingName, recordingName } from "../recording-name.ts";
import type { Kept, RecordingKeeper } from "../storage/keeper.ts";
import type { Result } from "../storage/store.ts";
import { element } from "./element.ts";

const RESULTS: Record<Result, string> = {
  lap: "lap finished",
  "off field": "off the field",
  time: "time limit",
  interrupted: "interrupted",
};
const PLACES = { folder: "folder", browser: "this browser", page: "this page only" };
/** Steps a second of CarRacing. */
const STEPS_PER_SECOND = 50;

export class RecordingList {
  private readonly table = element<HTMLTableElement>("recordings");

  private readonly keeper: RecordingKeeper;
  private readonly replay: (name: string, text: string) => Promise<void>;

  /** @param replay shows a recording's text on the stage; its error is told to the user */
  constructor(keeper: RecordingKeeper, replay: (name: string, text: string) => Promise<void>) {
    this.keeper = keeper;
    this.replay = replay;
  }

  async refresh(): Promise<void> {
    const recordings = await this.keeper.list();
    this.table.hidden = recordings.length === 0;
    this.table.tBodies[0].replaceChildren(...recordings.map((recording) => this.row(recording)));
  }

  /**
   * Keeps a file of the user's disk, under its own name or, where that is taken, a new one.
   * @throws CorruptFile when it is no recording
   */
  async add(file: File): Promise<void> {
    const text = await file.text();
    const { seed } = parseEpisode(text, file.name);
    const taken = new Set((await this.keeper.list()).map(({ name }) => name));
    const own = file.name.endsWith(EPISODE_SUFFIX) ? file.name.slice(0, -EPISODE_SUFFIX.length) : "";
    this.keeper.save(isRecordingName(own) && !taken.has(own) ? own : recordingName(seed, new Date()), text);
    await this.keeper.settled();
    await this.refresh();
  }

  private row(recording: Kept): HTMLTableRowElement {
    const row = document.createElement("tr");
    row.dataset.name = recording.name;
    const when = drivenAt(recording.name);
    if ("error" in recording) {
      const cell = addCell(row, recording.error);
      cell.colSpan = 6;
      cell.className = "broken";
    } else {
      const { seed, driver, steps, reward, result } = recording;
      const time = `${(steps / STEPS_PER_SECOND).toFixed(2)} s`;
      for (const text of [when, seed, driver, time, reward.toFixed(1), RESULTS[result]]) addCell(row, text);
    }
    addCell(row, PLACES[recording.place]);
    const buttons = addCell(row, "");
    if (!("error" in recording))
      addButton(buttons, "Replay", when, async () =>
        this.replay(recording.name, await this.keeper.read(recording)),
      );
    addButton(buttons, "Download", when, () => this.download(recording));
    addButton(buttons, "Delete", when, () => this.remove(recording));
    return row;
  }

  private async download(recording: Kept): Promise<void> {
    const url = URL.createObjectURL(
      new Blob([await this.keeper.read(recording)], { type: "application/json" }),
    );
    const link = document.createElement("a");
    link.href = url;
    link.download = recording.name + EPISODE_SUFFIX;
    link.click();
    URL.revokeObjectURL(url);
  }

  private async remove(recording: Kept): Promise<void> {
    if (!confirm(`Delete the recording of ${drivenAt(recording.name)}?`)) return;
    await this.keeper.remove(recording);
    await this.refresh();
  }
}

/** Date and time out of a name that this page gave, or the name as it is. */
function drivenAt(name: string): string {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(name);
  return parts ? `${parts.slice(1, 4).join("-")} ${parts.slice(4, 7).join(":")}` : name;
}

function addCell(row: HTMLTableRowElement, text: string): HTMLTableCellElement {
  const cell = row.insertCell();
  cell.textContent = text;
  return cell;
}

function addButton(cell: HTMLElement, label: string, of: string, press: () => Promise<void>): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = label;
  button.ariaLabel = `${label} the recording of ${of}`;
  button.addEventListener("click", () => press().catch((error: Error) => alert(error.message)));
  cell.append(button);
}
