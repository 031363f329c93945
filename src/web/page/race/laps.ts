/** Finished laps on this machine, those of the highest reward first. Plain data: kept as JSON. */

export interface Lap {
  /** The track. */
  seed: string;
  driver: string;
  steps: number;
  /** Driving reward. */
  reward: number;
  /** Whether it was driven by Gymnasium's rules for scores. */
  scored: boolean;
  /** Date, such as 2026-11-23. */
  when: string;
}

/** Laps kept of one track, and of all: far more than anyone looks at, and less than storage allows. */
const MOST_A_TRACK = 20;
const MOST = 2000;
/** Letters of a driver's name: a network's or a recording's is at most this long. */
const LETTERS = 260;

/** The laps of a track, the highest reward first; of equal ones the faster, then the older. */
export function ranking(laps: readonly Lap[], seed: string): Lap[] {
  return laps.filter((lap) => lap.seed === seed).sort((a, b) => b.reward - a.reward || a.steps - b.steps);
}

/** With one more. A driver that always drives the same lap (a network, a ghost) is kept once. */
export function withLap(laps: readonly Lap[], lap: Lap): Lap[] {
  if (laps.some((other) => isSameLap(other, lap))) return [...laps];
  const all = [...laps, lap];
  const dropped = new Set(ranking(all, lap.seed).slice(MOST_A_TRACK));
  return all.filter((other) => !dropped.has(other)).slice(-MOST);
}

/** With some more, which may be among them. */
export function withLaps(laps: readonly Lap[], more: readonly Lap[]): Lap[] {
  return more.reduce(withLap, [...laps]);
}

/** Whether the same driver drove the same lap, on whatever day. */
export function isSameLap(a: Lap, b: Lap): boolean {
  return (["seed", "driver", "steps", "reward", "scored"] as const).every((key) => a[key] === b[key]);
}

/** @param text what `JSON.stringify` made of laps; of anything else what is none is left out */
export function parseLaps(text: string | null): Lap[] {
  try {
    return lapsOf(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}

/** The laps in a list from elsewhere; what is none is left out. */
export function lapsOf(value: unknown): Lap[] {
  return Array.isArray(value) ? value.filter(isLap).slice(-MOST) : [];
}

function isLap(value: unknown): value is Lap {
  const lap = value as Lap | null;
  return (
    typeof lap === "object" &&
    isText(lap?.seed, /^\d{1,18}$/) &&
    isText(lap?.when, /^\d{4}-\d\d-\d\d$/) &&
    isText(lap?.driver, /^./) &&
    lap.driver.length <= LETTERS &&
    Number.isInteger(lap?.steps) &&
    Number.isFinite(lap?.reward) &&
    typeof lap?.scored === "boolean"
  );
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}
