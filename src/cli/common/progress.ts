/**
 * Progress on stderr for what takes over two seconds: a bar on a terminal, else a plain line now and then, so that
 * stdout stays for results.
 */
import { SingleBar } from "cli-progress";
import { printable } from "../../../env/describe.ts";

/** Nothing is shown of what takes less. Milliseconds. */
const SHOW_AFTER = 2000;
/** Between plain lines where there is no terminal: at first, and at most, when the work takes hours. Milliseconds. */
const LINE_EVERY = 5000;
const LINE_EVERY_AT_MOST = 60_000;

/** Bars on the terminal, which have hidden its cursor. */
const shown = new Set<SingleBar>();

/** Takes all bars away: for a program that ends in the midst of its work. */
export function stopProgress(): void {
  for (const bar of shown) bar.stop();
  shown.clear();
}

export interface Progress {
  /** @param note what to show beside it, such as the last reward */
  update(done: number, note?: string): void;
  /** Takes the bar away; call it however the work ended. A second call does nothing. */
  stop(): void;
}

/**
 * @param what is being done: "eval expert"
 * @param total when it is finished
 * @param unit what is counted: "episodes"
 */
export function startProgress(what: string, total: number, unit: string): Progress {
  const label = printable(what);
  const start = performance.now();
  const terminal = process.stderr.isTTY;
  let bar: SingleBar | null = null;
  let nextLine = start + SHOW_AFTER;
  let lastLine = "";
  /** What was done already when the work was taken up again. */
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
        nextLine = now + Math.min(Math.max(LINE_EVERY, (now - start) / 20), LINE_EVERY_AT_MOST);
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
