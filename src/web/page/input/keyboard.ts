/**
 * The keyboard: which driving keys are held, and which commands were given. Keys count only while the page has the
 * focus, and never while someone types into a field or holds a modifier for the browser.
 */
import { drivingKeys } from "../../../../policies/human.ts";

/** A command that a key, a button of the page or of a gamepad gives to the screen. */
export type Command = "start" | "pause" | "restart" | "next" | "step";

/** Commands by `KeyboardEvent.code`. "go" is the command of the page's main button. */
const COMMANDS: Readonly<Record<string, Command | "go">> = {
  Enter: "start",
  Space: "go",
  KeyP: "pause",
  Escape: "pause",
  KeyR: "restart",
  KeyN: "next",
  Period: "step",
};

/** Keys of the number block, whatever Num Lock says. */
const NUMPAD: Readonly<Record<string, string>> = {
  NumpadEnter: "Enter",
  Numpad4: "ArrowLeft",
  Numpad6: "ArrowRight",
  Numpad8: "ArrowUp",
  Numpad2: "ArrowDown",
  Numpad5: "ArrowDown",
};

/** Codes by `KeyboardEvent.key` in lower case, for keyboards that report no code (remote desktops, some tablets). */
const BY_KEY: Readonly<Record<string, string>> = {
  arrowleft: "ArrowLeft",
  arrowright: "ArrowRight",
  arrowup: "ArrowUp",
  arrowdown: "ArrowDown",
  a: "KeyA",
  d: "KeyD",
  w: "KeyW",
  s: "KeyS",
  enter: "Enter",
  " ": "Space",
  p: "KeyP",
  escape: "Escape",
  r: "KeyR",
  n: "KeyN",
  ".": "Period",
};

const DRIVING: ReadonlySet<string> = new Set(Object.values(drivingKeys).flat());

/**
 * Driving keys that are down, as `KeyboardEvent.code`s. A key that went down and up between two steps counts for the
 * next step, so that no tap is lost.
 */
export class HeldKeys {
  readonly #down = new Set<string>();
  readonly #tapped = new Set<string>();
  readonly #read = new Set<string>();

  /** A key goes down. */
  press(code: string): void {
    this.#down.add(code);
    this.#tapped.add(code);
  }

  /** A key comes up. */
  release(code: string): void {
    this.#down.delete(code);
  }

  /** No key is held any more, as when the page loses the focus. */
  releaseAll(): void {
    this.#down.clear();
    this.#tapped.clear();
  }

  /** Drops taps that no step has read, such as those of a countdown. */
  forgetTaps(): void {
    this.#tapped.clear();
  }

  /** Keys that count for a step. Call once per step; the set is valid until the next call. */
  read(): ReadonlySet<string> {
    this.#read.clear();
    for (const code of this.#down) this.#read.add(code);
    for (const code of this.#tapped) this.#read.add(code);
    this.#tapped.clear();
    return this.#read;
  }
}

/** Calls from the keyboard to the page. */
export interface KeyboardEvents {
  /** Called once for each press of a command key. */
  command(name: Command | "go"): void;
  /** True while an episode moves. The keys then belong to it, even if a list has the focus. */
  isPlaying(): boolean;
}

/**
 * Listens to the keyboard.
 * @param keys written to as driving keys go down and up
 */
export function listenToKeyboard(keys: HeldKeys, { command, isPlaying }: KeyboardEvents): void {
  const lists = new ListFocus(isPlaying);
  window.addEventListener("keydown", (event) => {
    lists.note(event);
    // macOS reports no keyup for keys that come up while Cmd is held.
    if (event.key === "Meta") keys.releaseAll();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const code = codeOf(event);
    if (event.target instanceof HTMLSelectElement && !lists.yields(event.target, code)) return;
    if (DRIVING.has(code)) {
      event.preventDefault(); // arrow keys would scroll the page or change a list
      keys.press(code);
      return;
    }
    const name = COMMANDS[code];
    if (!name || ((name === "start" || name === "go") && isPressable(event.target))) return;
    event.preventDefault(); // Space would scroll the page
    if (!event.repeat) command(name);
  });
  window.addEventListener("keyup", (event) => {
    keys.release(codeOf(event));
    if (event.key === "Meta") keys.releaseAll();
  });
  // A key that comes up while another window has the focus is never reported.
  window.addEventListener("blur", () => keys.releaseAll());
  document.addEventListener("click", giveBackFocus);
  document.addEventListener("change", giveBackFocus);
}

/** Code of a key: numpad keys as their twins, a key without a code by its meaning, "" for an event without either. */
function codeOf({ code, key }: KeyboardEvent): string {
  return NUMPAD[code] ?? (code || BY_KEY[(key ?? "").toLowerCase()] || "");
}

/**
 * Decides whether keys mean a list (`select`) that has the focus or the episode. A list that was reached with the Tab
 * key keeps them. One that was opened gives them up when it closes, and every list does while an episode moves: else
 * the brake key would choose other rules and end the episode.
 */
class ListFocus {
  readonly #isPlaying: () => boolean;
  #opened: HTMLSelectElement | null = null;

  constructor(isPlaying: () => boolean) {
    this.#isPlaying = isPlaying;
    document.addEventListener("pointerdown", ({ target }) => {
      this.#opened = target instanceof HTMLSelectElement ? target : null;
    });
    document.addEventListener("change", ({ target }) => {
      if (target === this.#opened) this.#opened?.blur();
    });
    document.addEventListener("focusout", () => {
      this.#opened = null;
    });
  }

  /** Notes the keys that open a list. */
  note({ target, code, altKey, key }: KeyboardEvent): void {
    if (!(target instanceof HTMLSelectElement) || this.#isPlaying()) return;
    const opens = code === "Space" || code === "F4" || (altKey && (key ?? "").startsWith("Arrow"));
    if (opens) this.#opened = target;
  }

  /** True if a key on a list means the episode; the list then loses the focus. */
  yields(list: HTMLSelectElement, code: string): boolean {
    const hasClosed = this.#opened === list && code !== "Space";
    const yields = !isOpen(list) && (hasClosed || code === "Enter" || this.#isPlaying());
    if (yields) list.blur();
    return yields;
  }
}

/** True while a list shows its choices. Browsers without `:open` do not report keys of an open list. */
function isOpen(list: HTMLSelectElement): boolean {
  try {
    return list.matches(":open");
  } catch {
    return false;
  }
}

/** A button or slider that was used with the mouse does not keep the keys. */
function giveBackFocus({ target }: Event): void {
  const used = target instanceof HTMLElement && target.matches("#controls button, [type=range]");
  if (used && !target.matches(":focus-visible")) target.blur();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea");
}

/** Enter and Space press a button or link that has the focus; the link of the present screen does not count. */
function isPressable(target: EventTarget | null): boolean {
  const pressable = "button, summary, a:not([aria-current=page]), [role=application]";
  return target instanceof HTMLElement && target.closest(pressable) !== null;
}
