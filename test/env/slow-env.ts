/** Environments for workers.test.ts: a step of the second one takes over a second. */
import type { Env, StepResult } from "../../env/api.ts";
import { CountingEnv } from "./counting-env.ts";

export default function makeSlow(index: number): Env<Float64Array, number> {
  return index === 1 ? new SlowEnv(9) : new CountingEnv(9);
}

class SlowEnv extends CountingEnv {
  override step(action: number): StepResult<Float64Array> {
    const half = performance.now() + 600;
    while (performance.now() < half);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    return super.step(action);
  }
}
