/** The table of recordings: a row each, with the facts and the actions of the recording. */
import { FPS } from "../../../../env/car-racing/core/constants.ts";
import type { RecordingSummary, Result } from "../../shared/recordings.ts";
import { create, element } from "../app/element.ts";
import { attempt } from "../app/notices.ts";
import { formatSeconds } from "../stage/readings.ts";
import type { Kept, Place } from "../storage/keeper.ts";
import { title } from "./describe.ts";

const RESULTS: Record<Result, string> = {
  lap: "lap finished",
  "out of bounds": "out of bounds",
  time: "time limit",
  interrupted: "interrupted",
};
/** Place of a recording that is not where it belongs. */
const PLACES: Record<Place, string> = {
  folder: "in the folder",
  browser: "in this browser",
  page: "in this page only",
};

/** Actions of the buttons in a row. */
export interface RowActions {
  /** Plays the recording on the Watch screen. */
  watch(recording: Kept): Promise<void>;
  /** Races the recording's ghost. */
  race(recording: Kept): Promise<void>;
  /** Gives the recording another name. */
  rename(recording: Kept, name: string): Promise<void>;
  /** Offers the file to save. */
  download(recording: Kept): Promise<void>;
  /** Deletes the recording. */
  remove(recording: Kept): Promise<void>;
  /** Called when a row was selected or is so no more. */
  selected(): void;
}

/** The table. */
export class RecordingList {
  readonly #table = element<HTMLTableElement>("recording-table");
  readonly #home: Place;
  readonly #actions: RowActions;
  /** Names of the selected recordings. */
  readonly selection = new Set<string>();

  /** @param home place where recordings belong */
  constructor(home: Place, actions: RowActions) {
    this.#home = home;
    this.#actions = actions;
  }

  /** Shows recordings, a row each. */
  show(recordings: readonly Kept[]): void {
    this.#table.hidden = recordings.length === 0;
    this.#table.tBodies[0].replaceChildren(...recordings.map((recording) => this.#row(recording)));
  }

  /** Fills in how long a recording's car was off the road. */
  showOffRoad({ name, steps }: RecordingSummary, offRoadSteps: number): void {
    const cell = this.#table.querySelector(`tr[data-name="${name}"] [data-label="Off road"]`);
    const share = steps === 0 ? 0 : offRoadSteps / steps;
    if (cell) cell.textContent = `${(offRoadSteps / FPS).toFixed(1)} s (${(100 * share).toFixed(0)} %)`;
  }

  #row(recording: Kept): HTMLTableRowElement {
    const row = create("tr");
    row.dataset.name = recording.name;
    addCell(row, "Select", this.#checkbox(recording));
    addCell(row, "Recording", ...this.#heading(recording));
    if ("error" in recording) {
      const cell = addCell(row, "Problem", recording.error);
      cell.colSpan = 6;
      cell.className = "broken";
    } else addFacts(row, recording);
    const buttons = addCell(row, "Actions");
    const { watch, race, rename, download, remove } = this.#actions;
    if (!("error" in recording)) {
      addButton(buttons, "Watch", recording, () => watch(recording));
      addButton(buttons, "Race", recording, () => race(recording));
    }
    addButton(buttons, "Rename", recording, () => this.#askName(row, recording, rename));
    addButton(buttons, "Download", recording, () => download(recording));
    addButton(buttons, "Delete", recording, () => remove(recording));
    return row;
  }

  #checkbox({ name }: Kept): HTMLInputElement {
    const box = create("input", {
      type: "checkbox",
      checked: this.selection.has(name),
      ariaLabel: `Select ${title(name)}`,
    });
    box.addEventListener("change", () => {
      if (box.checked) this.selection.add(name);
      else this.selection.delete(name);
      this.#actions.selected();
    });
    return box;
  }

  #heading({ name, place }: Kept): (Node | string)[] {
    if (place === this.#home) return [title(name)];
    return [title(name), create("div", { className: "facts", textContent: PLACES[place] })];
  }

  /** Puts a field into the row: Enter renames, Escape leaves the name as it was. */
  #askName(row: HTMLTableRowElement, recording: Kept, rename: RowActions["rename"]): void {
    const cell = row.querySelector<HTMLElement>("[data-label=Recording]")!;
    const input = create("input", {
      type: "text",
      value: recording.name,
      ariaLabel: `New name of ${title(recording.name)}`,
      maxLength: 120,
    });
    const leave = () => cell.replaceChildren(...this.#heading(recording));
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

function addFacts(row: HTMLTableRowElement, recording: RecordingSummary): void {
  const { seed, steps, reward, result, driver, corrected } = recording;
  const seconds = (corrected / FPS).toFixed(1);
  addCell(row, "Track", seed);
  addCell(row, "Driver", corrected === 0 ? driver : `${driver}, ${seconds} s corrected`);
  addCell(row, "Time", formatSeconds(steps / FPS));
  addCell(row, "Reward", reward.toFixed(1));
  const badge = create("span", { className: `badge ${result.replaceAll(" ", "-")}` }, RESULTS[result]);
  addCell(row, "Result", badge);
  addCell(row, "Off road", "…");
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
