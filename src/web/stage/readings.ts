/** Numbers and bars beside the view. The page is touched only where what is shown changes. */
import { BodyColumn } from "../../../env/car-racing/view.ts";
import { element, TextElement } from "../app/element.ts";
import type { Show } from "./show.ts";

/** World units a second at the end of the speed bar; the car reaches about 100. */
const TOP_SPEED = 110;

export class Readings {
  private readonly time = new TextElement("time");
  private readonly reward = new TextElement("reward");
  private readonly tiles = new TextElement("tiles");
  private readonly rewardElement = element("reward");
  private readonly bars = (["steer", "gas", "brake", "speed-bar"] as const).map((id) => element(id));
  /** As shown. */
  private readonly lengths: string[] = [];

  show({ run, action }: Show): void {
    const { car } = run;
    this.time.set(formatSeconds(run.seconds));
    this.reward.set(run.reward.toFixed(1));
    this.tiles.set(`${car.tileVisitedCount} / ${car.visited.length}`);
    const { bodies } = car.view;
    const speed = Math.hypot(bodies[BodyColumn.vx], bodies[BodyColumn.vy]);
    const [steer, gas, brake] = action;
    this.setBar(0, steer / 2); // its bar has its origin in the middle and half the width each way
    this.setBar(1, gas);
    this.setBar(2, brake);
    this.setBar(3, speed / TOP_SPEED);
    // All its digits, for who wants to compare.
    const exact = run.ending ? String(run.reward) : "";
    if (this.rewardElement.title !== exact) this.rewardElement.title = exact;
  }

  private setBar(index: number, share: number): void {
    const length = Math.min(1, share).toFixed(3);
    if (length === this.lengths[index]) return;
    this.lengths[index] = length;
    this.bars[index].style.transform = `scaleX(${length})`;
  }
}

/** Simulated time, such as `14.32 s`. */
export function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(2)} s`;
}
