/**
 * The listening side of the environments' server: who may connect, and what is told to those who may not. It runs in the
 * thread that it is called in; server-node.ts gives it a thread of its own.
 *
 * Programs send no `Origin`, browsers always do: pages are refused unless their origin is named. Without a token the
 * request must also name this machine as its host, which refuses pages under DNS names that were rebound to it.
 */
import { createServer, type IncomingMessage } from "node:http";
import { availableParallelism } from "node:os";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { shorten } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { hostOf, isLoopback, isSameText, listen, SECURITY_HEADERS, urlOf } from "../http-node.ts";
import { registeredIds } from "../registry.ts";
import { Client, Gate, HANDSHAKE_TIME, type House } from "./client-node.ts";
import { CloseCode, DEFAULT_LIMITS, type Limits, PROTOCOL, PROTOCOL_VERSION } from "./protocol.ts";
import type { EnvServer, EnvServerOptions } from "./server-node.ts";

/** Connections that may be in their HTTP handshake beside the clients. */
const PENDING_CONNECTIONS = 64;
/** Interval of looks at whether clients are still there, milliseconds. */
const PING_EVERY = 30_000;
const TEXT_HEADERS = {
  ...SECURITY_HEADERS,
  "content-type": "text/plain; charset=utf-8",
  connection: "close",
};

/** An HTTP status and the reason for it. */
type Refusal = readonly [status: number, title: string, why: string];

/**
 * Serves until `close`, in the present thread.
 * @param name program and version, for clients: "tritrack 0.1.0"
 * @param onClients called with the number of clients whenever it changes
 * @throws {@link InvalidOption} on an open host without token, a limit that is no number above 0, a module that fails
 * @throws {@link TritrackError} when the port cannot be opened
 */
export async function startListener(
  name: string,
  options: EnvServerOptions,
  onClients: (count: number) => void = () => {},
): Promise<EnvServer> {
  const { host = "127.0.0.1", port = 0, token, origins = [], modules = [] } = options;
  if (!isLoopback(host) && !token)
    throw new InvalidOption(`expected a token with the address ${host}, which others can reach`);
  const limits = checkLimits({ ...DEFAULT_LIMITS, ...options.limits });
  for (const module of modules) {
    await import(module).catch((error) => {
      throw new InvalidOption(`cannot load the module ${module}: ${error.message}`);
    });
  }
  const environments = options.environments ?? registeredIds();
  const house: House = {
    limits,
    session: { limits, environments, modules },
    welcome: { protocol: PROTOCOL, version: PROTOCOL_VERSION, server: name, environments, limits },
    starts: new Gate(availableParallelism()),
  };
  const clients = new Set<Client>();
  const refusal = (request: IncomingMessage) => refuse(request, token, origins);
  const server = createServer((request, response) => {
    const upgrade = [
      426,
      "Upgrade Required",
      "this server speaks WebSocket: connect to it with ws://",
    ] as const;
    const [status, , why] = refusal(request) ?? upgrade;
    response.writeHead(status, TEXT_HEADERS).end(`${why}\n`);
  });
  server.headersTimeout = HANDSHAKE_TIME;
  server.requestTimeout = HANDSHAKE_TIME;
  server.maxConnections = limits.clients + PENDING_CONNECTIONS;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });
  server.on("upgrade", (request, socket, head) => {
    const full = [503, "Service Unavailable", `this server takes ${limits.clients} clients`] as const;
    const refused = refusal(request) ?? (clients.size >= limits.clients ? full : null);
    if (refused) return turnAway(socket, ...refused);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = new Client(webSocket, house, isLoopback(peerOf(request)));
      onClients(clients.add(client).size);
      webSocket.once("close", () => {
        clients.delete(client);
        onClients(clients.size);
      });
    });
  });
  const opened = await listen(server, port, host);
  // Not before: a timer would keep a program alive whose port is taken.
  const every = Math.min(PING_EVERY, 500 * limits.idleSeconds);
  const watch = setInterval(() => {
    for (const client of clients) client.check();
  }, every);
  return {
    url: urlOf("ws", host, opened),
    limits,
    clients: () => clients.size,
    close: async () => {
      clearInterval(watch);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...clients].map((client) => client.end(CloseCode.goingAway, "the server ends")));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The reason why a request is turned away, or null. */
function refuse(
  { headers }: IncomingMessage,
  token: string | undefined,
  origins: readonly string[],
): Refusal | null {
  const { origin, authorization, host } = headers;
  if (origin !== undefined && !origins.includes(origin))
    return [403, "Forbidden", `pages of ${shorten(JSON.stringify(origin))} may not connect`];
  if (token === undefined) {
    if (isLoopback(hostOf(host)) || origin !== undefined) return null;
    return [
      403,
      "Forbidden",
      `expected this machine as the host, got ${shorten(JSON.stringify(host ?? ""))}`,
    ];
  }
  if (!isSameText(authorization ?? "", `Bearer ${token}`))
    return [401, "Unauthorized", "expected the server's token"];
  return null;
}

/** The address of the other end; one of IPv4 without the prefix that a socket for both gives it. */
function peerOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

function turnAway(socket: Duplex, status: number, title: string, why: string): void {
  socket.on("error", () => {});
  const headers = { ...TEXT_HEADERS, "content-length": Buffer.byteLength(why) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join("\r\n")}\r\n\r\n${why}`);
}

function checkLimits(limits: Limits): Limits {
  for (const [name, value] of Object.entries(limits)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new InvalidOption(`expected a number above 0 as the limit ${name}, got ${value}`);
  }
  return limits;
}
