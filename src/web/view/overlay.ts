/** The words over the view: what to press, the countdown, how the episode ended. */
import type { Drive } from "../drive/drive.ts";
import type { DriveWorld } from "../drive/world.ts";
import { element } from "./element.ts";
import { seconds } from "./readings.ts";

const headline = element("headline");
const detail = element("detail");
const overlay = element("overlay");

export function showOverlay(drive: Drive, world: DriveWorld): void {
  const [title, text] = words(drive, world);
  overlay.classList.toggle("counting", drive.phase === "countdown");
  if (headline.textContent !== title) headline.textContent = title;
  if (detail.textContent !== text) detail.textContent = text;
}

function words(drive: Drive, world: DriveWorld): [title: string, text: string] {
  switch (drive.phase) {
    case "ready":
      return [`Track ${drive.seed}`, "Press Enter to start"];
    case "countdown":
      return [String(Math.max(1, Math.ceil(drive.countdown / 1000))), ""];
    case "driving":
      return ["", ""];
    case "paused":
      return ["Paused", "Press Enter to drive on, R to restart"];
    case "finished": {
      const score = `Reward ${drive.reward.toFixed(1)}. Enter: again, N: next track`;
      if (drive.ending === "lap") return [`Lap finished in ${seconds(drive.steps, world)}`, score];
      if (drive.ending === "time") return [`Time is up after ${seconds(drive.steps, world)}`, score];
      return ["Off the field", score];
    }
  }
}
