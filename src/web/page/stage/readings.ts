/** Numbers over the view and bars beside it. The page is touched only where a value changes. */
import { BodyColumn } from "../../../../env/car-racing/view.ts";
import { element, TextElement } from "../app/element.ts";
import type { Show } from "./show.ts";

/** World units per second at the end of the speed bar; the car reaches about 100. */
const TOP_SPEED = 110;

/** Time, speed, reward and tiles, and the bars of the action. */
export class Readings {
  readonly #time = new TextElement("time");
  readonly #speed = new TextElement("speed-value");
  readonly #reward = new TextElement("reward");
  readonly #tiles = new TextElement("tiles");
  readonly #rewardElement = element("reward");
  readonly #bars = (["steer", "gas", "brake", "speed-bar"] as const).map((id) => element(id));
  /** Length of each bar as shown. */
  readonly #lengths: string[] = [];

  /** Shows the readings of an episode. */
  show({ run, action }: Show): void {
    const { car } = run;
    const { bodies } = car.view;
    const speed = Math.hypot(bodies[BodyColumn.vx], bodies[BodyColumn.vy]);
    this.#time.set(formatSeconds(run.seconds));
    this.#speed.set(speed.toFixed(0));
    this.#reward.set(run.reward.toFixed(1));
    this.#tiles.set(`${car.tileVisitedCount} / ${car.visited.length}`);
    const [steer, gas, brake] = action;
    this.#setBar(0, steer / 2); // the bar starts in the middle and has half the width each way
    this.#setBar(1, gas);
    this.#setBar(2, brake);
    this.#setBar(3, speed / TOP_SPEED);
    // The tooltip of a finished episode has all digits, for comparisons.
    const exact = run.ending ? String(run.reward) : "";
    if (this.#rewardElement.title !== exact) this.#rewardElement.title = exact;
  }

  #setBar(index: number, share: number): void {
    const length = Math.min(1, share).toFixed(3);
    if (length === this.#lengths[index]) return;
    this.#lengths[index] = length;
    this.#bars[index].style.transform = `scaleX(${length})`;
  }
}

/** Simulated time, such as `14.32 s`. */
export function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(2)} s`;
}
