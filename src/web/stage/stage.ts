/** Everything that shows an episode: view for people, map, the network's view, readings, and words over the view. */
import { OBSERVATION_SIZE } from "../../../env/car-racing/view.ts";
import { element, TextElement } from "../app/element.ts";
import { MiniMap } from "./minimap.ts";
import { PixelView } from "./pixels.ts";
import { Readings } from "./readings.ts";
import { SceneView } from "./scene.ts";
import type { Show, Words } from "./show.ts";

export class Stage {
  private readonly scene = new SceneView(element("scene"), () => this.touch());
  private readonly map = new MiniMap(element("map"), () => this.touch());
  private readonly pixels = new PixelView(element("observation"), OBSERVATION_SIZE, OBSERVATION_SIZE);
  private readonly readings = new Readings();
  private readonly overlay = element("overlay");
  private readonly headline = new TextElement("headline");
  private readonly detail = new TextElement("detail");
  private stale = true;
  /** The frame of the network's view that is shown: each step brings another, the display may ask more often. */
  private seen: Uint8Array | null = null;

  /** What is shown is out of date, though time stands still. */
  touch(): void {
    this.stale = true;
  }

  /** Draws what has changed. @returns whether anything had */
  draw(show: Show, words: Words): boolean {
    if (!this.stale && !show.moving) return false;
    this.stale = false;
    const [headline, detail] = words;
    const { run, rival } = show;
    this.scene.draw(run, rival, show.fraction, show.approach);
    this.map.draw(run, rival, show.approach === 1);
    if (this.seen !== run.observation) this.pixels.draw(run.observation);
    this.seen = run.observation;
    this.readings.show(show);
    this.overlay.classList.toggle("counting", show.countdown !== null);
    this.overlay.classList.toggle("empty", headline === "");
    this.headline.set(headline);
    this.detail.set(detail);
    return true;
  }
}
