/** Recordings in a few words. */
import { EPISODE_SUFFIX } from "../../../../recordings/episode.ts";
import type { Listed } from "../storage/store.ts";

/** Date and time out of a name that this page gave, or the name as it is. */
export function title(name: string): string {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-\d{3}-seed-\d+$/.exec(name);
  return parts ? `${parts.slice(1, 4).join("-")} ${parts.slice(4, 7).join(":")}` : name;
}

/** One line for a list of choices. */
export function describeRecording(recording: Listed): string {
  if ("error" in recording) return title(recording.name);
  const { name, seed, driver, reward } = recording;
  return `${title(name)}, track ${seed}, ${driver}, ${reward.toFixed(0)}`;
}

/** A file's name without its suffix, or null when it is no recording's. */
export function recordingNameOf(fileName: string): string | null {
  const base = fileName.split("/").at(-1)!;
  return base.endsWith(EPISODE_SUFFIX) ? base.slice(0, -EPISODE_SUFFIX.length) : null;
}
