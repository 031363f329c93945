/** Jobs for tests of pools: one takes more memory than its thread may have, one takes hardly any. */
import type { JobKinds } from "../../src/work/pool.ts";

export const jobs: JobKinds = [
  {
    kind: "hungry",
    check() {},
    run() {
      const all: number[][] = [];
      for (;;) all.push(Array.from({ length: 1000 }, (_, i) => i + all.length));
    },
  },
  {
    kind: "modest",
    check() {},
    async run() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Uint8Array.of(1);
    },
  },
];

/** URL of this module, for threads. */
export const hungryJobsModule = import.meta.url;
