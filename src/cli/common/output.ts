/** What a command prints at its end, for people or for machines. */
import { basename } from "node:path";
import { printable, printableJson } from "../../../env/describe.ts";

/**
 * Prints a result. Names and texts of files in it may be a stranger's: characters that a terminal obeys become escapes.
 * @param json whether `--json` was given: then `result` is the one line, else `text` is printed
 */
export function print(json: boolean | undefined, result: object, text: string): void {
  const shown = json
    ? printableJson(JSON.stringify(result, replacer))
    : text.split("\n").map(printable).join("\n");
  process.stdout.write(`${shown}\n`);
}

/** Seeds beyond 2^53 become strings of digits. */
function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Text in columns: the first to the left, the others to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => printable(String(cell))));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return texts.map((row) => line(row).trimEnd()).join("\n");
}

/** Examples under a command's `--help`: pairs of what it does and the command line. */
export function examples(...pairs: [what: string, line: string][]): string {
  return `\nExamples:\n${pairs.map(([what, line]) => `  # ${what}\n  $ tritrack ${line}`).join("\n")}\n`;
}

/** "1 recording", "2 recordings". @param what in the singular */
export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/**
 * The command that runs, for what it makes to say how it was made: without folders, which differ by machine.
 * @param without options with a value that change nothing in what is made
 */
export function commandLine(without: readonly string[] = []): string {
  const words = process.argv.slice(2).filter((word, i, all) => {
    const [name] = word.split("=");
    return !["--json", "--resume", ...without].includes(name) && !without.includes(all[i - 1]);
  });
  return `npx tritrack ${words.map((word) => (word.includes("/") ? basename(word) : word)).join(" ")}`;
}
