/** Filtering and sorting the list of recordings. */
import type { RecordingSummary } from "../../shared/recordings.ts";
import type { Kept } from "../storage/keeper.ts";
import { title } from "./describe.ts";

/** Value of the list's order. */
export type Order = "newest" | "oldest" | "reward" | "time" | "track" | "driver";

/** A recording that could be read, and its place. */
type Readable = Kept & RecordingSummary;

/** Compares two readable recordings; equal ones stay latest first. */
const COMPARE: Readonly<Record<Order, (a: Readable, b: Readable) => number>> = {
  newest: () => 0,
  oldest: (a, b) => (a.name < b.name ? -1 : 1),
  reward: (a, b) => b.reward - a.reward,
  time: (a, b) => b.steps - a.steps,
  track: (a, b) => Number(BigInt(a.seed) - BigInt(b.seed)),
  driver: (a, b) => a.driver.localeCompare(b.driver),
};

/** True if a recording could be read. */
export function isReadable(recording: Kept): recording is Readable {
  return !("error" in recording);
}

/**
 * The recordings whose date, name, track, driver or result contains every word of `filter`, in order. Broken ones come
 * last.
 * @param recordings latest first
 * @param filter words, in any case; empty keeps all
 */
export function arrange(recordings: readonly Kept[], filter: string, order: Order): Kept[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = recordings.filter((recording) => {
    const facts = isReadable(recording)
      ? [`track ${recording.seed}`, recording.driver, recording.result]
      : ["broken", recording.error];
    const text = [recording.name, title(recording.name), ...facts].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const readable = kept.filter(isReadable).sort(COMPARE[order]);
  return [...readable, ...kept.filter((recording) => !isReadable(recording))];
}
