/** The row of buttons and fields under the view. */
import type { Phase } from "../drive/drive.ts";
import { element } from "../view/element.ts";
import type { Command } from "./keyboard.ts";

export interface Wishes {
  command(name: Command): void;
  /** Another track, by its seed. */
  track(seed: bigint): void;
  /** Another time limit, in steps. */
  limit(steps: number): void;
}

/** What the first button does in each phase. */
const GO: Record<Phase, readonly [label: string, command: Command]> = {
  ready: ["Start", "start"],
  countdown: ["Pause", "pause"],
  driving: ["Pause", "pause"],
  paused: ["Go on", "start"],
  finished: ["Again", "start"],
};

export class Controls {
  private readonly go = element<HTMLButtonElement>("go");
  private readonly seed = element<HTMLInputElement>("seed");
  private readonly limitSelect = element<HTMLSelectElement>("limit");
  private phase: Phase = "ready";

  /** The time limit chosen, in steps; a browser keeps the choice when the page is loaded anew. */
  get limit(): number {
    return Number(this.limitSelect.value);
  }

  /** From now on the controls work. */
  enable(wishes: Wishes): void {
    this.go.addEventListener("click", () => wishes.command(GO[this.phase][1]));
    element("restart").addEventListener("click", () => wishes.command("restart"));
    element("next").addEventListener("click", () => wishes.command("next"));
    element("view").addEventListener("click", () => wishes.command("start"));
    const track = () => this.seed.checkValidity() && wishes.track(BigInt(this.seed.value));
    this.seed.addEventListener("change", track);
    element("controls").addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in the field of the track
      this.seed.blur(); // and the keys are free for driving
    });
    this.limitSelect.addEventListener("change", () => wishes.limit(this.limit));
    for (const button of document.querySelectorAll<HTMLButtonElement>("#controls button"))
      button.disabled = false;
  }

  showPhase(phase: Phase): void {
    this.phase = phase;
    this.go.textContent = GO[phase][0];
  }

  showTrack(seed: bigint): void {
    this.seed.value = String(seed);
  }
}
