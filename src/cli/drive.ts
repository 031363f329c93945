/** `tritrack drive`: serves the page in which a person drives, and keeps the recordings in a folder. */
import { Command } from "commander";
import open from "open";
import { type DriveServer, startDriveServer } from "../web/server/server.ts";
import { totals } from "../web/shared/recordings.ts";
import { networkPath } from "./common/driver.ts";
import { integer } from "./common/options.ts";
import { examples, print } from "./common/output.ts";

/** Always the same, so that recordings which a browser kept while the server was gone find their way back to it. */
const DEFAULT_PORT = 5050;
/** Not `recordings`, because that folder of a checkout holds source files. */
const DEFAULT_FOLDER = "my-drives";

/** Options of the command. */
interface Options {
  out: string;
  host: string;
  port: number;
  origin: string[];
  open: boolean;
  json?: boolean;
}

/** Makes the command. */
export default function drive(): Command {
  return new Command()
    .argument("[networks...]", "car networks to watch and to race, FILE.safetensors or zoo:NAME")
    .option("-o, --out <dir>", "folder of the recordings and of the best laps (laps.json)", DEFAULT_FOLDER)
    .option("--port <n>", "port of the page; 0 takes a free one", integer(0, 65535), DEFAULT_PORT)
    .option(
      "--host <address>",
      "address to listen on; beyond 127.0.0.1 other machines can read, and write with the token of the printed address",
      "127.0.0.1",
    )
    .option(
      "--origin <url>",
      "answer pages of this origin too, such as a proxy's; may be repeated",
      (origin: string, before: string[]) => [...before, origin],
      [],
    )
    .option("--no-open", "print the page's address without opening it")
    .addHelpText(
      "after",
      examples(
        [`drive; each episode becomes a file in ${DEFAULT_FOLDER}/`, "drive"],
        ["collect demonstrations in another folder", "drive --out my-demos"],
        ["watch a network of yours at work", "drive mine.safetensors"],
        ["drive on a phone in the same network", "drive --host 0.0.0.0"],
      ),
    )
    .action(run);
}

/** Serves until Ctrl-C, then sums up the recordings. */
async function run(networks: string[], options: Options): Promise<void> {
  const { out: folder, host, port, origin: origins } = options;
  const server = await startDriveServer({ folder, host, port, origins, networks: networks.map(networkPath) });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, async () => {
      const summary = options.json ? null : await summarize(server, folder).catch(() => null);
      if (summary) process.stdout.write(`\n${summary}\n`);
      await server.close();
    });
  const at = (url: string) => (networks.length > 0 ? `${url}#watch` : url);
  const url = at(server.url);
  const lines = [
    `Drive at ${url}`,
    ...server.elsewhere.map((other) => `From other machines: ${at(other)}`),
    `Recordings are saved in ${server.folder}`,
    "Press Ctrl-C to end.",
  ];
  print(options.json, { url, folder: server.folder }, lines.join("\n"));
  // A machine without a browser is no failure: the address is printed.
  if (options.open) await open(url).catch(() => {});
}

/** Sums up the recordings and names the command that learns from them. */
async function summarize(server: DriveServer, folder: string): Promise<string> {
  const { session, all } = await server.recordings();
  if (all.length === 0) return "Nothing was recorded.";
  const quoted = /^[\w./~-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`;
  return [
    `Recorded now: ${totals(session)}.`,
    `In ${server.folder}: ${totals(all)}.`,
    `Train a network on them: npx tritrack train car --demos ${quoted} --out mine.safetensors`,
  ].join("\n");
}
