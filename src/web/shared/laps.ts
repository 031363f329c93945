/**
 * Finished laps as the page and its server keep them: plain data that becomes JSON. The caps here bound what a browser's
 * storage and the file `laps.json` can grow to.
 */

/** A finished lap. */
export interface Lap {
  /** Seed of the track, in decimal digits. */
  seed: string;
  /** Name of the driver, 1 to 260 characters. */
  driver: string;
  /** Length of the episode; 50 steps are a second. */
  steps: number;
  /** Driving reward. */
  reward: number;
  /** True if the lap was driven by Gymnasium's rules, so that the reward counts as a score. */
  scored: boolean;
  /** Date of the lap, such as 2026-11-23. */
  when: string;
}

/** Laps kept per track and rules. */
const MAX_LAPS_PER_TRACK = 20;
/** Laps kept in all. 2000 laps are at most 800 kB of JSON. */
const MAX_LAPS = 2000;
/** Longest driver's name, characters: networks and recordings have names up to this length. */
const MAX_NAME_LENGTH = 260;

/**
 * The laps of one track under one set of rules, highest reward first. Equal rewards are ordered by time, then by age.
 * @param scored true for laps by Gymnasium's rules, false for free laps
 */
export function ranking(laps: readonly Lap[], seed: string, scored: boolean): Lap[] {
  return laps
    .filter((lap) => lap.seed === seed && lap.scored === scored)
    .sort((a, b) => b.reward - a.reward || a.steps - b.steps);
}

/** Adds a lap. A driver that always drives the same lap (a network, a ghost) is kept once. */
export function withLap(laps: readonly Lap[], lap: Lap): Lap[] {
  if (laps.some((other) => isSameLap(other, lap))) return [...laps];
  const all = [...laps, lap];
  const dropped = new Set(ranking(all, lap.seed, lap.scored).slice(MAX_LAPS_PER_TRACK));
  return all.filter((other) => !dropped.has(other)).slice(-MAX_LAPS);
}

/** Adds laps, some of which may be known already. */
export function withLaps(laps: readonly Lap[], more: readonly Lap[]): Lap[] {
  return more.reduce(withLap, [...laps]);
}

/** True if the same driver drove the same lap, on whatever day. */
export function isSameLap(a: Lap, b: Lap): boolean {
  return (["seed", "driver", "steps", "reward", "scored"] as const).every((key) => a[key] === b[key]);
}

/**
 * Reads laps that were kept as JSON. Text that is not JSON gives none; entries that are not valid laps are dropped.
 * @param text null where nothing was kept
 */
export function parseLaps(text: string | null): Lap[] {
  try {
    return lapsOf(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}

/** The valid laps of a list from elsewhere, at most 2000. Other entries are dropped. */
export function lapsOf(value: unknown): Lap[] {
  return Array.isArray(value) ? value.slice(-MAX_LAPS).filter(isLap).map(lapOnly) : [];
}

/** A copy without fields that a lap does not have, so that a file cannot be filled with them. */
function lapOnly({ seed, driver, steps, reward, scored, when }: Lap): Lap {
  return { seed, driver, steps, reward, scored, when };
}

function isLap(value: unknown): value is Lap {
  const lap = value as Lap | null;
  return (
    typeof lap === "object" &&
    isText(lap?.seed, /^\d{1,18}$/) &&
    isText(lap?.when, /^\d{4}-\d\d-\d\d$/) &&
    isText(lap?.driver, /^./) &&
    lap.driver.length <= MAX_NAME_LENGTH &&
    Number.isInteger(lap?.steps) &&
    Number.isFinite(lap?.reward) &&
    typeof lap?.scored === "boolean"
  );
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}
