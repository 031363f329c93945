/** Jobs that a function makes out of a pool's data, once for each thread. */
import type { JobKinds } from "../../src/work/pool.ts";

let made = 0;

export function jobs(data: { word: string }): JobKinds {
  made++;
  return [
    { kind: "say", check() {}, run: () => new TextEncoder().encode(`${data.word} ${made}`) },
    { kind: "nothing", check() {}, run: () => new Uint8Array() },
  ];
}

/** URL of this module, for threads. */
export const madeJobsModule = import.meta.url;
