/** Everything that shows a drive: the view for people, the network's view, readings, and the words over the view. */
import { OBSERVATION_SIZE } from "../../../env/car-racing/render/renderer.ts";
import type { Drive } from "../drive/drive.ts";
import { element } from "./element.ts";
import { PixelView } from "./pixels.ts";
import { Readings } from "./readings.ts";
import { SceneView } from "./scene.ts";
import type { Words } from "./words.ts";

export class Stage {
  private readonly scene = new SceneView(element("scene"), () => this.touch());
  private readonly pixels = new PixelView(element("observation"), OBSERVATION_SIZE, OBSERVATION_SIZE);
  private readonly readings = new Readings();
  private readonly overlay = element("overlay");
  private readonly headline = element("headline");
  private readonly detail = element("detail");
  private stale = true;

  /** The drive stands at the start of an episode. */
  load({ world }: Drive): void {
    this.scene.load(world.car.scene, world.car.view);
    this.touch();
  }

  step({ world }: Drive): void {
    this.scene.step(world.car.view);
  }

  /** What is shown is out of date, though time stands still. */
  touch(): void {
    this.stale = true;
  }

  /** Draws what has changed. */
  draw(drive: Drive, words: () => Words): void {
    if (!this.stale && !drive.running) return;
    this.stale = false;
    const [headline, detail] = words();
    this.scene.draw(drive.fraction, drive.approach);
    this.pixels.draw(drive.observation);
    this.readings.show(drive);
    this.overlay.classList.toggle("counting", drive.phase === "countdown");
    this.overlay.classList.toggle("empty", headline === "");
    if (this.headline.textContent !== headline) this.headline.textContent = headline;
    if (this.detail.textContent !== detail) this.detail.textContent = detail;
  }
}
