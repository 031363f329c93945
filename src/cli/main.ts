#!/usr/bin/env node
/**
 * The command `tritrack`. Each command is a file or folder beside this one, loaded only when it is called, so that
 * `tritrack --help` answers at once.
 */
import { Command } from "commander";
import { describe } from "../../env/describe.ts";
import { VERSION } from "../../recordings/version.ts";
import { commandLineError, reportError } from "./common/errors.ts";

/** A command before it is loaded. */
interface Entry {
  /** One line for the help. */
  summary: string;
  /** Loads its file. The default export makes the command: arguments, options, examples and action. */
  load(): Promise<{ default(): Command }>;
}

const entries: Record<string, Entry> = {
  quickstart: {
    summary: "the main job on small settings: from demonstrations to a network that drives, in minutes",
    load: () => import("./quickstart.ts"),
  },
  drive: { summary: "drive in the browser and record demonstrations", load: () => import("./drive.ts") },
  demos: { summary: "record demonstrations of a driver into a folder", load: () => import("./demos.ts") },
  train: { summary: "train a sparse ternary network", load: () => import("./train/command.ts") },
  search: {
    summary: "improve a network by stochastic search and succeed",
    load: () => import("./search/command.ts"),
  },
  census: {
    summary: "count the first neighbours of a network that beat, equal and fall below it",
    load: () => import("./census.ts"),
  },
  eval: { summary: "drive headlessly on many seeds and report the rewards", load: () => import("./eval.ts") },
  render: { summary: "make a video of recordings or drivers", load: () => import("./render.ts") },
  paper: {
    summary: "measure every figure of the paper afresh, as one report",
    load: () => import("./paper.ts"),
  },
  export: {
    summary: "convert networks to ONNX, recordings to NumPy and Minari",
    load: () => import("./export.ts"),
  },
  import: {
    summary: "convert NumPy archives and Minari datasets to recordings",
    load: () => import("./import.ts"),
  },
  serve: {
    summary: "offer the environments to other programs over WebSocket",
    load: () => import("./serve.ts"),
  },
  worker: { summary: "lend this machine to searches, through Redis", load: () => import("./worker.ts") },
  inspect: { summary: "show what a recording or a network file holds", load: () => import("./inspect.ts") },
};

async function main(args: readonly string[]): Promise<void> {
  const name = args[0] === "help" ? args[1] : args[0];
  const isOption = name === undefined || name.startsWith("-") || name === "help";
  if (!isOption && !Object.hasOwn(entries, name)) {
    process.stderr.write(
      `tritrack: unknown command ${describe(name)}: expected ${Object.keys(entries).join(", ")}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const title = isOption ? "tritrack" : `tritrack ${name}`;
  const program = new Command("tritrack")
    .description("CarRacing-v3 and the sparse ternary networks that drive it.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${title}: ${commandLineError(text)}\n`) })
    .addHelpText("after", "\ntritrack COMMAND --help explains a command.");
  try {
    for (const [entryName, { summary, load }] of Object.entries(entries)) {
      const command = entryName === name ? (await load()).default() : new Command();
      command
        .name(entryName)
        .description(summary)
        .option("--json", "print one JSON object on the last line of stdout; progress goes to stderr")
        .option("--verbose", "show where an unexpected error came from")
        .copyInheritedSettings(program);
      program.addCommand(command);
    }
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    reportError(error, title, args.includes("--verbose"));
  }
}

// The reader of a pipe, such as `head`, may close it early; that is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
await main(process.argv.slice(2));
