/** Long computations in one thread: signals, timers and progress come through between their parts. */

/** Between two pauses. Milliseconds. */
const EVERY = 100;
let latest = 0;

/** Gives way to the event loop if the last time is a while ago. What is computed does not depend on it. */
export async function giveWay(): Promise<void> {
  if (performance.now() - latest < EVERY) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  latest = performance.now();
}
