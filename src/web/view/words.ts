/** What the page says over the view: what to press, the countdown, how the episode ended. */
import type { Drive } from "../drive/drive.ts";
import { seconds } from "./readings.ts";

/** An empty headline leaves the view free. */
export type Words = readonly [headline: string, detail: string];

const NONE: Words = ["", ""];
const touch = matchMedia("(pointer: coarse)");

export function driveWords(drive: Drive): Words {
  const press = touch.matches ? "Tap" : "Press Enter";
  switch (drive.phase) {
    case "ready":
      return [`Track ${drive.seed}`, `${press} to start`];
    case "countdown":
      return [String(Math.max(1, Math.ceil(drive.countdown / 1000))), ""];
    case "driving":
      return NONE;
    case "paused":
      return ["Paused", `${press} to drive on`];
    case "finished":
      return [endingWords(drive), `Reward ${drive.reward.toFixed(1)}. ${press} to drive this track again`];
  }
}

/** @param exact tells whether the replay gave what was recorded; asked once it has ended */
export function replayWords(replay: Drive, exact: () => boolean): Words {
  switch (replay.phase) {
    case "paused":
      return ["Replay paused", "Enter: go on, N: back to driving"];
    case "finished": {
      const verdict = exact()
        ? "It replayed exactly as recorded"
        : "It did not replay as recorded: another version?";
      return [`Replay: ${endingWords(replay)}`, `${verdict}. Enter: again, N: back to driving`];
    }
    default:
      return NONE;
  }
}

function endingWords(drive: Drive): string {
  switch (drive.ending) {
    case "lap":
      return `Lap finished in ${seconds(drive)}`;
    case "time":
      return `Time is up after ${seconds(drive)}`;
    case "off field":
      return "Off the field";
    default:
      return `The drive stopped after ${seconds(drive)}`;
  }
}
