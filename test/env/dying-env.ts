/** Environments for workers.test.ts: the second one ends its thread at its third step. */
import type { Env, StepResult } from "../../env/api.ts";
import { CountingEnv } from "./counting-env.ts";

export default function makeDying(index: number): Env<Float64Array, number> {
  return index === 1 ? new DyingEnv(9) : new CountingEnv(9);
}

class DyingEnv extends CountingEnv {
  override step(action: number): StepResult<Float64Array> {
    if (this.actions.length === 2) process.exit(); // in a thread it ends the thread
    return super.step(action);
  }
}
