/** Tests of the bridge's calls: one client's environments beside the same ones made here. */
import { beforeEach, describe, expect, test } from "vitest";
import { type Env, SyncVectorEnv } from "../../../env/index.ts";
import { make } from "../../../env/registry.ts";
import { readAnswer, writeCall } from "../../../env/remote/connection-node.ts";
import { decodeMessage, NdArray } from "../../../env/remote/message.ts";
import { Session } from "../../../env/remote/session-node.ts";

let session: Session;
beforeEach(() => {
  session = new Session({ limits: { environments: 5 }, environments: ["CarRacing-v3"], modules: [] });
});

// biome-ignore lint/suspicious/noExplicitAny: answers differ from call to call
async function call(name: string, fields: Record<string, unknown> = {}): Promise<any> {
  return readAnswer(1, await session.answer(writeCall(1, name, fields)));
}

const makeCar = (fields: object = {}) => call("make", { environment: "CarRacing-v3", ...fields });
const action = NdArray.vector(Float32Array.of(0.2, 0.5, 0));

describe("one environment", () => {
  test("gives the same results as the same one here", async () => {
    const { env } = await makeCar({ kwargs: { lap_complete_percent: 0.9 }, max_episode_steps: 3 });
    const here = await make("CarRacing-v3", { lapCompletePercent: 0.9, maxEpisodeSteps: 3 });
    const seed = 2n ** 70n;
    const first = await call("reset", { env, seed: seed.toString() });
    expect(first.observation).toEqual(new NdArray("uint8", [96, 96, 3], here.reset({ seed }).observation));
    for (let step = 0; step < 3; step++) {
      const { observation, info, ...rest } = await call("step", { env, action });
      const expected = here.step([...(action.data as Float32Array)]);
      expect(observation.data).toEqual(expected.observation);
      expect(rest).toEqual({
        reward: expected.reward,
        terminated: false,
        truncated: step === 2,
      });
      expect(info).toEqual({});
    }
    here.close();
  });

  test("tells its spaces, metadata and spec in Gymnasium's names", async () => {
    const made = await makeCar({ kwargs: { continuous: false, render_mode: "rgb_array" } });
    expect(made.action_space).toEqual({ type: "Discrete", n: 5, start: 0 });
    expect(made.observation_space.low.shape).toEqual([96, 96, 3]);
    expect(made.metadata).toEqual({ render_modes: ["rgb_array", "state_pixels"], render_fps: 50 });
    expect(made.spec).toMatchObject({ id: "CarRacing-v3", max_episode_steps: 1000, reward_threshold: 900 });
    const { env } = made;
    expect(await call("spaces", { env })).toEqual({
      action_space: made.action_space,
      observation_space: made.observation_space,
    });
    await call("reset", { env, seed: 1 });
    const { frame } = await call("render", { env });
    expect(frame.shape).toEqual([400, 600, 3]);
  });

  test("goes on after an error, which comes with its class", async () => {
    const { env } = await makeCar();
    await expect(call("step", { env, action })).rejects.toThrow(
      expect.objectContaining({ name: "ResetNeeded" }),
    );
    await call("reset", { env, seed: 1 });
    const broken = NdArray.vector(Float32Array.of(Number.NaN, 0, 0));
    await expect(call("step", { env, action: broken })).rejects.toThrow("three finite numbers");
    await expect(call("step", { env, action: "left" })).rejects.toThrow("three finite numbers");
    await expect(call("reset", { env, seed: -1 })).rejects.toThrow("seed");
    await expect(call("reset", { env, seed: { a: 1 } })).rejects.toThrow("seed");
    await expect(call("reset", { env, options: { wheels: 5 } })).rejects.toThrow("takes no option");
    await call("step", { env, action });
    await call("close", { env });
    await expect(call("step", { env, action })).rejects.toThrow(`no environment ${env}`);
  });
});

test("calls that make no sense are answered with an error under their number", async () => {
  await expect(call("fly", { env: 0 })).rejects.toThrow("no environment 0");
  await expect(call("make", { environment: "constructor" })).rejects.toThrow("expected CarRacing-v3");
  await expect(makeCar({ kwargs: { wings: 2 } })).rejects.toThrow("takes no option");
  await expect(makeCar({ kwargs: [] })).rejects.toThrow('"kwargs"');
  await expect(makeCar({ num_envs: 1e9 })).rejects.toThrow("at most 5");
  const { env } = await makeCar();
  await expect(call("fly", { env })).rejects.toThrow("expected the call");
  const answer = decodeMessage(await session.answer(writeCall(77, "make", {})));
  expect(answer).toMatchObject({ id: 77, error: { name: "ProtocolError" } });
  expect(decodeMessage(await session.answer(new Uint8Array(3)))).toMatchObject({ id: null });
});

test("a client's environments are counted, and closing gives room again", async () => {
  const { env } = await makeCar({ num_envs: 4 });
  await makeCar();
  await expect(makeCar()).rejects.toThrow("at most 5 environments");
  await call("close", { env });
  await makeCar({ num_envs: 4 });
});

describe("a vector of environments", () => {
  for (const mode of ["next-step", "same-step"] as const) {
    test(`equals SyncVectorEnv, ${mode}`, async () => {
      const options = { maxEpisodeSteps: 3, continuous: false };
      const envs = [await make("CarRacing-v3", options), await make("CarRacing-v3", options)] as Env<
        Uint8Array,
        number
      >[];
      const here = new SyncVectorEnv(envs, { autoresetMode: mode });
      const kwargs = { continuous: false };
      const { env } = await makeCar({ num_envs: 2, max_episode_steps: 3, kwargs, autoreset_mode: mode });
      const seed = [7, "8"];
      expect((await call("reset", { env, seed })).observations.data).toEqual(
        here.reset({ seed: [7, 8] }).observations,
      );
      for (let step = 0; step < 5; step++) {
        const actions = [3, step % 5];
        const answer = await call("step", { env, actions: NdArray.vector(Int32Array.from(actions)) });
        const expected = here.step(actions);
        expect(answer.observations).toEqual(new NdArray("uint8", [2, 96, 96, 3], expected.observations));
        expect(answer.rewards.data).toEqual(expected.rewards);
        expect([...answer.truncations.data].map(Boolean)).toEqual(expected.truncations);
        const ended = expected.infos.find((info) => info.finalObs);
        const said = answer.infos?.find((info: object) => "final_obs" in info);
        expect(said?.final_obs.data).toEqual(ended?.finalObs);
      }
      here.close();
      await call("close", { env });
    });
  }

  test("wants an action for each", async () => {
    const { env } = await makeCar({ num_envs: 2 });
    await call("reset", { env, seed: 1 });
    await expect(call("step", { env, actions: action })).rejects.toThrow("expected 2 actions");
    await expect(call("step", { env })).rejects.toThrow("actions");
    await expect(call("render", { env })).rejects.toThrow("vector");
    await call("close", { env });
  });
});
