/** The server of the bridge against clients that are slow, wrong, hostile or gone, with one beside them that is well. */
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Random } from "../../../env/random.ts";
import { Connection, ConnectionLost, writeCall } from "../../../env/remote/connection-node.ts";
import { startListener } from "../../../env/remote/listener-node.ts";
import { NdArray } from "../../../env/remote/message.ts";
import { PROTOCOL, PROTOCOL_VERSION } from "../../../env/remote/protocol.ts";
import { type EnvServer, type EnvServerOptions, startEnvServer } from "../../../env/remote/server-node.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let server: EnvServer;
const connections: Connection[] = [];

async function start(options: EnvServerOptions = {}): Promise<void> {
  server = await startEnvServer("test", options);
}

async function open(options = {}): Promise<Connection> {
  const connection = await Connection.open(server.url, options);
  connections.push(connection);
  return connection;
}

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await server?.close();
});

/** A bare socket, before any hello. */
async function rawSocket(headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(server.url, { headers });
  await once(socket, "open");
  return socket;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, "close");
  return code;
}

const hello = (fields: object = {}) =>
  writeCall(0, "hello", { protocol: PROTOCOL, version: PROTOCOL_VERSION, ...fields });

/** A client that steps an environment of its own: `step` fails if anything happened to it. */
async function wellBehaved() {
  const connection = await open();
  const { env } = (await connection.call("make", { environment: "CarRacing-v3" })) as { env: number };
  await connection.call("reset", { env, seed: 1 });
  const action = NdArray.vector(Float32Array.of(0, 0.1, 0));
  return { step: () => connection.call("step", { env, action }) };
}

describe("admission", () => {
  test("this machine only, unless there is a token", async () => {
    await expect(startEnvServer("test", { host: "0.0.0.0" })).rejects.toThrow("expected a token");
    await start();
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:/);
  });

  test("no page of another origin, so none unless it is named", async () => {
    await start({ origins: ["http://localhost:3000"] });
    const refused = new WebSocket(server.url, { origin: "http://evil.example" });
    await expect(once(refused, "open")).rejects.toThrow("403");
    const named = new WebSocket(server.url, { origin: "http://localhost:3000" });
    await once(named, "open");
    named.terminate();
  });

  test("nobody without the token", async () => {
    await start({ token: "secret" });
    await expect(open()).rejects.toThrow("401");
    await expect(open({ token: "secreT" })).rejects.toThrow("401");
    await open({ token: "secret" });
  });

  test("no more clients than the limit; one that leaves makes room", async () => {
    await start({ limits: { clients: 2 } });
    const first = await open();
    await open();
    await expect(open()).rejects.toThrow("503");
    first.close();
    await expect.poll(() => server.clients()).toBe(1);
    await open();
  });
});

describe("the handshake", () => {
  beforeEach(() => start());

  test("a client of another version gets an error that says so", async () => {
    const socket = await rawSocket();
    socket.send(hello({ version: 99 }));
    const [[answer], code] = await Promise.all([once(socket, "message"), closeCode(socket)]);
    expect(String(answer)).toContain("version 99");
    expect(code).toBe(1002);
  });

  for (const [name, bytes] of Object.entries({
    "another call first": writeCall(0, "make", { environment: "CarRacing-v3" }),
    "noise first": Uint8Array.of(1, 2, 3),
    "a hello that is too long": hello({ padding: "x".repeat(5000) }),
  })) {
    test(`${name} ends the connection`, async () => {
      const socket = await rawSocket();
      socket.send(bytes);
      expect(await closeCode(socket)).toBe(1002);
    });
  }

  test("text ends the connection", async () => {
    const socket = await rawSocket();
    socket.send("hello");
    expect(await closeCode(socket)).toBe(1002);
  });
});

describe("a client that misbehaves loses its connection, and the one beside it does not notice:", () => {
  const modules = [new URL("./strange-envs.ts", import.meta.url).href];

  test("a message over the limit", async () => {
    await start();
    const well = await wellBehaved();
    const socket = await rawSocket();
    socket.send(hello());
    socket.send(new Uint8Array(2 ** 21));
    expect(await closeCode(socket)).toBe(1009);
    await well.step();
  });

  test("more calls at once than may wait", async () => {
    await start();
    const well = await wellBehaved();
    const socket = await rawSocket();
    socket.send(hello());
    const code = closeCode(socket);
    for (let i = 0; i < 5000; i++) socket.send(writeCall(i, "reset", { env: 0 }));
    expect(await code).toBe(1008);
    await well.step();
  });

  test("a call that never ends", async () => {
    await start({ modules, limits: { secondsPerCall: 2 } });
    const well = await wellBehaved();
    const stuck = await open();
    const { env } = (await stuck.call("make", { environment: "Endless-v0" })) as { env: number };
    await stuck.call("reset", { env });
    const lost = expect(stuck.call("step", { env, action: 0 })).rejects.toThrow("longer than 2 seconds");
    for (let step = 0; step < 20; step++) await well.step();
    await lost;
    await well.step();
    await expect.poll(() => server.clients()).toBe(1);
  });

  test("nobody by a time limit that is longer than a timer of Node", async () => {
    await start({ limits: { secondsPerCall: 1e9, idleSeconds: 1e9 } });
    const well = await wellBehaved();
    for (let step = 0; step < 3; step++) await well.step();
  });

  test("a call that eats all memory", async () => {
    await start({ modules });
    const well = await wellBehaved();
    const hungry = await open();
    const { env } = (await hungry.call("make", { environment: "Hungry-v0" })) as { env: number };
    await hungry.call("reset", { env });
    await expect(hungry.call("step", { env, action: 0 })).rejects.toThrow(ConnectionLost);
    await well.step();
  });

  test("one that is idle, as soon as it has been for too long", async () => {
    await start({ limits: { idleSeconds: 0.4 } });
    const socket = await rawSocket();
    socket.send(hello());
    expect(await closeCode(socket)).toBe(4000);
    await expect.poll(() => server.clients()).toBe(0);
  });

  test("noise in the place of WebSocket frames, truncated frames, noise in messages", async () => {
    await start();
    const well = await wellBehaved();
    const random = new Random(3);
    const noise = (length: number) => Uint8Array.from({ length }, () => random.integers(256));
    const { hostname, port } = new URL(server.url);
    const upgrade = [
      "GET / HTTP/1.1",
      `Host: ${hostname}:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ].join("\r\n");
    for (let i = 0; i < 60; i++) {
      const socket = connectTcp(Number(port), hostname).on("error", () => {});
      if (i % 3 > 0) socket.write(`${upgrade}\r\n\r\n`);
      // A frame's header that promises more than ever comes: 2^63 bytes, or just a few.
      if (i % 3 === 2) socket.write(Uint8Array.of(0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255));
      socket.end(noise(1 + random.integers(300)));
      await once(socket.resume(), "close");
    }
    for (let i = 0; i < 60; i++) {
      const socket = await rawSocket();
      if (i % 2 === 0) socket.send(hello());
      socket.send(noise(random.integers(300)));
      await once(socket, "message");
      socket.terminate();
    }
    await well.step();
    await expect.poll(() => server.clients()).toBe(1);
  });

  test("a thousand connections, opened and dropped: none is left, nor anything that it held", async () => {
    server = await startListener("test", { limits: { clients: 1100 } }); // in this thread, whose memory is measured
    const well = await wellBehaved();
    const openAndDrop = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const sockets = await Promise.all(Array.from({ length: 50 }, () => rawSocket()));
        for (const [k, socket] of sockets.entries()) {
          if (k % 2 === 0) socket.send(hello());
          socket.terminate();
        }
      }
      await expect.poll(() => server.clients(), { timeout: 10_000 }).toBe(1);
      collectGarbage();
      return process.memoryUsage().heapUsed / 1e6;
    };
    const before = await openAndDrop(4);
    // Were all thousand kept, it would be 3.4 MB.
    expect(await openAndDrop(20)).toBeLessThan(before + 1.5);
    await well.step();
  });
});
