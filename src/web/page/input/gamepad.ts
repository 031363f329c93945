/**
 * A gamepad of the standard mapping (https://w3c.github.io/gamepad/#remapping): left stick steers, right trigger is
 * gas, left trigger brakes, both analogue; Start pauses, Select restarts.
 */
import type { Command } from "./keyboard.ts";

const STICK_X = 0;
const LEFT_TRIGGER = 6;
const RIGHT_TRIGGER = 7;
const COMMANDS: readonly (readonly [button: number, command: Command])[] = [
  [9, "pause"],
  [8, "restart"],
];
/** Share of the stick's way that worn sticks report at rest. */
const DEAD_ZONE = 0.1;

/** Writes what the first gamepad says to `action` (steer, gas, brake); false when there is none or it is at rest. */
export function gamepadToAction(action: Float32Array): boolean {
  const pad = firstGamepad();
  if (!pad) return false;
  const stick = pad.axes[STICK_X] ?? 0;
  const steer = (Math.sign(stick) * Math.max(0, Math.abs(stick) - DEAD_ZONE)) / (1 - DEAD_ZONE);
  const gas = pad.buttons[RIGHT_TRIGGER]?.value ?? 0;
  const brake = pad.buttons[LEFT_TRIGGER]?.value ?? 0;
  if (steer === 0 && gas === 0 && brake === 0) return false;
  action[0] = steer;
  action[1] = gas;
  action[2] = brake;
  return true;
}

/** Call once a frame: reports each press of a command button once. */
export class GamepadCommands {
  private readonly down = new Set<number>();

  poll(command: (name: Command) => void): void {
    const pad = firstGamepad();
    for (const [button, name] of COMMANDS) {
      const pressed = pad?.buttons[button]?.pressed ?? false;
      if (pressed && !this.down.has(button)) command(name);
      if (pressed) this.down.add(button);
      else this.down.delete(button);
    }
  }
}

function firstGamepad(): Gamepad | null {
  return navigator.getGamepads().find((pad) => pad?.connected && pad.mapping === "standard") ?? null;
}
