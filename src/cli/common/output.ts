/** The output of commands: results on stdout, for people or for machines, and examples below its help. */
import { basename } from "node:path";
import { printable, printableJson } from "../../../env/describe.ts";

/**
 * Prints the result of a command. It may hold names and texts of a stranger's files, so characters that a terminal would
 * obey are escaped.
 * @param json true if `--json` was given: prints `result` as one line of JSON instead of `text`
 */
export function print(json: boolean | undefined, result: object, text: string): void {
  const shown = json
    ? printableJson(JSON.stringify(result, replacer))
    : text.split("\n").map(printable).join("\n");
  process.stdout.write(`${shown}\n`);
}

/** JSON has no bigints: seeds from 2^53 on become strings of digits. */
function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Text in columns: the first is aligned to the left, the others to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => printable(String(cell))));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return texts.map((row) => line(row).trimEnd()).join("\n");
}

/** Examples for a command's `--help`: pairs of a description and a command line without `tritrack`. */
export function examples(...pairs: [what: string, line: string][]): string {
  return `\nExamples:\n${pairs.map(([what, line]) => `  # ${what}\n  $ tritrack ${line}`).join("\n")}\n`;
}

/**
 * A number with its noun, such as "1 recording" or "2 recordings".
 * @param what the noun in the singular
 */
export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** A share from 0 to 1 in percent, such as "98.66 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** The last part of a path, alone or in `--option=path`; other words as they are. */
function withoutFolder(word: string): string {
  const [, option = "", value] = /^(--[\w-]+=)?(.*)$/s.exec(word)!;
  return option + (value.includes("/") ? basename(value) : value);
}

/**
 * The command line of this process, for files that say how they were made. Folders are left out, because they differ
 * from machine to machine.
 * @param without options that take a value and do not change the file. Default: none
 */
export function commandLine(without: readonly string[] = []): string {
  const words = process.argv.slice(2).filter((word, i, all) => {
    const [name] = word.split("=");
    return !["--json", "--resume", "--verbose", ...without].includes(name) && !without.includes(all[i - 1]);
  });
  return `npx tritrack ${words.map(withoutFolder).join(" ")}`;
}
