/** The weights of one unit as squares to click, with a cursor that arrow keys move. */
import { TextElement } from "../app/element.ts";
import { cssColor } from "./colors.ts";
import { pixelUnder } from "./value-view.ts";
import type { WeightLayout } from "./weight-layout.ts";

/** Canvas pixels of a weight's square and of the line between two squares. */
const CELL = 16;
const LINE = 1;

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A board of weights. */
export class Board {
  readonly #box: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #text = new TextElement("cell-text");
  #layout!: WeightLayout;
  #weights: ArrayLike<number> = [];
  #marked: readonly number[] = [];
  #cursor: [column: number, row: number] = [0, 0];

  /**
   * @param box element with a canvas in it
   * @param press called with the index, within the unit, of a weight that was clicked
   */
  constructor(box: HTMLElement, press: (weight: number) => void) {
    const canvas = box.querySelector("canvas")!;
    this.#box = box;
    box.tabIndex = 0;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d")!;
    const pressAt = ([column, row]: readonly [number, number]) => {
      const weight = this.#layout.unitWeightAt(column, row);
      if (weight !== null) press(weight);
    };
    canvas.addEventListener("click", (event) => {
      const [x, y] = pixelUnder(event, canvas);
      this.#cursor = [Math.floor(x / CELL), Math.floor(y / CELL)];
      pressAt(this.#cursor);
      this.#draw();
    });
    box.addEventListener("keydown", (event) => {
      const move = MOVES[event.code];
      if (!move && event.code !== "Enter" && event.code !== "Space") return;
      event.preventDefault();
      event.stopPropagation(); // while the board has the focus, its keys do not drive
      if (move) this.#move(...move);
      else pressAt(this.#cursor);
      this.#draw();
    });
    for (const name of ["focus", "blur"]) box.addEventListener(name, () => this.#draw());
  }

  /**
   * Shows a unit.
   * @param weights of the unit, each -1, 0 or 1
   * @param marked indices of the weights of the last swap
   */
  show(layout: WeightLayout, weights: ArrayLike<number>, marked: readonly number[]): void {
    if (layout !== this.#layout) this.#cursor = [0, 0];
    this.#layout = layout;
    this.#weights = weights;
    this.#marked = marked;
    this.#canvas.width = layout.unit.columns * CELL;
    this.#canvas.height = layout.unit.rows * CELL;
    this.#draw();
  }

  /** Moves the cursor to the next weight in a direction, over gaps. */
  #move(dx: number, dy: number): void {
    const { columns, rows } = this.#layout.unit;
    let [column, row] = this.#cursor;
    do {
      column += dx;
      row += dy;
      if (column < 0 || row < 0 || column >= columns || row >= rows) return;
    } while (this.#layout.unitWeightAt(column, row) === null);
    this.#cursor = [column, row];
  }

  #draw(): void {
    const context = this.#context;
    const layout = this.#layout;
    const weights = this.#weights;
    const { columns, rows } = layout.unit;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const weight = layout.unitWeightAt(column, row);
        if (weight === null) continue;
        context.fillStyle = cssColor(weights[weight]);
        context.fillRect(column * CELL, row * CELL, CELL - LINE, CELL - LINE);
        if (this.#marked.includes(weight)) this.#frame(column, row, "white");
      }
    const weight = layout.unitWeightAt(...this.#cursor);
    const focused = document.activeElement === this.#box && weight !== null;
    if (focused) this.#frame(...this.#cursor, "yellow");
    this.#text.set(focused ? this.#describe(weight) : "");
  }

  #describe(weight: number): string {
    const { width, height } = this.#layout.unit;
    const within = weight % (width * height);
    const place = `input ${Math.floor(weight / (width * height)) + 1}`;
    const cell = width > 1 ? `, row ${Math.floor(within / width) + 1}, column ${(within % width) + 1}` : "";
    return `At ${place}${cell}: ${signed(this.#weights[weight])}`;
  }

  #frame(column: number, row: number, color: string): void {
    const context = this.#context;
    context.lineWidth = 2;
    context.strokeStyle = color;
    context.strokeRect(column * CELL + 1, row * CELL + 1, CELL - LINE - 2, CELL - LINE - 2);
  }
}

/** A weight as printed: −1, 0 or +1. */
export function signed(weight: number): string {
  return weight < 0 ? "−1" : weight > 0 ? "+1" : "0";
}
