/**
 * Ctrl-C: the first asks the work to stop where it can be taken up again, the second ends the program at once.
 */

import { stopProgress } from "./progress.ts";

/** Exit code of a program that Ctrl-C ended: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/**
 * The signal aborts at the first Ctrl-C (or SIGTERM). Work must give way to the event loop now and then to see it.
 * @param message printed to stderr then
 * @param farewell gives a line that is printed when a Ctrl-C ends the program at once. Default: nothing
 * @param endsAtOnce whether the first Ctrl-C ends the program too, because there is nothing yet to finish. Default: never
 */
export function interruptSignal(
  message: string,
  farewell?: () => string,
  endsAtOnce: () => boolean = () => false,
): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted || endsAtOnce()) {
      stopProgress();
      if (farewell) process.stderr.write(`${farewell()}\n`);
      process.exit(EXIT_INTERRUPTED);
    }
    process.stderr.write(`\n${message}\n`);
    process.exitCode = EXIT_INTERRUPTED;
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}

/** Ends the program at Ctrl-C or SIGTERM: for work whose checkpoint lies on disk at any moment. */
export function exitOnInterrupt(message: () => string): void {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      stopProgress();
      process.stderr.write(`\n${message()}\n`);
      process.exit(EXIT_INTERRUPTED);
    });
  }
}

/** Lets signals and timers through. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
