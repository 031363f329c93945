/**
 * Names of recordings as page and server agree on them: one plain word, so that a name can never be a path. The
 * file in the folder is the name with `.episode.json` behind it.
 */
import type { Seed } from "../../../../env/api.ts";

/** What to say of a name that is none. */
export const NAME_RULE =
  "a recording's name is up to 120 letters, digits, _, - and ., and begins with none of - .";

export function isRecordingName(name: string): boolean {
  return /^\w[\w.-]{0,119}$/.test(name);
}

/** A name that sorts by time: `20261122-221436-051-seed-7` (UTC). */
export function recordingName(seed: Seed, when: Date): string {
  const digits = when.toISOString().replace(/\D/g, "");
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${digits.slice(14, 17)}-seed-${seed}`;
}
