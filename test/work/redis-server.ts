/** A real redis-server for tests, on a free port and with nothing on disk; and worker processes of the command line. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** True if there is a redis-server (Debian: `apt install redis-server`); tests of the queue are skipped without one. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
if (!hasRedis) process.stderr.write("no redis-server: the tests of the Redis queue are left out\n");

export class RedisServer {
  readonly port: number;
  readonly url: string;
  #process!: ChildProcess;

  private constructor(port: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  /** Starts it again, empty. */
  async start(): Promise<void> {
    const args = ["--port", String(this.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
    this.#process = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const chunk of this.#process.stdout!) if (/Ready to accept/.test(String(chunk))) break;
    this.#process.stdout!.resume();
  }

  /** Kills it at once, like a crash. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const tsx = import.meta.resolve("tsx");

/** Runs `tritrack` as a process without a shell or a launcher in between, so that a kill hits it. */
export function startTritrack(...args: string[]): ChildProcess {
  return spawn(process.execPath, ["--import", tsx, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Waits for a line of its stderr that matches. */
export function saying(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr!.on("data", (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    });
    child.on("exit", () => reject(new Error(`it ended, having said: ${text}`)));
  });
}
