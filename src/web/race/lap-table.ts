/** The leaderboard: finished laps on the track in view, kept in this browser. */
import { create, element } from "../app/element.ts";
import { remember, remembered } from "../app/memory.ts";
import type { Timeline } from "../run/timeline.ts";
import { isScored } from "../run/worlds.ts";
import { formatSeconds } from "../stage/readings.ts";
import { type Lap, parseLaps, ranking, withLap } from "./laps.ts";

const KEY = "laps";
/** Shown of a track. */
const ROWS = 10;
const STEPS_PER_SECOND = 50;

export class LapTable {
  private readonly table = element<HTMLTableElement>("laps");
  private readonly player = element<HTMLInputElement>("player");
  private laps = parseLaps(remembered(KEY));
  private newest: Lap | null = null;

  constructor() {
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
    // Another tab may have added some since.
    this.laps = withLap(parseLaps(remembered(KEY)), this.newest);
    remember(KEY, JSON.stringify(this.laps));
    this.show(this.newest.seed);
  }

  /** Shows the laps of a track. */
  show(seed: string): void {
    const rows = ranking(this.laps, seed).slice(0, ROWS);
    element("no-laps").hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    this.table.tBodies[0].replaceChildren(...rows.map((lap, i) => this.row(lap, i + 1)));
  }

  private row(lap: Lap, place: number): HTMLTableRowElement {
    const { driver, steps, reward, scored, when } = lap;
    const cells: [label: string, text: string][] = [
      ["Place", `${place}.`],
      ["Driver", driver],
      ["Lap time", formatSeconds(steps / STEPS_PER_SECOND)],
      ["Reward", reward.toFixed(1)],
      ["Rules", scored ? "as scored" : "free"],
      ["When", when],
    ];
    const row = create("tr", { className: isSame(lap, this.newest) ? "newest" : "" });
    for (const [label, textContent] of cells) {
      const cell = create("td", { textContent });
      cell.dataset.label = label;
      row.append(cell);
    }
    return row;
  }
}

function isSame(a: Lap, b: Lap | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
