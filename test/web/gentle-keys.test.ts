/** Tests that gentle keys let a driver with a person's reaction time finish the lap. */
import { expect, test } from "vitest";
import { type CarRacing, make } from "../../env/index.ts";
import { Hands, type KeyStyle } from "../../src/web/page/input/hands.ts";

/** Steps from seeing to pressing: 100 ms. */
const REACTION = 5;

/** Keys that a person would press who sees the car and the road ahead of it. */
function wanted(car: CarRacing): string[] {
  const state = car.bodyState();
  const [x, y, angle, vx, vy] = state;
  const speed = Math.hypot(vx, vy);
  const { track } = car;
  const tiles = track.length / 4;
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tiles; i++) {
    const distance = Math.hypot(track[4 * i + 2] - x, track[4 * i + 3] - y);
    if (distance < least) [nearest, least] = [i, distance];
  }
  const bearing = (ahead: number) => {
    const i = (nearest + ahead) % tiles;
    const off = Math.atan2(-(track[4 * i + 2] - x), track[4 * i + 3] - y) - angle;
    return Math.atan2(Math.sin(off), Math.cos(off));
  };
  const near = bearing(4 + Math.round(speed / 14));
  const far = bearing(10 + Math.round(speed / 6));
  const cruise = 45 - 40 * Math.min(1, Math.abs(far));
  const keys: string[] = [];
  if (near > 0.08) keys.push("ArrowLeft");
  if (near < -0.08) keys.push("ArrowRight");
  if (speed < cruise) keys.push("ArrowUp");
  if (speed > cruise + 12) keys.push("ArrowDown");
  return keys;
}

/** Rewards of one episode of at most `steps` for each seed, and the number of laps. */
async function drive(style: KeyStyle, seeds: readonly number[], steps: number) {
  const hands = new Hands();
  hands.style = style;
  const env = await make("CarRacing-v3", { maxEpisodeSteps: steps });
  const car = env.unwrapped as CarRacing;
  car.drawObservations = false;
  const action = new Float32Array(3);
  let laps = 0;
  let total = 0;
  for (const seed of seeds) {
    env.reset({ seed });
    const plans: string[][] = [];
    for (let ended = false; !ended; ) {
      plans.push(wanted(car));
      if (plans.length % REACTION === 0) {
        hands.keys.releaseAll();
        for (const key of plans.at(-REACTION)!) hands.keys.press(key);
      }
      hands.drive(action);
      const { reward, terminated, truncated, info } = env.step(action);
      total += reward;
      ended = terminated || truncated;
      if (info.lapFinished) laps++;
    }
  }
  env.close();
  return { mean: total / seeds.length, laps };
}

test("with gentle keys a slow hand laps every track; with full keys the car spins", async () => {
  const seeds = Array.from({ length: 12 }, (_, i) => 100 + i);
  const gentle = await drive("gentle", seeds, 3000);
  const full = await drive("scored", seeds, 3000);
  expect([gentle.laps, full.laps]).toEqual([12, 0]);
  expect(gentle.mean).toBeGreaterThan(full.mean + 500);
}, 60_000);
