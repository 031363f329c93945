/** The screens of the page. Links lead from one to another, so each screen has an address (`#race`). */
import type { Command } from "../input/keyboard.ts";
import type { Show, Words } from "../stage/show.ts";

/** Names of all screens; the first is the default. */
export const SCREENS = ["drive", "race", "watch", "recordings"] as const;
/** Name of a screen. */
export type ScreenName = (typeof SCREENS)[number];

/** A screen as main.ts sees it. */
export interface Screen {
  /** Called when the screen is shown. */
  enter(): void;
  /** Called when another screen takes its place. */
  leave(): void;
  /** Called when the page loses the focus or is hidden: an episode pauses. */
  rest(): void;
  /** Handles a command of keyboard, gamepad or button. */
  command(name: Command): void;
  /** Called when the user enters the seed of another track. */
  track(seed: bigint): void;
  /** Called when the user chooses other rules or another opponent. */
  changed(): void | Promise<void>;
  /**
   * Called at each frame of the display while the screen is shown.
   * @param now milliseconds, of any origin
   */
  frame(now: number): void;
  /** The episode to draw on the stage, or null. */
  readonly show: Show | null;
  /** Text over the view. */
  words(): Words;
}

/**
 * Shows the elements of the screen in the address, now and whenever the address changes.
 * @param change called with the name of the screen
 */
export function listenToAddress(change: (name: ScreenName) => void): void {
  const go = () => change(showScreen());
  window.addEventListener("hashchange", go);
  go();
}

/** Shows the elements of the screen in the address, and returns its name. */
export function showScreen(): ScreenName {
  const name = SCREENS.find((name) => location.hash === `#${name}`) ?? "drive";
  document.body.dataset.screen = name;
  for (const part of document.querySelectorAll<HTMLElement>("[data-on]"))
    part.hidden = !part.dataset.on!.split(" ").includes(name);
  for (const link of document.querySelectorAll("nav a"))
    link.ariaCurrent = link.getAttribute("href") === `#${name}` ? "page" : null;
  document.title = `${name[0].toUpperCase()}${name.slice(1)} · tritrack`;
  return name;
}

/** Goes to a screen. */
export function goTo(name: ScreenName): void {
  location.hash = name;
}
