/** The weights of the network on the Watch screen: an overview of a layer, a unit enlarged, and swaps by a click. */
import { element, TextElement } from "../app/element.ts";
import { Board, signed } from "./board.ts";
import { nearestSwap } from "./nearest-swap.ts";
import type { NetworkSession } from "./session.ts";
import { pixelUnder, ValueView } from "./value-view.ts";
import { type WeightLayout, weightLayout } from "./weight-layout.ts";

/** Shown before the first swap. index.html has the same text. */
const HINT =
  "Click a weight to swap it with the nearest weight of the other kind (zero or nonzero) in its unit.";

/** The section Weights. */
export class WeightsView {
  readonly #layerField = element<HTMLSelectElement>("layer");
  readonly #unitField = element<HTMLInputElement>("unit");
  readonly #undoButton = element<HTMLButtonElement>("undo");
  readonly #saveButton = element<HTMLButtonElement>("save-network");
  readonly #overview = element<HTMLCanvasElement>("kernels");
  readonly #overviewText = new TextElement("kernels-text");
  readonly #unitText = new TextElement("board-text");
  readonly #swapText = new TextElement("swap-text");
  readonly #board = new Board(element("board"), (weight) => this.#press(weight));
  readonly #changed: () => void;
  #session!: NetworkSession;
  #layout!: WeightLayout;
  #view!: ValueView;

  /**
   * @param changed called after a weight has changed
   * @param save called when the network is to be saved as a file
   */
  constructor(changed: () => void, save: () => void) {
    this.#changed = changed;
    this.#layerField.addEventListener("change", () => this.choose(this.#layerField.selectedIndex, 0));
    this.#unitField.addEventListener("change", () => {
      if (this.#unitField.checkValidity()) this.choose(this.#layer, this.#unit);
    });
    this.#undoButton.addEventListener("click", () => this.#undo());
    this.#saveButton.addEventListener("click", save);
    this.#overview.addEventListener("click", (event) => {
      const place = this.#layout.layer.at(...pixelUnder(event, this.#overview));
      if (place) this.choose(this.#layer, place.tile);
    });
  }

  /** Shows a network. */
  show(session: NetworkSession): void {
    const { layers } = session.network.architecture;
    const chosen = Math.max(0, this.#layerField.selectedIndex);
    this.#session = session;
    this.#layerField.replaceChildren(...layers.map(({ name }) => new Option(name)));
    this.#swapText.set(HINT);
    this.choose(chosen, 0);
  }

  /**
   * Enlarges a unit.
   * @param k index of the layer
   * @param unit index of the unit, from 0
   */
  choose(k: number, unit: number): void {
    this.#layerField.selectedIndex = k;
    this.#layout = weightLayout(this.#session.network.architecture, k);
    this.#unitField.max = String(this.#layout.units);
    this.#unitField.value = String(unit + 1);
    const { columns, rows } = this.#layout.layer;
    this.#view = new ValueView(this.#overview, columns, rows, this.#layout.weightAt);
    this.#draw();
  }

  get #layer(): number {
    return this.#layerField.selectedIndex;
  }

  get #unit(): number {
    return Number(this.#unitField.value) - 1;
  }

  #draw(): void {
    const session = this.#session;
    const layout = this.#layout;
    const layer = this.#layer;
    const unit = this.#unit;
    const { name } = session.network.architecture.layers[layer];
    const weights = session.network.weights[name];
    const first = unit * layout.fanIn;
    const own = weights.subarray(first, first + layout.fanIn);
    const last = session.swaps.at(-1);
    const marked = last?.layer === name ? [last.remove - first, last.add - first] : [];
    this.#view.draw(weights);
    this.#board.show(layout, own, marked);
    const nonzeros = (values: Int8Array) => values.filter((w) => w !== 0).length;
    this.#overviewText.set(
      `Layer ${name}: ${layout.units} units, ${nonzeros(weights)} of ${weights.length} weights are nonzero`,
    );
    this.#unitText.set(`Unit ${unit + 1} of ${name}: ${nonzeros(own)} of ${own.length} weights are nonzero.`);
    this.#undoButton.disabled = session.swaps.length === 0;
    this.#saveButton.disabled = false;
  }

  /** Swaps the weight of this index within the unit. */
  #press(weight: number): void {
    const session = this.#session;
    const layer = this.#layer;
    const layout = this.#layout;
    const swap = nearestSwap(session.network, layer, this.#unit * layout.fanIn + weight);
    if (!swap) {
      this.#swapText.set("This unit has only one kind of weight, so there is nothing to swap.");
      return;
    }
    const before = session.outputs.slice();
    session.swap(swap);
    this.#changed();
    this.#swapText.set(
      `Swap ${session.swaps.length}, unit ${this.#unit + 1} of ${swap.layer}: ${signed(swap.removedSign)} → 0 and 0 → ${signed(swap.sign)}. On this frame ${difference(before, session.outputs)}`,
    );
    this.#draw();
  }

  #undo(): void {
    this.#session.undo();
    this.#changed();
    this.#swapText.set(this.#session.swaps.length === 0 ? HINT : "The last swap was undone.");
    this.#draw();
  }
}

/** Change of the outputs: "steer +0.02, gas ±0.00, brake ±0.00". */
function difference(before: Float32Array, after: Float32Array): string {
  return ["steer", "gas", "brake"]
    .map((name, k) => {
      const change = (after[k] - before[k]).toFixed(3);
      const sign = Number(change) === 0 ? "±" : Number(change) > 0 ? "+" : "−";
      return `${name} ${sign}${Math.abs(Number(change)).toFixed(3)}`;
    })
    .join(", ");
}
