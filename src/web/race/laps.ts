/** Finished laps on this machine, the fastest first. Plain data: the page keeps it as JSON. */

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

/** The laps of a track, the fastest first; of equal ones the higher reward, then the older. */
export function ranking(laps: readonly Lap[], seed: string): Lap[] {
  return laps.filter((lap) => lap.seed === seed).sort(order);
}

/** With one more. A driver that always drives the same lap (a network, a ghost) is kept once. */
export function withLap(laps: readonly Lap[], lap: Lap): Lap[] {
  const same = (other: Lap) =>
    other.seed === lap.seed &&
    other.driver === lap.driver &&
    other.steps === lap.steps &&
    other.reward === lap.reward &&
    other.scored === lap.scored;
  if (laps.some(same)) return [...laps];
  const all = [...laps, lap];
  const dropped = new Set(ranking(all, lap.seed).slice(MOST_A_TRACK));
  return all.filter((other) => !dropped.has(other)).slice(-MOST);
}

/** @param text what `JSON.stringify` made of laps; of anything else what is none is left out */
export function parseLaps(text: string | null): Lap[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter(isLap) : [];
  } catch {
    return [];
  }
}

function isLap(value: unknown): value is Lap {
  const lap = value as Lap | null;
  return (
    typeof lap === "object" &&
    [lap?.seed, lap?.driver, lap?.when].every((text) => typeof text === "string") &&
    Number.isInteger(lap?.steps) &&
    Number.isFinite(lap?.reward) &&
    typeof lap?.scored === "boolean"
  );
}

function order(a: Lap, b: Lap): number {
  return a.steps - b.steps || b.reward - a.reward;
}
