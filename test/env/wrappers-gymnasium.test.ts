/**
 * Wrappers and vector environments beside Gymnasium's: the same seeds and actions must give the same observations,
 * rewards, ends and entries of info. wrappers-gymnasium.py wrote Gymnasium's results, and explains them.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  ActionRepeat,
  Autoreset,
  type AutoresetMode,
  type CarRacingEnv,
  ClipAction,
  type Env,
  FrameStack,
  GrayscaleObservation,
  type Info,
  MaxAndSkip,
  make,
  RecordEpisodeStatistics,
  RescaleAction,
  StickyAction,
  SyncVectorEnv,
  TimeAware,
} from "../../env/index.ts";
import type { TypedArray } from "../../env/spaces.ts";

type Row<Number, Flag> = [
  observation: string,
  reward: Number | null,
  terminated: Flag,
  truncated: Flag,
  unknown,
];
const gymnasium: {
  actions: number[][];
  wrappers: Record<string, Row<number, boolean>[]>;
  vectors: Record<AutoresetMode, Row<number[], boolean[]>[]>;
} = JSON.parse(readFileSync(join(import.meta.dirname, "wrappers-gymnasium.json"), "utf8"));
const actions = gymnasium.actions.map((action) => Float32Array.from(action));

function digest(observation: unknown): string {
  const hash = createHash("sha256");
  const parts = ArrayBuffer.isView(observation) ? [observation] : Object.values(observation as object);
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 12);
}

const limited = (maxEpisodeSteps = 7) => make("CarRacing-v3", { maxEpisodeSteps });

interface Case {
  name: string;
  limit?: number;
  wrap: (env: CarRacingEnv) => Env;
  action?: (k: number) => unknown;
}

const cases: Case[] = [
  { name: "TimeLimit", wrap: (env) => env as Env },
  { name: "RecordEpisodeStatistics", wrap: (env) => new RecordEpisodeStatistics(env) as Env },
  { name: "FrameStack", wrap: (env) => new FrameStack(env, 3) as Env },
  { name: "FrameStack, zero", wrap: (env) => new FrameStack(env, 3, { paddingType: "zero" }) as Env },
  { name: "MaxAndSkip", limit: 8, wrap: (env) => new MaxAndSkip(env, 4) as Env },
  { name: "MaxAndSkip, ends within a skip", wrap: (env) => new MaxAndSkip(env, 4) as Env },
  { name: "MaxAndSkip, ends one step early", limit: 3, wrap: (env) => new MaxAndSkip(env, 4) as Env },
  { name: "GrayscaleObservation", wrap: (env) => new GrayscaleObservation(env) as Env },
  {
    name: "RescaleAction",
    wrap: (env) => new RescaleAction(env as Env<unknown, ArrayLike<number>>, -2, 3) as Env,
    action: (k) => actions[k].map((value) => value * 2),
  },
  {
    name: "ClipAction",
    wrap: (env) => new ClipAction(env as Env<unknown, ArrayLike<number>>) as Env,
    action: (k) => actions[k].map((value) => value * 4),
  },
  { name: "TimeAware", wrap: (env) => new TimeAware(env) as Env },
  { name: "TimeAware, normalized", wrap: (env) => new TimeAware(env, { normalizeTime: true }) as Env },
  { name: "TimeAware, two parts", wrap: (env) => new TimeAware(env, { flatten: false }) as Env },
  { name: "StickyAction", limit: 20, wrap: (env) => new StickyAction(env, 0.5) as Env },
  {
    name: "StickyAction, 1 to 3 steps",
    limit: 20,
    wrap: (env) => new StickyAction(env, 0.3, { repeatActionDuration: [1, 3] }) as Env,
  },
  { name: "ActionRepeat", limit: 10, wrap: (env) => new ActionRepeat(env, 4) as Env },
  { name: "Autoreset", wrap: (env) => new Autoreset(env) as Env },
];

test.each(cases)("$name", async ({ name, limit, wrap, action = (k) => actions[k] }) => {
  expect(drive(wrap(await limited(limit)), gymnasium.wrappers[name].length, action)).toEqual(
    gymnasium.wrappers[name],
  );
});

test("TimeLimit, discrete", async () => {
  const env = (await make("CarRacing-v3", { continuous: false, maxEpisodeSteps: 7 })) as Env;
  const rows = gymnasium.wrappers["TimeLimit, discrete"];
  expect(drive(env, rows.length, (k) => k % 5)).toEqual(rows);
});

/** Resets and steps until there are `count` rows. */
function drive(env: Env, count: number, action: (k: number) => unknown): Row<number, boolean>[] {
  const rows: Row<number, boolean>[] = [];
  const begin = (seed?: number) => {
    const { observation, info } = env.reset({ seed });
    rows.push([digest(observation), null, false, false, Object.keys(info).sort()]);
  };
  begin(3);
  for (let k = 0; rows.length < count; k++) {
    const { observation, reward, terminated, truncated, info } = env.step(action(k));
    rows.push([digest(observation), reward, terminated, truncated, Object.keys(info).sort()]);
    if ((terminated || truncated) && !(env instanceof Autoreset)) begin();
  }
  env.close();
  return rows;
}

test.each(["next-step", "same-step", "disabled"] as const)("SyncVectorEnv, %s", async (autoresetMode) => {
  const envs = new SyncVectorEnv(await Promise.all([limited(5), limited(8)]), { autoresetMode });
  const rows: unknown[] = [];
  const none = [false, false];
  rows.push([digest(envs.reset({ seed: [3, 9] }).observations), null, none, none, null]);
  for (let k = 0; k < 20; k++) {
    const step = envs.step(actions.slice(2 * k, 2 * k + 2));
    rows.push([
      digest(step.observations),
      [...step.rewards],
      step.terminations,
      step.truncations,
      finals(step.infos),
    ]);
    const mask = step.terminations.map((ended, i) => ended || step.truncations[i]);
    if (autoresetMode === "disabled" && mask.includes(true)) {
      rows.push([digest(envs.reset({ mask }).observations), null, none, none, null]);
    }
  }
  expect(rows).toEqual(gymnasium.vectors[autoresetMode]);
  envs.close();
});

function finals(infos: Info[]): (string | null)[] | null {
  const digests = infos.map(({ finalObs }) => (finalObs ? digest(finalObs as TypedArray) : null));
  return digests.some(Boolean) ? digests : null;
}
