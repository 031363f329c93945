/** `tritrack serve`: offers the environments to other programs over WebSocket, in Python or any other language. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command, Option } from "commander";
import { DEFAULT_LIMITS } from "../../env/remote/protocol.ts";
import { startEnvServer } from "../../env/remote/server-node.ts";
import { VERSION } from "../../recordings/version.ts";
import { integer, number } from "./common/options.ts";
import { examples, print } from "./common/output.ts";

/** Port on which clients look for a server by default. */
const DEFAULT_PORT = 8765;

interface Options {
  host: string;
  port: number;
  token?: string;
  origin: string[];
  register: string[];
  maxClients: number;
  maxEnvs: number;
  maxMessage: number;
  callTimeout: number;
  idleTimeout: number;
  untilStdinCloses?: boolean;
  json?: boolean;
}

/** Makes the command: its arguments, options, examples and action. */
export default function serveCommand(): Command {
  const { clients, environments, messageBytes, secondsPerCall, idleSeconds } = DEFAULT_LIMITS;
  return new Command()
    .option("--port <n>", "port to listen on; 0 takes any free one", integer(0, 65535), DEFAULT_PORT)
    .option("--host <address>", "address to listen on; any but this machine's own needs a token", "127.0.0.1")
    .addOption(
      new Option(
        "--token <text>",
        "secret that clients must send; other users of this machine can see it in the list of processes, but not in the variable",
      ).env("TRITRACK_TOKEN"),
    )
    .option("--origin <url...>", "web pages that may connect, such as http://localhost:3000", [])
    .option("--register <module...>", "modules that register environments of your own", [])
    .option("--max-clients <n>", "most clients at once", integer(1), clients)
    .option("--max-envs <n>", "most environments of one client", integer(1), environments)
    .option("--max-message <bytes>", "largest message to the server", integer(4096), messageBytes)
    .option(
      "--call-timeout <seconds>",
      "time after which the client of an unfinished call is disconnected",
      number(0.1),
      secondsPerCall,
    )
    .option(
      "--idle-timeout <seconds>",
      "time without a call after which a client is disconnected",
      number(1),
      idleSeconds,
    )
    .option("--until-stdin-closes", "end when standard input ends, for programs that start a server")
    .addHelpText(
      "after",
      examples(
        ["for gymnasium.make in Python (pip install tritrack-gym)", "serve"],
        ["for other machines", "serve --host 0.0.0.0 --token SECRET"],
      ),
    )
    .action(run);
}

/** Serves until Ctrl-C. */
async function run(options: Options): Promise<void> {
  const { host, port, token, origin: origins } = options;
  const server = await startEnvServer(`tritrack ${VERSION}`, {
    host,
    port,
    token,
    origins,
    modules: options.register.map((path) => pathToFileURL(resolve(path)).href),
    limits: {
      clients: options.maxClients,
      environments: options.maxEnvs,
      messageBytes: options.maxMessage,
      secondsPerCall: options.callTimeout,
      idleSeconds: options.idleTimeout,
    },
  });
  print(options.json, { url: server.url, pid: process.pid }, `Environments at ${server.url}\nCtrl-C ends.`);
  const end = () => void server.close().then(() => process.exit());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  if (options.untilStdinCloses) process.stdin.on("error", end).on("end", end).resume();
}
