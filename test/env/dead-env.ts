/** Environments for workers.test.ts: the second one ends its thread while it is made. */
import { CountingEnv } from "./counting-env.ts";

export default function makeDead(index: number): CountingEnv {
  if (index === 1) process.exit();
  return new CountingEnv(9);
}
