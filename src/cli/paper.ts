/** `tritrack paper`: measures every figure of the paper afresh and shows them as one report. */
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { makeFolder } from "../../recordings/files/atomic.ts";
import { lockFolder } from "../../recordings/files/lock.ts";
import type { Outcome } from "../paper/figure.ts";
import { figures, reproducePaper } from "../paper/paper.ts";
import type { Share } from "../paper/workspace.ts";
import { interruptSignal } from "./common/interrupt.ts";
import { MNIST_OPTION, number } from "./common/options.ts";
import { examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  quick?: boolean;
  only?: string;
  minutes?: number;
  share?: Share;
  mnist?: string;
  json?: boolean;
}

/** Makes the command: its arguments, options, examples and action. */
export default function paperCommand(): Command {
  return new Command()
    .requiredOption("--out <dir>", "folder of the report; points that it holds are not measured again")
    .option(
      "--quick",
      "small sizes, in a folder of their own: every figure in minutes (default: the full run, hours, which may be interrupted)",
    )
    .option("--only <figures>", "figures to measure, such as fig5,fig6 (default: all)")
    .option(
      "--minutes <n>",
      "begin no further measurement after this time; the report shows what is measured by then (default: no limit)",
      number(0),
    )
    .option(
      "--share <k/n>",
      "measure only the k-th of n parts, so that several processes or machines divide the work; afterwards run once without it for the whole report",
      share,
    )
    .option(...MNIST_OPTION)
    .addHelpText(
      "after",
      examples(
        ["every figure, small", "paper --out paper --quick"],
        ["the full run; after Ctrl-C the same command resumes it", "paper --out paper-full"],
        ["half an hour of the full run", "paper --out paper-full --minutes 30"],
        ["one figure", "paper --out paper-full --only fig5"],
        [
          "Fig 2 by two processes: this one and another with --share 2/2",
          "paper --out paper-full --only fig2 --share 1/2",
        ],
      ),
    )
    .action(run);
}

async function run({ out, quick, only, minutes, share, mnist, json }: Options): Promise<void> {
  const known = figures.map(({ id }) => id);
  const ids = only === undefined ? undefined : figureIds(only, known);
  makeFolder(resolve(out));
  const lock = lockFolder(out, share && `share-${share.number}-of-${share.of}`);
  const start = performance.now();
  const signal = interruptSignal("stopping after this measurement; the same command resumes after it");
  const progress = startProgress("paper", ids?.length ?? known.length, "figures");
  const outcomes = await reproducePaper({
    out,
    quick,
    only: ids,
    share,
    mnist,
    isOver: () =>
      signal.aborted || performance.now() - start >= (minutes ?? Number.POSITIVE_INFINITY) * 60_000,
    onProgress: (done, _, what) => progress.update(done, what),
  }).finally(() => {
    progress.stop();
    lock.release();
  });
  const seconds = (performance.now() - start) / 1000;
  // Points that are left for a later run are no failure.
  if (!signal.aborted && outcomes.some(({ error }) => error !== undefined)) process.exitCode = 1;
  const report = join(out, "index.html");
  print(json, { report, seconds, figures: outcomes.map(summaryOf) }, textOf(outcomes, report, seconds));
}

/** A figure's outcome for `--json`. */
function summaryOf({ figure, error, missing, result }: Outcome) {
  return {
    id: figure.id,
    title: figure.title,
    panels: result?.panels.map(({ name }) => name) ?? [],
    missing,
    ...(error !== undefined && { error }),
  };
}

function textOf(outcomes: readonly Outcome[], report: string, seconds: number): string {
  const isWhole = outcomes.every(({ missing }) => missing.length === 0);
  return [
    ...outcomes.map((outcome) => `${outcome.figure.id.padEnd(12)}${stateOf(outcome)}`),
    `${report}, ${seconds.toFixed(0)} s`,
    ...(isWhole ? [] : ["the same command measures the rest"]),
  ].join("\n");
}

function stateOf({ result, error, missing }: Outcome): string {
  if (error !== undefined) return `not made: ${error}`;
  const left = missing.length > 0 ? `, measurements left: ${missing.length}` : "";
  return `${result ? "made" : "not made yet"}${left}`;
}

/** Parses a share such as "2/3". */
function share(text: string): Share {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!(number >= 1 && number <= of))
    throw new InvalidArgumentError("Expected the number of a part and the number of parts, such as 1/2.");
  return { number, of };
}

/**
 * Ids of figures in a list such as "fig5,fig2"; "fig2" stands for both of its parts.
 * @throws InvalidOption on a name that is no figure
 */
function figureIds(only: string, known: readonly string[]): string[] {
  const ids = only.split(",").flatMap((part) => {
    const name = part.trim();
    const found = known.filter((id) => id === name || id.replace(/(?<=\d)[a-z]$/, "") === name);
    if (found.length === 0)
      throw new InvalidOption(`--only: expected some of ${known.join(",")}, got ${describe(name)}`);
    return found;
  });
  return [...new Set(ids)];
}
