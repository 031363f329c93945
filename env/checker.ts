/**
 * Checks that an environment keeps Gymnasium's contract (`gymnasium.utils.env_checker.check_env`), for those who write
 * and register their own.
 */

import type { Env, Info } from "./api.ts";
import { describe } from "./describe.ts";
import { TritrackError } from "./errors.ts";
import { isRecord } from "./is-record.ts";
import { Space } from "./spaces.ts";

/** A fault of an environment, which the message names. */
export class BrokenEnvironment extends TritrackError {}

const SEED = 123;
const STEPS = 20;

/**
 * Resets and steps an environment with actions that its space samples, and checks spaces, types, and that the same seed
 * gives the same results. The environment is left open, in the middle of an episode.
 * @throws {@link BrokenEnvironment} at the first fault
 */
export function checkEnv(env: Env): void {
  check(typeof env === "object" && env !== null, `expected an environment, got ${describe(env)}`);
  for (const method of ["reset", "step", "render", "close"] as const) {
    check(typeof env[method] === "function", `${method}: expected a method`);
  }
  check(typeof env.unwrapped === "object", "unwrapped: expected the environment under all wrappers");
  check(env.observationSpace instanceof Space, "observationSpace: expected a Space");
  check(env.actionSpace instanceof Space, "actionSpace: expected a Space");
  const { renderModes, renderFps } = env.metadata ?? {};
  check(Array.isArray(renderModes), "metadata.renderModes: expected a list");
  check(Number.isFinite(renderFps) && renderFps > 0, "metadata.renderFps: expected a number above 0");
  check(
    env.renderMode === null || renderModes.includes(env.renderMode),
    `renderMode: expected null or one of metadata.renderModes, got ${describe(env.renderMode)}`,
  );

  const first = rollout(env, SEED);
  const second = rollout(env, SEED);
  check(same(first, second), "reset with the same seed and the same actions: expected the same results");
  rollout(env, undefined);

  if (env.renderMode !== null) {
    const frame = env.render();
    check(
      isRecord(frame) && frame.data?.length === frame.width * frame.height * 3,
      `render: expected width * height * 3 bytes in mode ${env.renderMode}`,
    );
  }
}

/** Everything that a short episode returned. */
function rollout(env: Env, seed: number | undefined): unknown[] {
  env.actionSpace.seed(SEED);
  const begin = env.reset({ seed });
  check(isRecord(begin), `reset: expected { observation, info }, got ${describe(begin)}`);
  const { observation, info } = begin;
  checkObservation(env, "reset", observation);
  checkInfo("reset", info);
  const results: unknown[] = [clone(observation), info];
  for (let k = 0; k < STEPS; k++) {
    const action = env.actionSpace.sample();
    check(env.actionSpace.contains(action), "actionSpace: expected it to contain what it samples");
    const result = env.step(action);
    check(isRecord(result), `step: expected { observation, reward, …, info }, got ${describe(result)}`);
    const { observation, reward, terminated, truncated, info } = result;
    checkObservation(env, "step", observation);
    check(Number.isFinite(reward), `step: expected a finite number for reward, got ${describe(reward)}`);
    check(
      typeof terminated === "boolean",
      `step: expected true or false for terminated, got ${describe(terminated)}`,
    );
    check(
      typeof truncated === "boolean",
      `step: expected true or false for truncated, got ${describe(truncated)}`,
    );
    checkInfo("step", info);
    results.push([clone(observation), reward, terminated, truncated, info]);
    if (terminated || truncated) break;
  }
  return results;
}

function checkObservation(env: Env, call: string, observation: unknown): void {
  const { observationSpace } = env;
  check(observationSpace.contains(observation), `${call}: expected an observation in ${observationSpace}`);
}

function checkInfo(call: string, info: Info): void {
  check(isRecord(info), `${call}: expected an object for info, got ${describe(info)}`);
}

/** A copy: environments may write the next observation over the last one. */
function clone(observation: unknown): unknown {
  return structuredClone(observation);
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return Object.is(a, b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

function check(ok: boolean, fault: string): asserts ok {
  if (!ok) throw new BrokenEnvironment(fault);
}
