/** What the threads of evaluate-workers.test.ts drive with. */
import { RandomPolicy } from "../../policies/random.ts";

export function create(error?: string): RandomPolicy {
  if (error) throw new Error(error);
  return new RandomPolicy();
}
