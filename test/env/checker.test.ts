import { expect, test } from "vitest";
import { BrokenEnvironment, checkEnv } from "../../env/checker.ts";
import { make } from "../../env/index.ts";
import { CountingEnv } from "./counting-env.ts";

test.each([
  { continuous: true },
  { continuous: false },
  { domainRandomize: true, renderMode: "rgb_array" },
  { physics: "box2d-wasm", renderMode: "state_pixels" },
] as const)("CarRacing-v3 with %j passes", async (options) => {
  checkEnv(await make("CarRacing-v3", options));
});

class Broken extends CountingEnv {
  readonly fault: string;
  #resets = 0;

  constructor(fault: string) {
    super(50);
    this.fault = fault;
  }

  override reset(options = {}) {
    const result = super.reset(options);
    if (this.fault === "observation") result.observation = new Float64Array(3);
    if (this.fault === "seed") result.observation[1] = this.#resets++;
    return result;
  }

  override step(action: number) {
    const result = super.step(action);
    if (this.fault === "reward") result.reward = Number.NaN;
    if (this.fault === "terminated") result.terminated = 1 as unknown as boolean;
    if (this.fault === "info") result.info = null as never;
    if (this.fault === "chance") result.info = { chance: this.#resets++ };
    if (this.fault === "step") return undefined as never;
    return result;
  }
}

test.each([
  ["observation", "reset: expected an observation in Box(0.0, 1000000.0, (2,), float64)"],
  ["seed", "the same seed and the same actions: expected the same results"],
  ["reward", "step: expected a finite number for reward, got NaN"],
  ["terminated", "step: expected true or false for terminated, got 1"],
  ["info", "step: expected an object for info, got null"],
  ["chance", "the same seed and the same actions: expected the same results"],
  ["step", "step: expected { observation, reward, …, info }, got undefined"],
])("a fault in %s is found", (fault, message) => {
  expect(() => checkEnv(new Broken(fault))).toThrow(BrokenEnvironment);
  expect(() => checkEnv(new Broken(fault))).toThrow(message);
});

test("spaces and metadata are checked", () => {
  const without = (key: string, value: unknown) => Object.assign(new CountingEnv(5), { [key]: value });
  expect(() => checkEnv(null as never)).toThrow("expected an environment, got null");
  expect(() => checkEnv(without("close", undefined))).toThrow("close: expected a method");
  expect(() => checkEnv(without("actionSpace", { n: 4 }))).toThrow("actionSpace: expected a Space");
  expect(() => checkEnv(without("renderMode", "human"))).toThrow("renderMode: expected null or one of");
  expect(() => checkEnv(without("metadata", { renderModes: [], renderFps: 0 }))).toThrow(
    "renderFps: expected a number",
  );
});
