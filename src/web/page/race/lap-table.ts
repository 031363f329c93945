/** The leaderboard: finished laps on the track in view, those of the highest reward first. */
import { create, element } from "../app/element.ts";
import { remember, remembered } from "../app/memory.ts";
import type { Timeline } from "../run/timeline.ts";
import { isScored } from "../run/worlds.ts";
import { formatSeconds } from "../stage/readings.ts";
import type { LapBook } from "./lap-book.ts";
import { isSameLap, type Lap, ranking } from "./laps.ts";

/** Shown of a track. */
const ROWS = 10;
const STEPS_PER_SECOND = 50;

export class LapTable {
  private readonly table = element<HTMLTableElement>("laps");
  private readonly player = element<HTMLInputElement>("player");
  private readonly book: LapBook;
  private newest: Lap | null = null;
  /** The track in view. */
  private seed = "";

  constructor(book: LapBook) {
    this.book = book;
    this.player.value = remembered("player") ?? "";
    this.player.addEventListener("change", () => remember("player", this.player.value.trim()));
  }

  /** A person's lap; anything but a finished lap is left out. */
  addOwn(run: Timeline): void {
    this.add(this.player.value.trim() || "you", run);
  }

  add(driver: string, run: Timeline): void {
    if (run.ending !== "lap") return;
    this.newest = {
      seed: String(run.seed),
      driver,
      steps: run.steps,
      reward: run.reward,
      scored: isScored(run.world),
      when: new Date().toISOString().slice(0, 10),
    };
    this.book.add(this.newest);
    this.show(this.newest.seed);
  }

  /** Shows the laps of a track: those that are known at once, and those of other browsers when they have come. */
  show(seed: string): void {
    this.seed = seed;
    this.fill();
    this.book.refresh().then(() => this.fill());
  }

  private fill(): void {
    const rows = ranking(this.book.laps, this.seed).slice(0, ROWS);
    element("no-laps").hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    this.table.tBodies[0].replaceChildren(...rows.map((lap, i) => this.row(lap, i + 1)));
  }

  private row(lap: Lap, place: number): HTMLTableRowElement {
    const { driver, steps, reward, scored, when } = lap;
    const cells: [label: string, text: string][] = [
      ["Place", `${place}.`],
      ["Driver", driver],
      ["Reward", reward.toFixed(1)],
      ["Lap time", formatSeconds(steps / STEPS_PER_SECOND)],
      ["Rules", scored ? "as scored" : "free"],
      ["When", when],
    ];
    const isNewest = this.newest !== null && isSameLap(lap, this.newest);
    const row = create("tr", { className: isNewest ? "newest" : "" });
    for (const [label, textContent] of cells) {
      const cell = create("td", { textContent });
      cell.dataset.label = label;
      row.append(cell);
    }
    return row;
  }
}
