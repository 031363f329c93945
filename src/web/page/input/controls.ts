/** The row of buttons and fields under the view. Drive, Race and Watch share it; the screen decides what they do. */
import { element } from "../app/element.ts";
import { remember, remembered } from "../app/preferences.ts";
import type { RulesName } from "../run/worlds.ts";
import type { KeyStyle } from "./hands.ts";
import type { Command } from "./keyboard.ts";

/** Calls from the controls to the page. */
export interface Wishes {
  /** A button was pressed. */
  command(name: Command): void;
  /** The seed of another track was entered. */
  track(seed: bigint): void;
  /** Other rules or another opponent were chosen. */
  changed(): void;
}

/** Driver's name in recordings where the person has not entered one. */
const NAMELESS = "human";

/** Buttons and fields under the view. */
export class Controls {
  readonly #go = element<HTMLButtonElement>("go");
  readonly #seedField = element<HTMLInputElement>("seed");
  readonly #seedProblem = element("seed-problem");
  readonly #rulesField = element<HTMLSelectElement>("rules");
  readonly #keysField = element<HTMLSelectElement>("keys");
  readonly #driverField = element<HTMLInputElement>("driver");
  #goCommand: Command = "start";
  #seed = 0n;

  constructor() {
    const fields = [this.#rulesField, this.#keysField, this.#driverField];
    for (const field of fields) {
      field.value = remembered(field.id) ?? field.value;
      if (!field.value && field instanceof HTMLSelectElement) field.selectedIndex = 0;
      field.addEventListener("change", () => remember(field.id, field.value.trim()));
    }
  }

  /** Chosen rules. */
  get rules(): RulesName {
    return this.#rulesField.value as RulesName;
  }

  /** Chosen strength of keys. */
  get keyStyle(): KeyStyle {
    return this.#keysField.value as KeyStyle;
  }

  /** Name of the person who drives, for recordings and best laps. */
  get driver(): string {
    return this.#driverField.value.trim() || NAMELESS;
  }

  /** Seed of the track that was last chosen. */
  get seed(): bigint {
    return this.#seed;
  }

  /** Command of the main button. */
  get goCommand(): Command {
    return this.#goCommand;
  }

  /** Makes the controls work. */
  enable(wishes: Wishes): void {
    this.#go.addEventListener("click", () => wishes.command(this.#goCommand));
    for (const name of ["restart", "next", "step"] as const)
      element(name).addEventListener("click", () => wishes.command(name));
    element("view").addEventListener("click", () => wishes.command(this.#goCommand));
    this.#seedField.addEventListener("change", () => {
      if (this.enterSeed(this.#seedField.value.trim())) wishes.track(this.#seed);
    });
    const form = element("controls");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("keydown", ({ key, target }) => {
      // Enter takes the text of a field and gives the keys back to driving.
      if (key === "Enter" && target instanceof HTMLInputElement) target.blur();
    });
    for (const name of ["rules", "opponent"])
      element(name).addEventListener("change", () => wishes.changed());
    for (const button of document.querySelectorAll<HTMLButtonElement>("#controls button"))
      button.disabled = false;
  }

  /**
   * Takes the seed of a track as a person writes it. Text that is not a seed is explained beside the field.
   * @returns false if it is not a seed
   */
  enterSeed(text: string): boolean {
    if (/^\d{1,18}$/.test(text)) {
      this.showTrack(BigInt(text));
      return true;
    }
    const got = text === "" ? "nothing" : `"${text.slice(0, 40)}"`;
    this.#seedProblem.textContent = `Track: expected a whole number of up to 18 digits, got ${got}.`;
    this.#seedField.ariaInvalid = "true";
    this.#seedField.value = text;
    return false;
  }

  /** Labels the main button and sets its command. */
  showGo(label: string, command: Command): void {
    this.#go.textContent = label;
    this.#goCommand = command;
  }

  /** Shows the seed of the present track. */
  showTrack(seed: number | bigint): void {
    this.#seed = BigInt(seed);
    this.#seedField.value = String(seed);
    this.#seedField.ariaInvalid = "false";
    this.#seedProblem.textContent = "";
  }
}
