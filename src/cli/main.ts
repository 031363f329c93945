#!/usr/bin/env node
/**
 * The command `tritrack`. Each command is a file beside this one, loaded only when it is called, so that `--help`
 * answers at once.
 */
import { Command } from "commander";
import { describe } from "../../env/describe.ts";
import { VERSION } from "../../recordings/version.ts";
import { oneLine, reportError } from "./common/errors.ts";

interface Entry {
  summary: string;
  /** The file's default export makes the command: arguments, options, examples, action. */
  load(): Promise<{ default(): Command }>;
}

const entries: Record<string, Entry> = {
  quickstart: {
    summary: "the main job on small settings: demonstrations to a driving network, in minutes",
    load: () => import("./quickstart.ts"),
  },
  drive: { summary: "drive in the browser and record demonstrations", load: () => import("./drive.ts") },
  demos: { summary: "record demonstrations of a driver into a folder", load: () => import("./demos.ts") },
  train: { summary: "train a sparse ternary network", load: () => import("./train.ts") },
  search: {
    summary: "improve a network by stochastic search and succeed",
    load: () => import("./search.ts"),
  },
  census: {
    summary: "how many first neighbours of a network beat, equal and fall below it",
    load: () => import("./census.ts"),
  },
  eval: { summary: "drive headlessly on many seeds and report the rewards", load: () => import("./eval.ts") },
  render: { summary: "make a video of a recording or a driver", load: () => import("./render.ts") },
  paper: {
    summary: "every figure of the paper, measured afresh, as one report",
    load: () => import("./paper.ts"),
  },
  export: {
    summary: "networks to ONNX; recordings to NumPy and Minari",
    load: () => import("./export.ts"),
  },
  import: {
    summary: "recordings from NumPy archives and Minari datasets",
    load: () => import("./import.ts"),
  },
  serve: {
    summary: "offer the environments over WebSocket, to Python for one",
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
    .configureOutput({
      outputError: (text, write) => write(`${title}: ${oneLine(text.replace(/^error: /, ""))}\n`),
    })
    .addHelpText("after", "\ntritrack COMMAND --help explains a command.");
  for (const [entryName, { summary, load }] of Object.entries(entries)) {
    const command = entryName === name ? (await load()).default() : new Command();
    command
      .name(entryName)
      .description(summary)
      .option("--json", "one JSON object on the last line of stdout; progress goes to stderr")
      .option("--verbose", "show where an unexpected error came from")
      .copyInheritedSettings(program);
    program.addCommand(command);
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    reportError(error, title, args.includes("--verbose"));
  }
}

// The reader of a pipe (`| head`) may leave early; that is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
await main(process.argv.slice(2));
