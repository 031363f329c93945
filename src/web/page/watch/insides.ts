/** The inside of a network at work: its input, its feature maps and its outputs for the present frame. */
import { CROP_SIZE } from "../../../../policies/ternary/crop.ts";
import { describe, sparsity } from "../../../../policies/ternary/describe.ts";
import { element, TextElement } from "../app/element.ts";
import { PixelView } from "../stage/pixels.ts";
import type { NetworkSession } from "./session.ts";
import { TileGrid } from "./tile-grid.ts";
import { pixelUnder, ValueView } from "./value-view.ts";

const OUTPUTS = ["steer", "gas", "brake"] as const;
/** The convolutions: index of the layer, id of the canvas, number of maps, and side of a map. */
const CONVOLUTIONS = [
  { layer: 0, canvas: "map-1", count: 32, side: 20 },
  { layer: 1, canvas: "map-2", count: 64, side: 6 },
] as const;

/** The pictures beside the view on the Watch screen. */
export class Insides {
  readonly #crop = new PixelView(element("crop"), CROP_SIZE, CROP_SIZE);
  readonly #bars = OUTPUTS.map((name) => element(`output-${name}`));
  readonly #values = OUTPUTS.map((name) => new TextElement(`value-${name}`));
  readonly #facts = new TextElement("network-facts");
  readonly #additions = new TextElement("additions");
  readonly #maps: { layer: number; view: ValueView }[];
  readonly #action = new Float32Array(3);

  /** @param choose called with layer and unit of a feature map that was clicked */
  constructor(choose: (layer: number, unit: number) => void) {
    this.#maps = CONVOLUTIONS.map(({ layer, canvas, count, side }) => {
      const grid = new TileGrid(count, side, side, 1);
      const picture = element<HTMLCanvasElement>(canvas);
      picture.addEventListener("click", (event) => {
        const cell = grid.at(...pixelUnder(event, picture));
        if (cell) choose(layer, cell.tile);
      });
      const view = new ValueView(picture, grid.columns, grid.rows, (column, row) => {
        const cell = grid.at(column, row);
        return cell && (cell.tile * side + cell.y) * side + cell.x;
      });
      return { layer, view };
    });
  }

  /** Shows the facts that do not change from frame to frame. */
  introduce({ name, network }: NetworkSession): void {
    const layers = describe(network);
    const sum = (key: "nonzeros" | "weights" | "additions") =>
      layers.reduce((total, layer) => total + layer[key], 0);
    const number = (value: number) => value.toLocaleString("en");
    this.#facts.set(
      `${name}: ${sparsity(network).all.toFixed(1)} % of ${number(sum("weights"))} weights are 0.`,
    );
    this.#additions.set(`${number(sum("additions"))} additions per step, no multiplications.`);
  }

  /** Shows the network's answer to a frame. */
  draw(session: NetworkSession, observation: Uint8Array): void {
    session.decide(observation, this.#action);
    this.#crop.draw(session.crop);
    for (const { layer, view } of this.#maps) view.draw(session.maps(layer));
    for (const [k, value] of session.outputs.entries()) {
      // The steering bar starts in the middle and has half the width each way. Pedals below 0 are 0.
      const share = k === 0 ? Math.max(-1, Math.min(1, value)) / 2 : Math.max(0, Math.min(1, value));
      this.#bars[k].style.transform = `scaleX(${share.toFixed(3)})`;
      this.#values[k].set(value.toFixed(2).replace("-", "−"));
    }
  }
}
