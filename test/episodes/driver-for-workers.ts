/** The driver that the threads of evaluate-workers.test.ts drive with. */
import { RandomPolicy } from "../../policies/random.ts";

export function create(error?: string): RandomPolicy {
  if (error) throw new Error(error);
  return new RandomPolicy();
}

export function createFunction(): () => number[] {
  return function coast() {
    return [0, 0.1, 0];
  };
}

/** A policy whose thread ends in its midst, without an error. */
export function createDeserter(): () => never {
  return () => process.exit();
}
