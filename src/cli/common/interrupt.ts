/** Ctrl-C and SIGTERM: the first lets the work end where it can be resumed, the second ends the program at once. */
import { stopProgress } from "./progress.ts";

/** Exit code of a program that Ctrl-C ended: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * A signal that aborts at the first Ctrl-C or SIGTERM. The work must let the event loop run (`breathe`) to see it.
 * @param message printed to stderr then
 */
export function interruptSignal(message: string): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) {
      stopProgress();
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
