/** Numbers and bars beside the view. The page is touched only where what is shown changes. */
import { BodyColumn } from "../../../env/car-racing/physics/physics.ts";
import type { Drive } from "../drive/drive.ts";
import { element } from "./element.ts";

/** World units a second at the end of the speed bar; the car reaches about 100. */
const TOP_SPEED = 110;

export class Readings {
  private readonly time = new Text("time");
  private readonly reward = new Text("reward");
  private readonly tiles = new Text("tiles");
  private readonly bars = (["steer", "gas", "brake", "speed"] as const).map((id) => element(id));

  show(drive: Drive): void {
    const { car } = drive.world;
    this.time.set(seconds(drive));
    this.reward.set(drive.reward.toFixed(1));
    this.tiles.set(`${car.tileVisitedCount} / ${car.visited.length}`);
    const { bodies } = car.view;
    const speed = Math.hypot(bodies[BodyColumn.vx], bodies[BodyColumn.vy]);
    const [steer, gas, brake] = drive.action;
    this.setBar(0, steer / 2); // its bar has its origin in the middle and half the width each way
    this.setBar(1, gas);
    this.setBar(2, brake);
    this.setBar(3, speed / TOP_SPEED);
  }

  private setBar(index: number, share: number): void {
    this.bars[index].style.transform = `scaleX(${Math.min(1, share).toFixed(3)})`;
  }
}

/** Simulated time, such as `14.32 s`. */
export function seconds({ steps, world }: Drive): string {
  return `${(steps / world.env.metadata.renderFps).toFixed(2)} s`;
}

/** An element's text that is written only when it is another. */
class Text {
  private readonly element: HTMLElement;
  private shown = "";

  constructor(id: string) {
    this.element = element(id);
  }

  set(text: string): void {
    if (text === this.shown) return;
    this.shown = text;
    this.element.textContent = text;
  }
}
