/** A server and its clients in one program, which used to wait for each other for ever. */
import { once } from "node:events";
import { request } from "node:http";
import { connect as connectTcp } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import {
  ClosedEnvironment,
  InvalidAction,
  make,
  NO_ACTION,
  ResetNeeded,
  SyncVectorEnv,
  TritrackError,
} from "../../../env/index.ts";
import { RemoteEnv, RemoteVectorEnv, startEnvServer } from "../../../env/node.ts";
import { Connection, ConnectionLost } from "../../../env/remote/connection-node.ts";
import { decodeMessage, encodeMessage, ProtocolError } from "../../../env/remote/message.ts";
import { checkNode, type EnvServer } from "../../../env/remote/server-node.ts";

let server: EnvServer;
beforeEach(async () => {
  server = await startEnvServer("test", { limits: { clients: 3 } });
});
afterEach(() => server.close());

test("RemoteEnv drives an environment of a server in the same program", async () => {
  const there = await RemoteEnv.connect(server.url, "CarRacing-v3", { timeout: 30 });
  const here = await make("CarRacing-v3");
  expect(there.reset({ seed: 3 })).toEqual(here.reset({ seed: 3 }));
  for (let step = 0; step < 5; step++) expect(there.step([0, 1, 0])).toEqual(here.step([0, 1, 0]));
  there.close();
  here.close();
});

test("seeds of any size arrive, and a step without an action", async () => {
  const there = await RemoteEnv.connect<Uint8Array, ArrayLike<number> | typeof NO_ACTION>(
    server.url,
    "CarRacing-v3",
  );
  const here = await make("CarRacing-v3");
  for (const seed of [2n ** 64n - 1n, 10n ** 99n, 2n ** 60000n, 2 ** 53 - 1])
    expect(there.reset({ seed }).observation).toEqual(here.reset({ seed }).observation);
  there.step([0.2, 1, 0]);
  here.step([0.2, 1, 0]);
  const unsteered = there.step(NO_ACTION);
  expect(unsteered).toMatchObject({ reward: 0, terminated: false, info: {} });
  expect(unsteered).toEqual(here.unwrapped.step(NO_ACTION));
  expect(there.step([0, 0, 0])).toEqual(here.step([0, 0, 0]));
  expect(() => there.reset({ seed: -1 })).toThrow("seed: expected a whole number from 0 up");
  there.close();
});

test("a vector of the server takes steps without an action", async () => {
  const connection = await Connection.open(server.url);
  const { env } = (await connection.call("make", { environment: "CarRacing-v3", num_envs: 3 })) as {
    env: number;
  };
  await connection.call("reset", { env, seed: 4 });
  const made = await Promise.all([0, 1, 2].map(() => make("CarRacing-v3")));
  const here = new SyncVectorEnv(made as never[]);
  here.reset({ seed: 4 });
  const drive = [0, 1, 0];
  for (const actions of [
    [drive, drive, drive],
    [null, drive, null],
    [drive, null, drive],
  ]) {
    const { rewards } = (await connection.call("step", { env, actions })) as {
      rewards: { data: Float64Array };
    };
    const expected = here.step(actions.map((action) => action ?? NO_ACTION) as never[]);
    expect(rewards.data).toEqual(expected.rewards);
  }
  connection.close();
});

test.each(["next-step", "same-step", "disabled"] as const)(
  "RemoteVectorEnv gives what SyncVectorEnv gives, %s",
  async (autoresetMode) => {
    const options = { maxEpisodeSteps: 3 };
    const there = await RemoteVectorEnv.connect<Uint8Array, number[]>(server.url, "CarRacing-v3", {
      numEnvs: 2,
      autoresetMode,
      ...options,
    });
    const made = [await make("CarRacing-v3", options), await make("CarRacing-v3", options)];
    const here = new SyncVectorEnv<Uint8Array, number[]>(made as never[], { autoresetMode });
    expect(String(there.observationSpace)).toBe(String(here.observationSpace));
    const actions = [
      [0, 1, 0],
      [0.2, 0.5, 0],
    ];
    const bytes = <Result extends { observations: Uint8Array }>(result: Result) => ({
      ...result,
      observations: Buffer.from(result.observations).toString("base64"),
    });
    expect(() => there.step(actions)).toThrow(ResetNeeded);
    expect(bytes(there.reset({ seed: 7 }))).toEqual(bytes(here.reset({ seed: 7 })));
    for (let step = 0; step < (autoresetMode === "disabled" ? 3 : 5); step++)
      expect(bytes(there.step(actions))).toEqual(bytes(here.step(actions)));
    expect(() => there.step([[0, 1]] as never)).toThrow(InvalidAction);
    if (autoresetMode === "disabled") {
      expect(() => there.step(actions)).toThrow("environment 0 has ended; reset it with a mask first");
      const mask = [true, false];
      expect(bytes(there.reset({ seed: 9, mask }))).toEqual(bytes(here.reset({ seed: 9, mask })));
      expect(() => there.step(actions)).toThrow("environment 1 has ended; reset it with a mask first");
    }
    there.close();
    there.close();
    expect(() => there.reset()).toThrow(ClosedEnvironment);
    here.close();
  },
);

test("connections without a request are bounded, beside those of the clients", async () => {
  const { hostname, port } = new URL(server.url);
  const sockets = Array.from({ length: 80 }, () => connectTcp(Number(port), hostname).on("error", () => {}));
  const closed = () => sockets.filter((socket) => socket.closed || socket.readableEnded).length;
  for (const socket of sockets) socket.resume();
  await expect.poll(closed, { timeout: 5000 }).toBe(80 - 3 - 64);
  for (const socket of sockets) socket.destroy();
});

test("an environment that nothing refers to any more leaves its place", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  for (let i = 0; i < 4; i++) {
    await RemoteEnv.connect(server.url, "CarRacing-v3");
    await expect(RemoteEnv.connect(server.url, "CarRacing-v3", { kwargs: { wheels: 5 } })).rejects.toThrow(
      "takes no option",
    );
    const clients = () => {
      collectGarbage();
      return server.clients();
    };
    await expect.poll(clients, { timeout: 5000 }).toBe(0);
  }
});

test("the server's thread reports a port that is taken", async () => {
  const port = Number(new URL(server.url).port);
  await expect(startEnvServer("test", { port })).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${port}: the port is taken`,
  );
  await expect(startEnvServer("test", { modules: ["file:///nowhere.js"] })).rejects.toThrow(
    "cannot load the module file:///nowhere.js: Cannot find module",
  );
});

test("an old Node is refused when the server starts: clients' threads used to fail on it later", () => {
  for (const version of ["20.19.0", "20.20.2", "22.0.0", "100.1.0"]) checkNode(version);
  for (const version of ["20.18.9", "18.20.8", "8.99.0"]) {
    expect(() => checkNode(version)).toThrow(
      new TritrackError(
        `expected Node.js 20.19 or newer, got ${version}; install it from https://nodejs.org`,
      ),
    );
  }
});

describe("HTTP answers", () => {
  async function answer(headers: Record<string, string>) {
    const asked = request(server.url.replace("ws:", "http:"), { headers }).end();
    const [response] = await once(asked, "response");
    let body = "";
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, headers: response.headers, body };
  }
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  test.each([
    [{}, 426, "this server speaks WebSocket: connect to it with ws://\n"],
    [{ origin: "http://evil.example" }, 403, 'pages of "http://evil.example" may not connect\n'],
    [{ host: "evil.example" }, 403, 'expected this machine as the host, got "evil.example"\n'],
    [{ ...upgrade, origin: "http://evil.example" }, 403, 'pages of "http://evil.example" may not connect'],
    [
      { ...upgrade, host: "evil.example:80" },
      403,
      'expected this machine as the host, got "evil.example:80"',
    ],
  ])("to %o may be framed nowhere and are taken for nothing else", async (headers, status, body) => {
    const given = await answer(headers);
    expect(given).toMatchObject({ status, body });
    expect(given.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "frame-ancestors 'none'",
      "content-type": "text/plain; charset=utf-8",
    });
  });

  test("names of this machine are hosts of it", async () => {
    for (const host of ["localhost", "LOCALHOST:80", "[::1]:80", "127.0.0.2"])
      expect(await answer({ host })).toMatchObject({ status: 426 });
  });
});

describe("a server that answers another call than was made", () => {
  let liar: WebSocketServer;
  let url: string;
  beforeEach(async () => {
    liar = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(liar, "listening");
    url = `ws://127.0.0.1:${(liar.address() as { port: number }).port}`;
    liar.on("connection", (socket) =>
      socket.on("message", (bytes: Buffer) => {
        const { id, call } = decodeMessage(new Uint8Array(bytes)) as { id: number; call: string };
        const result = { protocol: "tritrack-remote", version: 1 };
        socket.send(encodeMessage({ id: call === "hello" ? id : id + 1, result }));
      }),
    );
  });
  afterEach(() => void liar.close());

  test("loses the connection", async () => {
    const connection = await Connection.open(url);
    await expect(connection.call("spaces", {})).rejects.toThrow(
      new ProtocolError("message: expected the answer to call 1, got 2"),
    );
    await expect(connection.call("spaces", {})).rejects.toThrow(ConnectionLost);
  });
});
