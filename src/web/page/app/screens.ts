/** The screens of the page and how one goes from one to the other: by links, so that each has an address (`#race`). */
import type { Command } from "../input/keyboard.ts";
import type { Show, Words } from "../stage/show.ts";

export const SCREENS = ["drive", "race", "watch", "recordings"] as const;
export type ScreenName = (typeof SCREENS)[number];

export interface Screen {
  /** It is shown from now on. */
  enter(): void;
  /** It is shown no more. */
  leave(): void;
  /** The page is out of sight: whatever runs must stop. */
  rest(): void;
  command(name: Command): void;
  /** Another track was asked for. */
  track(seed: bigint): void;
  /** Other rules or another opponent were chosen. */
  changed(): void | Promise<void>;
  /** Called at each frame of the display while shown. @param now milliseconds */
  frame(now: number): void;
  /** What has the stage, or null when this screen has none, or not yet. */
  readonly show: Show | null;
  words(): Words;
}

/** Calls `change` with the screen of the address, now and whenever it changes, after showing its elements. */
export function listenToAddress(change: (name: ScreenName) => void): void {
  const go = () => {
    const name = SCREENS.find((name) => location.hash === `#${name}`) ?? "drive";
    document.body.dataset.screen = name;
    for (const part of document.querySelectorAll<HTMLElement>("[data-on]"))
      part.hidden = !part.dataset.on!.split(" ").includes(name);
    for (const link of document.querySelectorAll("nav a"))
      link.ariaCurrent = link.getAttribute("href") === `#${name}` ? "page" : null;
    document.title = `tritrack: ${name}`;
    change(name);
  };
  window.addEventListener("hashchange", go);
  go();
}

export function goTo(name: ScreenName): void {
  location.hash = name;
}
