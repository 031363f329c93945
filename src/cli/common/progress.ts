/**
 * Progress on stderr, so that stdout stays for results: a bar on a terminal, otherwise a line now and then. Nothing is
 * shown of work that takes less than two seconds.
 */
import { SingleBar } from "cli-progress";
import { printable } from "../../../env/describe.ts";

/** Time after which progress is shown, milliseconds. */
const SHOW_AFTER = 2000;
/** Time between two lines where there is no terminal, milliseconds: at first, and at most when the work takes hours. */
const LINE_EVERY = 5000;
const LINE_EVERY_AT_MOST = 60_000;
/** The time between lines is one such part of the time so far. */
const LINE_SHARE = 20;

/** Bars on the terminal. They hide its cursor until they are stopped. */
const shown = new Set<SingleBar>();

/** Removes all bars. Call it before ending the program during its work. */
export function stopProgress(): void {
  for (const bar of shown) bar.stop();
  shown.clear();
}

/** Progress of one piece of work. */
export interface Progress {
  /**
   * Shows the state of the work.
   * @param note shown beside it, such as the last reward. Default: none
   */
  update(done: number, note?: string): void;
  /** Removes the bar. Call it however the work ended; a second call does nothing. */
  stop(): void;
}

/**
 * Begins to show progress.
 * @param what name of the work, such as "eval expert"
 * @param total number at which it is finished
 * @param unit what is counted, such as "episodes"
 */
export function startProgress(what: string, total: number, unit: string): Progress {
  const label = printable(what);
  const start = performance.now();
  const terminal = process.stderr.isTTY;
  let bar: SingleBar | null = null;
  let nextLine = start + SHOW_AFTER;
  let lastLine = "";
  /** Work done before the first update: resumed work does not begin at 0, and this part took no time. */
  let before: number | undefined;
  return {
    update(done, note = "") {
      before ??= done;
      const now = performance.now();
      if (now < start + SHOW_AFTER) return;
      const left = (((now - start) / (done - before)) * (total - done)) / 1000;
      const remaining = done > before ? `, ${Math.round(left)} s left` : "";
      const rest = remaining + (note === "" ? "" : `; ${note}`);
      if (terminal) {
        if (!bar) {
          const format = `${label} {bar} {value}/{total} ${unit}{rest}`;
          bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, barsize: 24 });
          bar.start(total, done, { rest });
          shown.add(bar);
        }
        bar.update(done, { rest });
      } else if (now >= nextLine) {
        const pause = Math.max(LINE_EVERY, (now - start) / LINE_SHARE);
        nextLine = now + Math.min(pause, LINE_EVERY_AT_MOST);
        const line = `${label}: ${done}/${total} ${unit}${rest}\n`;
        if (line !== lastLine) process.stderr.write(line);
        lastLine = line;
      }
    },
    stop() {
      if (!bar) return;
      bar.stop();
      shown.delete(bar);
      bar = null;
    },
  };
}
