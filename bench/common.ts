/** Shared parts of the benchmarks: rows and their tables, medians and best times, and a Python to compare with. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { InvalidOption } from "../env/errors.ts";
import { writeFileAtomic } from "../recordings/files/atomic.ts";

/** One figure beside a reference that was measured in the same run. */
export interface Row {
  /** Name, such as "env/frames". */
  name: string;
  /** Unit of both values. */
  unit: string;
  /** The figure. */
  value: number;
  /** Name of the reference; null where it is not installed. */
  reference: string | null;
  /** The reference's figure; null where it is not installed. */
  referenceValue: number | null;
  /** Speed as a multiple of the reference's; null without a reference, or where a ratio says nothing. */
  ratio: number | null;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * Items a second, the best of three runs: other processes only ever slow a run down.
 * @param run does the work; returns the number of items
 */
export async function bestRate(run: () => number | Promise<number>): Promise<number> {
  let best = 0;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const count = await run();
    best = Math.max(best, (1000 * count) / (performance.now() - start));
  }
  return best;
}

/**
 * Prints the rows as a table and, for machines, as one JSON object on the last line: `{rows: [...]}`.
 * @param more further keys of the object. Default: none
 */
export function printRows(rows: readonly Row[], json: boolean, more: object = {}): void {
  const cells = rows.map((row) => [
    row.name,
    `${figure(row.value)} ${row.unit}`,
    row.referenceValue === null ? "" : `${row.reference} ${figure(row.referenceValue)}`,
    row.ratio === null ? "" : `${figure(row.ratio)} times`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    );
  if (json) console.log(JSON.stringify({ rows, ...more }));
}

/** Puts the rows into a document as a table, where {@link writeLines} puts lines. */
export function writeTable(document: string, name: string, rows: readonly Row[]): void {
  const lines = rows.map(({ name, value, unit, reference, referenceValue, ratio }) => {
    const other = referenceValue === null ? "–" : `${reference} ${figure(referenceValue)}`;
    return `| \`${name}\` | ${figure(value)} ${unit} | ${other} | ${ratio === null ? "–" : figure(ratio)} |`;
  });
  writeLines(document, name, ["| row | tritrack | reference | ratio |", "|---|---|---|---|", ...lines]);
}

/**
 * Replaces the Markdown between the lines `<!-- NAME -->` and `<!-- /NAME -->` of a document.
 * @throws {@link InvalidOption} when the document has no such lines
 */
export function writeLines(document: string, name: string, lines: readonly string[]): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(document, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new InvalidOption(`${document}: expected the lines ${begin} and ${end}, got none`);
  const inner = lines.join("\n");
  writeFileAtomic(document, `${text.slice(0, from + begin.length)}\n\n${inner}\n\n${text.slice(to)}`);
}

/** Three significant digits; numbers from 100 on with all digits before the point. */
function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A script in the Python that TRITRACK_PYTHON names. It answers each line of JSON with another one. */
export class PythonReference {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(python: string, script: string) {
    this.#child = spawn(python, ["-W", "ignore", script]);
    this.#child.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts the script. @returns null without TRITRACK_PYTHON */
  static start(script: string): PythonReference | null {
    const python = process.env.TRITRACK_PYTHON;
    return python ? new PythonReference(python, script) : null;
  }

  /** Asks a question. @throws Error when the script ends before it has answered */
  async ask<Answer>(question: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done)
      throw new Error(
        `${this.#child.spawnfile}: expected an answer to ${JSON.stringify(question)}, got its end`,
      );
    return JSON.parse(value);
  }

  /** Ends the script. */
  stop(): void {
    this.#child.stdin.end();
  }
}
