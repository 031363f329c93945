/** RemoteEnv against `tritrack serve` in a process of its own: it is used like any environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkEnv, FrameStack, make } from "../../../env/index.ts";
import { RemoteEnv } from "../../../env/node.ts";

let server: ChildProcess;
let url: string;

beforeAll(async () => {
  const args = [
    "--import",
    "tsx",
    "src/cli/main.ts",
    "serve",
    "--port",
    "0",
    "--json",
    "--until-stdin-closes",
  ];
  const env = { ...process.env, TRITRACK_TOKEN: "secret" };
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  server = child;
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  url = JSON.parse(value).url;
});

afterAll(async () => {
  server.stdin!.end();
  if (server.exitCode === null) await new Promise((resolve) => server.once("exit", resolve));
});

test("passes checkEnv, in pictures too", async () => {
  const env = await RemoteEnv.connect(url, "CarRacing-v3", {
    token: "secret",
    kwargs: { renderMode: "rgb_array" },
  });
  checkEnv(env);
  env.close();
});

test("gives the same results as the same environment here, wrapped or not", async () => {
  const there = await RemoteEnv.connect(url, "CarRacing-v3", { token: "secret", maxEpisodeSteps: 4 });
  const here = await make("CarRacing-v3", { maxEpisodeSteps: 4 });
  expect(there.spec).toEqual(here.spec);
  expect(String(there.observationSpace)).toBe(String(here.observationSpace));
  const [a, b] = [new FrameStack(there, 2), new FrameStack(here, 2)];
  const seed = 2n ** 64n;
  expect(a.reset({ seed })).toEqual(b.reset({ seed }));
  for (let step = 0; step < 4; step++) expect(a.step([0.1, 0.5, 0])).toEqual(b.step([0.1, 0.5, 0]));
  there.close();
  here.close();
});

test("errors are of the same classes, and end nothing", async () => {
  const env = await RemoteEnv.connect(url, "CarRacing-v3", { token: "secret" });
  expect(() => env.step([0, 0, 0])).toThrow(expect.objectContaining({ name: "ResetNeeded" }));
  env.reset({ seed: 1 });
  expect(() => env.step([0, 0])).toThrow(expect.objectContaining({ name: "InvalidAction" }));
  env.step([0, 0, 0]);
  env.close();
  env.close();
  expect(() => env.step([0, 0, 0])).toThrow(expect.objectContaining({ name: "ClosedEnvironment" }));
  const options = { token: "secret", kwargs: { wheels: 5 } };
  await expect(RemoteEnv.connect(url, "CarRacing-v3", options)).rejects.toThrow("takes no option");
});

test("without the token, or without a server, connecting fails with the cause", async () => {
  await expect(RemoteEnv.connect(url, "CarRacing-v3")).rejects.toThrow("401");
  await expect(RemoteEnv.connect("ws://127.0.0.1:9", "CarRacing-v3")).rejects.toThrow("ECONNREFUSED");
  await expect(RemoteEnv.connect("nowhere", "CarRacing-v3")).rejects.toThrow("ws://127.0.0.1");
});
