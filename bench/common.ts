/** What the benchmarks share: rows in the form that `--json` prints, their table, medians, and a Python to compare with. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { InvalidOption } from "../env/errors.ts";
import { writeFileAtomic } from "../recordings/files/atomic.ts";

/** One figure beside a reference measured in the same run. */
export interface Row {
  name: string;
  unit: string;
  value: number;
  /** What it is compared with; null where it was not there. */
  reference: string | null;
  referenceValue: number | null;
  /** How many times faster than the reference. */
  ratio: number | null;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** A table for people; for machines, one object on the last line. */
export function printRows(rows: readonly Row[], json: boolean): void {
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
  if (json) console.log(JSON.stringify({ rows }));
}

/** Puts the rows into a document, as `writeLines` does. */
export function writeTable(document: string, name: string, rows: readonly Row[]): void {
  const lines = rows.map(({ name, value, unit, reference, referenceValue, ratio }) => {
    const other = referenceValue === null ? "–" : `${reference} ${figure(referenceValue)}`;
    return `| \`${name}\` | ${figure(value)} ${unit} | ${other} | ${ratio === null ? "–" : figure(ratio)} |`;
  });
  writeLines(document, name, ["| row | tritrack | reference | ratio |", "|---|---|---|---|", ...lines]);
}

/**
 * Puts lines of Markdown into a document, in place of those between the lines `<!-- NAME -->` and `<!-- /NAME -->`.
 * @throws {@link InvalidOption} where the document has no such lines
 */
export function writeLines(document: string, name: string, lines: readonly string[]): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(document, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new InvalidOption(`${document}: expected lines ${begin} and ${end}`);
  const inner = lines.join("\n");
  writeFileAtomic(document, `${text.slice(0, from + begin.length)}\n\n${inner}\n\n${text.slice(to)}`);
}

/** Three significant digits, all digits of whole numbers. */
function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A script run by the Python that TRITRACK_PYTHON names, which answers a line of JSON with another. */
export class PythonReference {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(python: string, script: string) {
    this.#child = spawn(python, ["-W", "ignore", script]);
    this.#child.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @returns null without TRITRACK_PYTHON */
  static start(script: string): PythonReference | null {
    const python = process.env.TRITRACK_PYTHON;
    return python ? new PythonReference(python, script) : null;
  }

  async ask<Answer>(question: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done)
      throw new Error(`${this.#child.spawnfile} ended before it answered ${JSON.stringify(question)}`);
    return JSON.parse(value);
  }

  stop(): void {
    this.#child.stdin.end();
  }
}
