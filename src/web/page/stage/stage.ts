/** Everything that shows an episode: the view for people, the map, the network's view, readings, and text over the view. */
import { OBSERVATION_SIZE } from "../../../../env/car-racing/view.ts";
import { element, TextElement } from "../app/element.ts";
import { MiniMap } from "./minimap.ts";
import { PixelView } from "./pixels.ts";
import { Readings } from "./readings.ts";
import { SceneView } from "./scene.ts";
import type { Show, Words } from "./show.ts";

/** The stage that Drive, Race and Watch share. */
export class Stage {
  readonly #scene = new SceneView(element("scene"), () => this.touch());
  readonly #map = new MiniMap(element("map"), () => this.touch());
  readonly #pixels = new PixelView(element("observation"), OBSERVATION_SIZE, OBSERVATION_SIZE);
  readonly #readings = new Readings();
  readonly #overlay = element("overlay");
  readonly #headline = new TextElement("headline");
  readonly #detail = new TextElement("detail");
  #stale = true;
  /** The frame that is shown. The display asks more often than steps bring new frames. */
  #seen: Uint8Array | null = null;

  /** Requests a redraw of an episode that does not move. */
  touch(): void {
    this.#stale = true;
  }

  /** Shows a text over the view while there is no episode to draw. */
  say(headline: string): void {
    this.#overlay.classList.remove("empty", "counting");
    this.#headline.set(headline);
    this.#detail.set("");
    this.touch();
  }

  /** Draws if anything has changed, and returns whether it did. */
  draw(show: Show, words: Words): boolean {
    if (!this.#stale && !show.moving) return false;
    this.#stale = false;
    const [headline, detail] = words;
    const { run, rival } = show;
    this.#scene.draw(run, rival, show.fraction, show.approach);
    this.#map.draw(run, rival, show.approach === 1);
    if (this.#seen !== run.observation) this.#pixels.draw(run.observation);
    this.#seen = run.observation;
    this.#readings.show(show);
    this.#overlay.classList.toggle("counting", show.countdown !== null);
    this.#overlay.classList.toggle("empty", headline === "");
    this.#headline.set(headline);
    this.#detail.set(detail);
    return true;
  }
}
