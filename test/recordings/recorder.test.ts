import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ActionRepeat,
  Autoreset,
  type CarAction,
  type CarRacingEnv,
  type Env,
  FrameStack,
  GrayscaleObservation,
  InvalidAction,
  InvalidOption,
  make,
  RecordEpisodeStatistics,
  RescaleAction,
  StickyAction,
  TimeLimit,
  Wrapper,
} from "../../env/index.ts";
import { samples, totalFrames } from "../../recordings/dataset.ts";
import { type Driver, type Episode, formatEpisode, parseEpisode } from "../../recordings/episode.ts";
import { parseJournal } from "../../recordings/journal.ts";
import { makeRecordedEnv, ReplayMismatch, replay, verify } from "../../recordings/player.ts";
import { Recorder, type RecordingSink } from "../../recordings/recorder.ts";
import { loadCommitted } from "../golden.ts";

const driver: Driver = { kind: "human", name: "tester" };
/** Longer than one line of the journal, shorter than two. */
const STEPS = 70;

/** A sink in memory: the journals, and how many were ended. */
function memorySink() {
  const journals: string[] = [];
  const sink = {
    journals,
    ended: 0,
    begin: () => void journals.push(""),
    write: (line: string) => void (journals[journals.length - 1] += line),
    end: () => void sink.ended++,
  } satisfies RecordingSink & Record<string, unknown>;
  return sink;
}

/** Steering that no float32 holds exactly. */
const action = (step: number) => [0.3 * Math.sin(step / 7), 0.4, 0.1 / 3];

let env: CarRacingEnv;
let replayEnv: Env<Uint8Array, Float32Array>;
let sink: ReturnType<typeof memorySink>;
let recorder: Recorder;
/** A recorded episode of 70 steps that its time limit ended. */
let episode: Episode;

beforeAll(async () => {
  env = await make("CarRacing-v3", { maxEpisodeSteps: STEPS, renderMode: "state_pixels" });
  sink = memorySink();
  recorder = new Recorder(env, { driver, sink });
  recorder.reset({ seed: 7 });
  for (let step = 0; step < STEPS; step++) recorder.step(action(step));
  episode = recorder.episode()!;
  replayEnv = await makeRecordedEnv(episode);
});
afterAll(() => {
  recorder.close();
  replayEnv.close();
});

describe("a recorded episode", () => {
  test("holds the arguments that made it, and is the same in the journal and in the file", () => {
    expect(episode).toMatchObject({
      environment: { id: "CarRacing-v3", kwargs: {}, maxEpisodeSteps: STEPS },
      seed: 7,
      options: {},
      driver,
      end: "truncated",
      form: { type: "float64", size: 3 },
    });
    expect(episode.rewards.length).toBe(STEPS);
    expect(sink.ended).toBe(1);
    expect(sink.journals[0].split("\n").length).toBe(1 + 2 + 1);
    expect(parseJournal(sink.journals[0])).toStrictEqual(episode);
    expect(parseEpisode(formatEpisode(episode))).toStrictEqual(episode);
  });

  test("replays, with the frames that the driver saw", () => {
    const { observation } = env.reset({ seed: 7 });
    const steps = [...replay(episode, replayEnv)];
    expect(steps.length).toBe(STEPS);
    expect(steps[0].observation).toEqual(observation);
    expect(steps[1].observation).toEqual(env.step(action(0)).observation);
    expect(steps[0].action).toEqual(Float64Array.from(action(0)));
    expect(steps.at(-1)!.truncated).toBe(true);
  });

  const changes: [string, (copy: Episode) => void, RegExp][] = [
    ["another action", (copy) => (copy.actions[10 * 3 + 1] = 1), /step \d+: (reward|frame hash)/],
    ["another reward", (copy) => (copy.rewards[33] += 1e-12), /step 33: reward is .* recorded/],
    ["another seed", (copy) => (copy.seed = 8), /replay differs at step \d+/],
    ["another hash", (copy) => (copy.frameSha256 = "0".repeat(64)), /step 69: frame hash/],
    ["another end", (copy) => (copy.end = "terminated"), /step 69: end is truncated, recorded terminated/],
  ];
  test.each(changes)("with %s does not replay", (_, change, message) => {
    const copy = structuredClone(episode);
    change(copy);
    expect(() => verify(copy, replayEnv)).toThrow(ReplayMismatch);
    expect(() => verify(copy, replayEnv)).toThrow(message);
  });
});

test("an episode that is stopped is interrupted, and replays", () => {
  const before = sink.ended;
  recorder.reset({ seed: 2n ** 70n });
  for (let step = 0; step < 5; step++) recorder.step(action(step));
  recorder.stop();
  recorder.stop();
  expect(sink.ended).toBe(before + 1);
  const stopped = parseJournal(sink.journals.at(-1)!)!;
  expect(stopped).toStrictEqual(recorder.episode());
  expect([stopped.end, stopped.seed, stopped.rewards.length]).toEqual(["interrupted", 2n ** 70n, 5]);
  verify(stopped, replayEnv);
});

test("a new episode ends the one before", () => {
  recorder.reset({ seed: 1 });
  recorder.step(action(0));
  recorder.reset({ seed: 2 });
  expect(recorder.episode()).toBeNull();
  expect(parseJournal(sink.journals.at(-1)!)!.end).toBe("interrupted");
});

// Regression: closing the recorder failed too, and its error hid the sink's.
test("a sink that cannot begin tells why, and closing adds nothing to it", async () => {
  const failing = memorySink();
  failing.begin = () => {
    throw new Error("no permission");
  };
  const own = new Recorder(await make("CarRacing-v3"), { driver, sink: failing });
  own.reset({ seed: 1 });
  expect(() => own.step(action(0))).toThrow(/^no permission$/);
  own.step(action(1));
  expect(own.episode()).toBeNull();
  own.close();
  expect(failing).toMatchObject({ journals: [], ended: 0 });
});

test("a refused action is not recorded", () => {
  recorder.reset({ seed: 3 });
  recorder.step(action(0));
  for (const bad of [null, [0, 0], [0, Number.NaN, 0], 3])
    expect(() => recorder.step(bad as number[])).toThrow(InvalidAction);
  expect(recorder.episode()!.rewards.length).toBe(1);
});

test("episodes that could not be replayed are refused", async () => {
  expect(() => recorder.reset()).toThrow(/needs reset\(\{ seed \}\)/);
  expect(() => new Recorder(env.unwrapped, { driver })).toThrow(InvalidOption);
  const blind = await make("CarRacing-v3", { observations: false });
  expect(() => new Recorder(blind, { driver })).toThrow(InvalidOption);
});

describe("the type of actions", () => {
  const float32 = (step: number) => Float32Array.from(action(step));
  const drive = (actions: (Float32Array | Float64Array | number[])[]): Episode => {
    recorder.reset({ seed: 9 });
    for (const one of actions) recorder.step(one);
    recorder.stop();
    const recorded = recorder.episode()!;
    expect(parseJournal(sink.journals.at(-1)!)).toStrictEqual(recorded);
    expect(parseEpisode(formatEpisode(recorded))).toStrictEqual(recorded);
    verify(recorded, replayEnv);
    return recorded;
  };

  test("is the one they are given in", () => {
    expect(drive([float32(1), float32(2)]).form.type).toBe("float32");
    expect(drive([action(1), float32(2)]).form.type).toBe("float64");
    expect(drive([Float64Array.from(action(1))]).form.type).toBe("float64");
  });

  test("widens if float32 does not hold a later action, in the journal too", () => {
    const actions = Array.from({ length: 60 }, (_, step) => (step === 55 ? action(step) : float32(step)));
    const recorded = drive(actions);
    expect(recorded.form).toEqual({ type: "float64", size: 3 });
    expect(Array.from(recorded.actions)).toEqual(actions.flatMap((one) => Array.from(one)));
  });
});

describe("a recorder among wrappers", () => {
  const refusal = (name: string) =>
    new InvalidOption(
      `Recorder: expected what make() returned, got ${name} around it, which a replay would miss: put ${name} around the Recorder`,
    );

  test("is refused outside of one that changes actions, observations or steps", async () => {
    // Its recordings could not be replayed: the environment underneath saw other calls.
    const made = await make("CarRacing-v3");
    const grey = new GrayscaleObservation(made);
    class Own extends Wrapper<Uint8Array, CarAction> {}
    const wrapped: [string, Env<Uint8Array, CarAction>][] = [
      ["FrameStack", new FrameStack(made, 4)],
      ["ActionRepeat", new ActionRepeat(made, 4)],
      ["RescaleAction", new RescaleAction(made as Env<Uint8Array, ArrayLike<number>>, -1, 1) as never],
      ["GrayscaleObservation", grey],
      ["GrayscaleObservation", new RecordEpisodeStatistics(grey)],
      ["StickyAction", new StickyAction(made, 0.5)],
      ["Autoreset", new Autoreset(made)],
      ["TimeLimit", new TimeLimit(made, 2000)],
      ["Own", new Own(made)],
    ];
    for (const [name, env] of wrapped) expect(() => new Recorder(env, { driver })).toThrow(refusal(name));
    made.close();
  });

  test("records inside of them the environment's calls, and replays", async () => {
    const inner = new Recorder(await make("CarRacing-v3"), { driver, sink });
    const env = new FrameStack(new GrayscaleObservation(new ActionRepeat(inner, 4)), 2);
    env.reset({ seed: 12 });
    for (let step = 0; step < 13; step++) env.step(Float32Array.from(action(step)));
    // The line of 50 steps would end within a repeat, whose frame is not drawn: it is written one step later.
    const crashed = parseJournal(sink.journals.at(-1)!)!;
    expect(crashed.rewards.length).toBe(52);
    inner.stop();
    const episode = inner.episode()!;
    const again = await makeRecordedEnv(episode);
    verify(episode, again);
    verify(crashed, again);
    again.close();
    env.close();
  });

  test("is accepted outside of one that changes nothing, or that shortens the limit", async () => {
    const made = new TimeLimit(await make("CarRacing-v3"), 5);
    const outer = new Recorder(new RecordEpisodeStatistics(made), { driver });
    outer.reset({ seed: 4 });
    for (let step = 0; step < 5; step++) outer.step(action(step));
    const episode = outer.episode()!;
    expect([episode.end, episode.environment.maxEpisodeSteps]).toEqual(["truncated", 5]);
    const again = await makeRecordedEnv(episode);
    verify(episode, again);
    again.close();
    outer.close();
  });
});

test("an action that is neither a list nor a number reaches the environment, which refuses it", () => {
  recorder.reset({ seed: 3 });
  for (const wrong of [["0", "1", "0"], [0n, 1n, 0n], BigInt64Array.of(0n, 1n, 0n), { length: 3 }])
    expect(() => recorder.step(wrong as never)).toThrow(InvalidAction);
});

test("discrete actions and options are recorded", async () => {
  const discrete = await make("CarRacing-v3", { continuous: false, domainRandomize: true });
  const recorder = new Recorder(discrete, { driver });
  expect(() => recorder.reset({ seed: 4, options: { randomize: false } })).toThrow(/cannot keep the colours/);
  recorder.reset({ seed: 4, options: { randomize: true } });
  for (const action of [3, 3, 1, 0, 2]) recorder.step(action);
  recorder.close();
  const episode = parseEpisode(formatEpisode(recorder.episode()!));
  expect(episode.actions).toEqual(Int32Array.of(3, 3, 1, 0, 2));
  expect(episode.environment.kwargs).toEqual({ continuous: false, domainRandomize: true });
  expect(episode.options).toEqual({ randomize: true });
  const env = await makeRecordedEnv(episode);
  verify(episode, env);
  env.close();
});

test("recordings are a dataset of every frame with its action", async () => {
  recorder.reset({ seed: 11 });
  for (let step = 0; step < 3; step++) recorder.step(action(step));
  recorder.stop();
  const episodes = [recorder.episode()!, episode];
  const seen: string[] = [];
  for await (const { episode, index, observation, action } of samples(episodes)) {
    expect([observation.length, action.length]).toEqual([96 * 96 * 3, 3]);
    seen.push(`${episode.seed}:${index}`);
  }
  expect(seen.length).toBe(totalFrames(episodes));
  expect(seen.slice(0, 4)).toEqual(["11:0", "11:1", "11:2", "7:0"]);
});

test("an episode of Gymnasium's own CarRacing replays as a recording", async () => {
  const golden = loadCommitted("discrete-6");
  const { kwargs, seed, options = {}, actions, reward, frameSha256, terminated, steps } = golden;
  const recording: Episode = {
    tritrack: "0.1.0",
    environment: { id: "CarRacing-v3", kwargs, maxEpisodeSteps: 1000 },
    seed,
    options,
    driver,
    form: { type: "int32", size: 1 },
    actions,
    rewards: reward,
    end: terminated ? "terminated" : "interrupted",
    frameSha256: frameSha256[steps],
  };
  const env = await makeRecordedEnv(recording);
  verify(parseEpisode(formatEpisode(recording)), env);
  env.close();
});
