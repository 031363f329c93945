/**
 * The person's hands: what keyboard, touch pads and gamepads do together.
 *
 * Keys know only on and off. Full lock and full gas, which Gymnasium's keyboard driver gives, spin the car at once, so
 * keys are gentle by default. The recording holds the action that was driven, whichever keys were chosen.
 */
import { drivingKeys, keysToAction } from "../../../../policies/human.ts";
import { Gamepads } from "./gamepad.ts";
import { HeldKeys } from "./keyboard.ts";

/** Strength of keys: gentle, or as in Gymnasium's `python -m gymnasium.envs.box2d.car_racing`. */
export type KeyStyle = "gentle" | "scored";

/** Share of steer, gas and brake that a gentle key gives. */
const GENTLE = [0.25, 0.5, 0.5] as const;

/** Way that a finger slides on a pad from nothing to full, CSS pixels. */
const SLIDE = 80;

const CONTROLS = ["left", "right", "gas", "brake"] as const;
/** A control with a touch pad. */
export type TouchControl = (typeof CONTROLS)[number];

/** Direction (x, y) in which a finger slides for more. */
const MORE: Readonly<Record<TouchControl, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  gas: [0, -1],
  brake: [0, -1],
};

/** Turns what a person holds into actions. */
export class Hands {
  /** Strength of keys. Default: gentle. */
  style: KeyStyle = "gentle";
  /** Driving keys; the keyboard writes to it. */
  readonly keys = new HeldKeys();
  /** Gamepads; polled for commands by main.ts. */
  readonly gamepads = new Gamepads();
  /** Amount of each pad under a finger, from 0 to 1. */
  readonly #touch = new Map<TouchControl, number>();
  /** Pads that were touched and left between two steps. */
  readonly #tapped = new Map<TouchControl, number>();
  readonly #own = new Float32Array(3);
  #steers = false;
  #pedals = false;

  /** Writes what the person does: steer, gas, brake. Gamepads at rest leave it to keys and pads. */
  drive(action: Float32Array<ArrayBuffer>): void {
    this.#read();
    if (!this.gamepads.drive(action)) action.set(this.#own);
  }

  /**
   * Writes over another driver's action what the person holds: the steering while a steering key or pad is held, gas
   * and brake while a pedal is, and all three while a gamepad is used.
   * @returns true if anything is held
   */
  correct(action: Float32Array<ArrayBuffer>): boolean {
    this.#read();
    if (this.gamepads.drive(action)) return true;
    if (this.#steers) action[0] = this.#own[0];
    if (this.#pedals) action.set(this.#own.subarray(1), 1);
    return this.#steers || this.#pedals;
  }

  /** Drops taps from before the episode moves. */
  forgetTaps(): void {
    this.keys.forgetTaps();
    this.#tapped.clear();
  }

  /** Listens to the pads: elements whose `data-control` names a control. Several fingers may hold several pads. */
  listenToPads(pads: Iterable<HTMLElement>): void {
    for (const pad of pads) this.#listenToPad(pad, pad.dataset.control as TouchControl);
    // Whatever hides the page lifts the fingers.
    window.addEventListener("blur", () => this.#touch.clear());
  }

  /** A touch gives what a key gives; sliding outwards, or up on a pedal, gives more, and back gives less. */
  #listenToPad(pad: HTMLElement, control: TouchControl): void {
    const [moreX, moreY] = MORE[control];
    let start: [x: number, y: number] | null = null;
    const hold = (amount: number) => {
      this.#touch.set(control, amount);
      this.#tapped.set(control, amount);
    };
    pad.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      pad.setPointerCapture(event.pointerId); // the finger may slide off before it lifts
      start = [event.clientX, event.clientY];
      hold(this.#press(control));
    });
    pad.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (!start) return;
      const slid = moreX * (clientX - start[0]) + moreY * (clientY - start[1]);
      hold(Math.max(0, Math.min(1, this.#press(control) + slid / SLIDE)));
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const)
      pad.addEventListener(end, () => {
        start = null;
        this.#touch.delete(control);
      });
    pad.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press opens no menu
  }

  /** Amount of a control at the touch of its pad. */
  #press(control: TouchControl): number {
    if (this.style === "scored") return 1;
    return GENTLE[control === "gas" ? 1 : control === "brake" ? 2 : 0];
  }

  /** Takes in the keys and pads that count for this step. */
  #read(): void {
    const held = this.keys.read();
    const own = this.#own;
    keysToAction(held, own);
    if (this.style === "gentle") for (let k = 0; k < 3; k++) own[k] *= GENTLE[k];
    const has = (control: TouchControl) => drivingKeys[control].some((code) => held.has(code));
    const amount = (control: TouchControl) => this.#touch.get(control) ?? this.#tapped.get(control);
    const [left, right, gas, brake] = CONTROLS.map(amount);
    if (left !== undefined || right !== undefined) own[0] = (right ?? 0) - (left ?? 0);
    if (gas !== undefined) own[1] = gas;
    if (brake !== undefined) own[2] = brake;
    this.#steers = has("left") || has("right") || left !== undefined || right !== undefined;
    this.#pedals = has("gas") || has("brake") || gas !== undefined || brake !== undefined;
    this.#tapped.clear();
  }
}
