/**
 * The keyboard: which driving keys are held, and which commands were asked for. Keys count only while the page has
 * the focus, and never while someone types into a field or holds a modifier for the browser.
 */
import { drivingKeys } from "../../../../policies/human.ts";

export type Command = "start" | "pause" | "restart" | "next" | "step";

const COMMANDS: Readonly<Record<string, Command>> = {
  Enter: "start",
  KeyP: "pause",
  Escape: "pause",
  KeyR: "restart",
  KeyN: "next",
  Period: "step",
};
const DRIVING: ReadonlySet<string> = new Set(Object.values(drivingKeys).flat());

/**
 * @param held codes of the driving keys that are down; shared with the touch pads
 * @param command called once for each press of a command key
 */
export function listenToKeyboard(held: Set<string>, command: (name: Command) => void): void {
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (DRIVING.has(event.code)) {
      event.preventDefault(); // arrow keys would scroll the page
      held.add(event.code);
      return;
    }
    const name = COMMANDS[event.code];
    if (!name || event.repeat || (name === "start" && isPressable(event.target))) return;
    event.preventDefault();
    command(name);
  });
  window.addEventListener("keyup", (event) => held.delete(event.code));
  // A key that comes up while another window has the focus is never reported.
  window.addEventListener("blur", () => held.clear());
  // A list or slider that was used with the mouse gives the keys back to driving.
  document.addEventListener("change", ({ target }) => {
    const used = target instanceof HTMLElement && target.matches("select, [type=range]");
    if (used && !target.matches(":focus-visible")) target.blur();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea");
}

/** Enter on a button or link means that button or link; but one who has just come by a link wants to start. */
function isPressable(target: EventTarget | null): boolean {
  const pressable = "button, a:not([aria-current=page]), [role=application]";
  return target instanceof HTMLElement && target.closest(pressable) !== null;
}
