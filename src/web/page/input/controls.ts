/** The row of buttons and fields under the view that Drive, Race and Watch share. What they mean is the screen's. */
import { element } from "../app/element.ts";
import type { RulesName } from "../run/worlds.ts";
import type { Command } from "./keyboard.ts";

export interface Wishes {
  command(name: Command): void;
  /** Another track, by its seed. */
  track(seed: bigint): void;
  /** Other rules or another opponent. */
  changed(): void;
}

export class Controls {
  private readonly go = element<HTMLButtonElement>("go");
  private readonly seedField = element<HTMLInputElement>("seed");
  private readonly rulesField = element<HTMLSelectElement>("rules");
  private goCommand: Command = "start";

  /** A browser keeps the choice when the page is loaded anew. */
  get rules(): RulesName {
    return this.rulesField.value as RulesName;
  }

  /** The track in the field, or the last that was one. */
  get seed(): bigint {
    return this.seedField.checkValidity() ? BigInt(this.seedField.value) : 0n;
  }

  /** From now on the controls work. */
  enable(wishes: Wishes): void {
    this.go.addEventListener("click", () => wishes.command(this.goCommand));
    for (const name of ["restart", "next", "step"] as const)
      element(name).addEventListener("click", () => wishes.command(name));
    element("view").addEventListener("click", () => wishes.command(this.goCommand));
    this.seedField.addEventListener("change", () => {
      if (this.seedField.checkValidity()) wishes.track(this.seed);
    });
    element("controls").addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in the field of the track
      this.seedField.blur(); // and the keys are free for driving
    });
    for (const name of ["rules", "opponent"])
      element(name).addEventListener("change", () => wishes.changed());
    for (const button of document.querySelectorAll<HTMLButtonElement>("#controls button"))
      button.disabled = false;
  }

  /** What the first button is called and does. */
  showGo(label: string, command: Command): void {
    this.go.textContent = label;
    this.goCommand = command;
  }

  showTrack(seed: number | bigint): void {
    this.seedField.value = String(seed);
  }
}
