/** Ctrl-C and SIGTERM: the first lets the work end where it can be resumed, the second ends the program at once. */
import { stopProgress } from "./progress.ts";

/** Exit code of a program that Ctrl-C ended: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * A signal that aborts at the first Ctrl-C or SIGTERM. The work must let the event loop run (`breathe`) to see it.
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
  for (const name of SIGNALS) process.on(name, stop);
  return controller.signal;
}

/**
 * Ends the program at the first Ctrl-C or SIGTERM: for work that loses nothing then.
 * @param message makes the line that is printed to stderr then
 */
export function exitOnInterrupt(message: () => string): void {
  for (const name of SIGNALS) {
    process.on(name, () => {
      stopProgress();
      process.stderr.write(`\n${message()}\n`);
      process.exit(EXIT_INTERRUPTED);
    });
  }
}

/** Lets the event loop run once, so that signals and timers are handled between two parts of long work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
