/**
 * Gamepads. With the standard mapping (https://w3c.github.io/gamepad/#remapping) the left stick steers, the triggers are
 * gas and brake by degrees, A and B are full gas and brake, Start pauses and Select restarts. Pads without it steer with
 * their first axis and use the places that most drivers on Linux give triggers and buttons.
 */
import type { Command } from "./keyboard.ts";

/** Places of the controls on a pad. */
interface Mapping {
  /** Axis of the left stick. */
  steer: number;
  /** Buttons that give gas and brake by their value. */
  gas: readonly number[];
  brake: readonly number[];
  /** Axes of triggers that run from -1 to 1. */
  gasAxis: number | null;
  brakeAxis: number | null;
  commands: readonly (readonly [button: number, command: Command])[];
}

const STANDARD: Mapping = {
  steer: 0,
  gas: [7, 0],
  brake: [6, 1],
  gasAxis: null,
  brakeAxis: null,
  commands: [
    [9, "pause"],
    [8, "restart"],
  ],
};
const OTHER: Mapping = {
  steer: 0,
  gas: [0],
  brake: [1],
  gasAxis: 5,
  brakeAxis: 2,
  commands: [
    [7, "pause"],
    [6, "restart"],
  ],
};

/** Share of a stick's way that worn sticks report at rest. */
const DEAD_ZONE = 0.1;

/** All connected gamepads. The one that is used drives, whatever its index. */
export class Gamepads {
  readonly #down = new Set<string>();
  /** Axes of each pad when it was first seen, by its index: triggers report 0 until they are first moved. */
  readonly #rest = new Map<number, readonly number[]>();
  readonly #moved = new Set<string>();
  readonly #read = new Float32Array(3);

  /**
   * Writes steer, gas and brake of the first pad that is not at rest.
   * @returns false if there is none; `action` is then left as it was
   */
  drive(action: Float32Array): boolean {
    for (const pad of connected()) {
      this.#readPad(pad);
      if (this.#read.every((value) => value === 0)) continue;
      action.set(this.#read);
      return true;
    }
    return false;
  }

  /** Reports each press of a command button once. Call once per frame of the display. */
  poll(command: (name: Command) => void): void {
    for (const pad of connected())
      for (const [button, name] of mappingOf(pad).commands) {
        const key = `${pad.index} ${button}`;
        const pressed = pad.buttons[button]?.pressed ?? false;
        if (pressed && !this.#down.has(key)) command(name);
        if (pressed) this.#down.add(key);
        else this.#down.delete(key);
      }
  }

  #readPad(pad: Gamepad): void {
    const { steer, gas, brake, gasAxis, brakeAxis } = mappingOf(pad);
    if (!this.#rest.has(pad.index)) this.#rest.set(pad.index, [...pad.axes]);
    const stick = pad.axes[steer] ?? 0;
    const value = (buttons: readonly number[]) =>
      Math.max(0, ...buttons.map((i) => pad.buttons[i]?.value ?? 0));
    this.#read[0] = (Math.sign(stick) * Math.max(0, Math.abs(stick) - DEAD_ZONE)) / (1 - DEAD_ZONE);
    this.#read[1] = Math.max(value(gas), this.#trigger(pad, gasAxis));
    this.#read[2] = Math.max(value(brake), this.#trigger(pad, brakeAxis));
  }

  /** Value of a trigger that is an axis, from 0 to 1. */
  #trigger(pad: Gamepad, axis: number | null): number {
    if (axis === null || pad.axes[axis] === undefined) return 0;
    const key = `${pad.index} ${axis}`;
    if (Math.abs(pad.axes[axis] - this.#rest.get(pad.index)![axis]) > DEAD_ZONE) this.#moved.add(key);
    const value = (pad.axes[axis] + 1) / 2;
    return this.#moved.has(key) && value > DEAD_ZONE ? value : 0;
  }
}

function mappingOf(pad: Gamepad): Mapping {
  return pad.mapping === "standard" ? STANDARD : OTHER;
}

/** Connected gamepads; none where the page's permissions policy forbids them, which makes the browser throw. */
function connected(): Gamepad[] {
  try {
    return navigator.getGamepads().filter((pad) => pad?.connected) as Gamepad[];
  } catch {
    return [];
  }
}
