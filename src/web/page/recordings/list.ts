/** The table of recordings: a row each, with what is known of it and what can be done with it. */
import { create, element } from "../app/element.ts";
import { attempt } from "../app/notices.ts";
import { formatSeconds } from "../stage/readings.ts";
import type { Kept, Place } from "../storage/keeper.ts";
import type { RecordingSummary, Result } from "../storage/store.ts";
import { title } from "./describe.ts";

const RESULTS: Record<Result, string> = {
  lap: "lap finished",
  "off field": "off the field",
  time: "time limit",
  interrupted: "interrupted",
};
/** Where a recording is that has not come where it belongs. */
const PLACES: Record<Place, string> = {
  folder: "in the folder",
  browser: "in this browser",
  page: "in this page only",
};
/** Steps a second of CarRacing. */
export const STEPS_PER_SECOND = 50;

/** What the buttons of a row do. */
export interface RowActions {
  watch(recording: Kept): Promise<void>;
  race(recording: Kept): Promise<void>;
  rename(recording: Kept, name: string): Promise<void>;
  download(recording: Kept): Promise<void>;
  remove(recording: Kept): Promise<void>;
}

export class RecordingList {
  private readonly table = element<HTMLTableElement>("recording-table");
  private readonly home: Place;
  private readonly actions: RowActions;

  /** @param home where recordings belong */
  constructor(home: Place, actions: RowActions) {
    this.home = home;
    this.actions = actions;
  }

  show(recordings: readonly Kept[]): void {
    this.table.hidden = recordings.length === 0;
    element("no-recordings").hidden = recordings.length > 0;
    element<HTMLButtonElement>("download-all").disabled = recordings.length === 0;
    this.table.tBodies[0].replaceChildren(...recordings.map((recording) => this.row(recording)));
  }

  /** Fills in how long a recording's car was off the road. */
  showOffRoad({ name, steps }: RecordingSummary, offRoadSteps: number): void {
    const cell = this.table.querySelector(`tr[data-name="${name}"] [data-label="Off road"]`);
    const share = steps === 0 ? 0 : offRoadSteps / steps;
    if (cell)
      cell.textContent = `${(offRoadSteps / STEPS_PER_SECOND).toFixed(1)} s (${(100 * share).toFixed(0)} %)`;
  }

  private row(recording: Kept): HTMLTableRowElement {
    const row = create("tr");
    row.dataset.name = recording.name;
    addCell(row, "Recording", ...this.heading(recording));
    if ("error" in recording) {
      const cell = addCell(row, "Problem", recording.error);
      cell.colSpan = 6;
      cell.className = "broken";
    } else {
      const { seed, steps, reward, result } = recording;
      addCell(row, "Track", seed);
      addCell(row, "Driver", driverOf(recording));
      addCell(row, "Time", formatSeconds(steps / STEPS_PER_SECOND));
      addCell(row, "Reward", reward.toFixed(1));
      addCell(
        row,
        "Result",
        create("span", { className: `badge ${result.replace(" ", "-")}` }, RESULTS[result]),
      );
      addCell(row, "Off road", "…");
    }
    const buttons = addCell(row, "Do");
    const { watch, race, rename, download, remove } = this.actions;
    if (!("error" in recording)) {
      addButton(buttons, "Watch", recording, () => watch(recording));
      addButton(buttons, "Race", recording, () => race(recording));
    }
    addButton(buttons, "Rename", recording, () => this.askName(row, recording, rename));
    addButton(buttons, "Download", recording, () => download(recording));
    addButton(buttons, "Delete", recording, () => remove(recording));
    return row;
  }

  private heading({ name, place }: Kept): (Node | string)[] {
    if (place === this.home) return [title(name)];
    return [title(name), create("div", { className: "facts", textContent: PLACES[place] })];
  }

  /** Puts a field into the row: Enter renames, Escape leaves the name as it was. */
  private askName(row: HTMLTableRowElement, recording: Kept, rename: RowActions["rename"]): void {
    const cell = row.cells[0];
    const input = create("input", {
      type: "text",
      value: recording.name,
      ariaLabel: `New name of ${title(recording.name)}`,
      maxLength: 120,
    });
    const leave = () => cell.replaceChildren(...this.heading(recording));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
      if (event.key !== "Enter") return;
      const name = input.value.trim().replace(/\s+/g, "-");
      if (name === recording.name) leave();
      else attempt(() => rename(recording, name));
    });
    cell.replaceChildren(input);
    input.focus();
    input.select();
  }
}

function driverOf({ driver, corrected }: RecordingSummary): string {
  return corrected === 0 ? driver : `${driver}, ${(corrected / STEPS_PER_SECOND).toFixed(1)} s corrected`;
}

function addCell(
  row: HTMLTableRowElement,
  label: string,
  ...contents: (Node | string)[]
): HTMLTableCellElement {
  const cell = row.insertCell();
  cell.dataset.label = label;
  cell.append(...contents);
  return cell;
}

function addButton(
  cell: HTMLElement,
  label: string,
  { name }: Kept,
  press: () => Promise<void> | void,
): void {
  const button = create("button", {
    type: "button",
    className: "small",
    textContent: label,
    ariaLabel: `${label} ${title(name)}`,
  });
  button.addEventListener("click", () => attempt(press));
  cell.append(button);
}
