/** The best laps: finished laps on the present track and under the present rules, highest reward first. */
import { FPS } from "../../../../env/car-racing/core/constants.ts";
import { isSameLap, type Lap, ranking } from "../../shared/laps.ts";
import { create, element, TextElement } from "../app/element.ts";
import type { Timeline } from "../run/timeline.ts";
import { isScored } from "../run/worlds.ts";
import { formatSeconds } from "../stage/readings.ts";
import type { LapBook } from "./lap-book.ts";

/** Number of laps shown. */
const ROWS = 10;

/** The table of best laps. */
export class LapTable {
  readonly #table = element<HTMLTableElement>("laps");
  readonly #title = new TextElement("laps-title");
  readonly #book: LapBook;
  /** The person's own last lap, which is highlighted; null once another episode begins. */
  #newest: Lap | null = null;
  #seed = "";
  #scored = false;

  /** @param book storage of the laps */
  constructor(book: LapBook) {
    this.#book = book;
  }

  /** Adds the person's lap and highlights it. An episode that is not a finished lap is ignored. */
  addOwn(driver: string, run: Timeline): void {
    const lap = lapOf(driver, run);
    if (!lap) return;
    this.#newest = lap;
    this.#book.add(lap);
    this.#refresh();
  }

  /** Adds an opponent's lap. An episode that is not a finished lap is ignored. */
  add(driver: string, run: Timeline): void {
    const lap = lapOf(driver, run);
    if (!lap) return;
    this.#book.add(lap);
    this.#refresh();
  }

  /** Shows the laps of the track and the rules of an episode that begins. Laps of other browsers follow. */
  show({ seed, world }: Timeline): void {
    this.#seed = String(seed);
    this.#scored = isScored(world);
    this.#newest = null;
    this.#refresh();
  }

  #refresh(): void {
    this.#fill();
    this.#book.refresh().then(() => this.#fill());
  }

  #fill(): void {
    const rows = ranking(this.#book.laps, this.#seed, this.#scored).slice(0, ROWS);
    this.#title.set(`Best laps on track ${this.#seed}, ${this.#scored ? "rules as scored" : "free rules"}`);
    element("no-laps").hidden = rows.length > 0;
    this.#table.hidden = rows.length === 0;
    this.#table.tBodies[0].replaceChildren(...rows.map((lap, i) => this.#row(lap, i + 1)));
  }

  #row(lap: Lap, place: number): HTMLTableRowElement {
    const cells: [label: string, text: string][] = [
      ["Place", `${place}.`],
      ["Driver", lap.driver],
      ["Reward", lap.reward.toFixed(1)],
      ["Lap time", formatSeconds(lap.steps / FPS)],
      ["Date", lap.when],
    ];
    const isNewest = this.#newest !== null && isSameLap(lap, this.#newest);
    const row = create("tr", { className: isNewest ? "newest" : "" });
    for (const [label, textContent] of cells) {
      const cell = create("td", { textContent });
      cell.dataset.label = label;
      row.append(cell);
    }
    return row;
  }
}

/** The lap of an episode, or null if it did not finish one. */
function lapOf(driver: string, run: Timeline): Lap | null {
  if (run.ending !== "lap") return null;
  return {
    seed: String(run.seed),
    driver,
    steps: run.steps,
    reward: run.reward,
    scored: isScored(run.world),
    when: localDate(new Date()),
  };
}

/** Date by the clock of this machine, such as 2026-11-23. */
function localDate(when: Date): string {
  const part = (value: number) => String(value).padStart(2, "0");
  return `${when.getFullYear()}-${part(when.getMonth() + 1)}-${part(when.getDate())}`;
}
