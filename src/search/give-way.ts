/** Lets signals, timers and progress through between the parts of a long computation in one thread. */

/** Time between two pauses. Milliseconds. */
const EVERY = 100;
let latest = 0;

/** Gives way to the event loop if it has not for 100 ms; results do not depend on it. */
export async function giveWay(): Promise<void> {
  if (performance.now() - latest < EVERY) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  latest = performance.now();
}
