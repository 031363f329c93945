/** Text over the view in each phase of a person's episode, and the label and command of the main button. */
import type { Command } from "../input/keyboard.ts";
import type { Drive, Phase } from "../run/drive.ts";
import type { Timeline } from "../run/timeline.ts";
import { formatSeconds } from "../stage/readings.ts";
import { NO_WORDS, type Words } from "../stage/show.ts";

const touch = matchMedia("(pointer: coarse)");

/** Label and command of the main button in each phase. */
export const GO: Record<Phase, readonly [label: string, command: Command]> = {
  ready: ["Start", "start"],
  countdown: ["Pause", "pause"],
  driving: ["Pause", "pause"],
  paused: ["Resume", "start"],
  finished: ["Drive again", "start"],
};

/** Text over the view. */
export function phaseWords({ phase, run, countdown }: Drive): Words {
  const press = pressWord();
  switch (phase) {
    case "ready":
      return [`Track ${run.seed}`, `${press} to start`];
    case "countdown":
      return [String(Math.max(1, Math.ceil(countdown / 1000))), ""];
    case "driving":
      return NO_WORDS;
    case "paused":
      return ["Paused", `${press} to resume`];
    case "finished":
      return [endingWords(run), `Reward ${run.reward.toFixed(1)}. ${press} to drive this track again`];
  }
}

/** Words for the way to start here: "Tap" on a touch screen, else "Press Enter". */
export function pressWord(): string {
  return touch.matches ? "Tap" : "Press Enter";
}

/** Words for the end of an episode, such as "Lap finished in 18.26 s". */
export function endingWords(run: Timeline): string {
  switch (run.ending) {
    case "lap":
      return `Lap finished in ${formatSeconds(run.seconds)}`;
    case "time":
      return `Time limit reached after ${formatSeconds(run.seconds)}`;
    case "out of bounds":
      return "Out of bounds";
    default:
      return `Stopped after ${formatSeconds(run.seconds)}`;
  }
}
