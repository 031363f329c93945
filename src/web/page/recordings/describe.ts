/** Recordings in a few words. */
import { EPISODE_SUFFIX } from "../../../../recordings/episode.ts";
import type { Listed } from "../../shared/recordings.ts";

/** Names that the page gives: date and time in UTC, milliseconds, tag of the tab, seed. */
const OWN_NAME = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-\d{3}(?:-\w{4})?-seed-\d+$/;

/** Local date and time of a recording that the page named, such as `2026-11-23 01:02:03`; any other name as it is. */
export function title(name: string): string {
  const parts = OWN_NAME.exec(name)?.slice(1, 7).map(Number);
  if (!parts) return name;
  const [year, month, day, hours, minutes, seconds] = parts;
  const when = new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const date = [when.getFullYear(), two(when.getMonth() + 1), two(when.getDate())];
  const time = [when.getHours(), when.getMinutes(), when.getSeconds()].map(two);
  return `${date.join("-")} ${time.join(":")}`;
}

/** One line for a list of choices. */
export function describeRecording(recording: Listed): string {
  if ("error" in recording) return title(recording.name);
  const { name, seed, driver, reward } = recording;
  return `${title(name)}, track ${seed}, ${driver}, ${reward.toFixed(0)}`;
}

/** Name of the recording in a file, or null if the file is not a recording by its name. */
export function recordingNameOf(fileName: string): string | null {
  const base = fileName.split("/").at(-1)!;
  return base.endsWith(EPISODE_SUFFIX) ? base.slice(0, -EPISODE_SUFFIX.length) : null;
}
