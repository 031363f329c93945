/** `tritrack drive`: serves the page in which a person drives, and keeps the recordings in a folder. */
import { Command } from "commander";
import open from "open";
import { startDriveServer } from "../web/server/server.ts";
import { networkPath } from "./common/driver.ts";
import { integer } from "./common/options.ts";
import { examples, print } from "./common/output.ts";

/** Always the same, so that recordings which a browser kept while the server was gone find their way back to it. */
const DEFAULT_PORT = 5050;

interface Options {
  out: string;
  host: string;
  port: number;
  open: boolean;
  json?: boolean;
}

export default function drive(): Command {
  return new Command()
    .argument("[networks...]", "car networks, FILE.safetensors or zoo:NAME, to watch and to race")
    .option(
      "-o, --out <dir>",
      "folder of the recordings and of the leaderboard (laps.json); made if it is missing",
      "recordings",
    )
    .option("--port <n>", "port of the page; 0 takes any free one", integer(0, 65535), DEFAULT_PORT)
    .option(
      "--host <address>",
      "address to listen on; beyond 127.0.0.1 others can drive and read too",
      "127.0.0.1",
    )
    .option("--no-open", "print the page's address without opening it")
    .addHelpText(
      "after",
      examples(
        ["drive; each episode becomes a file in recordings/", "drive"],
        ["collect demonstrations in a folder of their own", "drive --out my-demos"],
        ["watch a network of yours at work", "drive mine.safetensors"],
      ),
    )
    .action(run);
}

/** Serves until Ctrl-C. */
async function run(networks: string[], { out: folder, host, port, ...options }: Options): Promise<void> {
  const server = await startDriveServer({ folder, host, port, networks: networks.map(networkPath) });
  const url = networks.length > 0 ? `${server.url}#watch` : server.url;
  const text = `Drive at ${url}\nRecordings are saved in ${server.folder}\nCtrl-C ends.`;
  print(options.json, { url, folder: server.folder }, text);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close());
  // No browser to open, as on a server, is no failure: the address is printed.
  if (options.open) await open(url).catch(() => {});
}
