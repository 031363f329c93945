/** What a person's drive says over the view in each phase, and what the first button does then. */
import type { Command } from "../input/keyboard.ts";
import type { Drive, Phase } from "../run/drive.ts";
import type { Timeline } from "../run/timeline.ts";
import { formatSeconds } from "../stage/readings.ts";
import { NO_WORDS, type Words } from "../stage/show.ts";

const touch = matchMedia("(pointer: coarse)");

export const GO: Record<Phase, readonly [label: string, command: Command]> = {
  ready: ["Start", "start"],
  countdown: ["Pause", "pause"],
  driving: ["Pause", "pause"],
  paused: ["Go on", "start"],
  finished: ["Again", "start"],
};

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
      return ["Paused", `${press} to drive on`];
    case "finished":
      return [endingWords(run), `Reward ${run.reward.toFixed(1)}. ${press} to drive this track again`];
  }
}

export function pressWord(): string {
  return touch.matches ? "Tap" : "Press Enter";
}

export function endingWords(run: Timeline): string {
  switch (run.ending) {
    case "lap":
      return `Lap finished in ${formatSeconds(run.seconds)}`;
    case "time":
      return `Time is up after ${formatSeconds(run.seconds)}`;
    case "off field":
      return "Off the field";
    default:
      return `The drive stopped after ${formatSeconds(run.seconds)}`;
  }
}
