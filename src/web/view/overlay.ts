/** The words over the view: what to press, the countdown, how the episode ended. */
import type { Drive } from "../drive/drive.ts";
import type { DriveWorld } from "../drive/world.ts";
import { element } from "./element.ts";
import { seconds } from "./readings.ts";

const overlay = element("overlay");
const headline = element("headline");
const detail = element("detail");
const isTouch = matchMedia("(pointer: coarse)");

export function showOverlay(drive: Drive, world: DriveWorld): void {
  const [title, text] = words(drive, world);
  overlay.classList.toggle("counting", drive.phase === "countdown");
  overlay.classList.toggle("empty", title === "");
  if (headline.textContent !== title) headline.textContent = title;
  if (detail.textContent !== text) detail.textContent = text;
}

function words(drive: Drive, world: DriveWorld): [title: string, text: string] {
  const press = isTouch.matches ? "Tap" : "Press Enter";
  switch (drive.phase) {
    case "ready":
      return [`Track ${drive.seed}`, `${press} to start`];
    case "countdown":
      return [String(Math.max(1, Math.ceil(drive.countdown / 1000))), ""];
    case "driving":
      return ["", ""];
    case "paused":
      return ["Paused", `${press} to drive on`];
    case "finished":
      return [ending(drive, world), `Reward ${drive.reward.toFixed(1)}. ${press} to drive this track again`];
  }
}

function ending(drive: Drive, world: DriveWorld): string {
  const time = seconds(drive.steps, world);
  if (drive.ending === "lap") return `Lap finished in ${time}`;
  return drive.ending === "time" ? `Time is up after ${time}` : "Off the field";
}
