/** Tests the drive without a browser: its clock, its phases, and the recordings that it hands over. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { parseEpisode } from "../../recordings/episode.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { StepClock } from "../../src/web/page/run/clock.ts";
import { Drive, type Phase } from "../../src/web/page/run/drive.ts";
import { Timeline } from "../../src/web/page/run/timeline.ts";
import { WORLDS } from "../../src/web/page/run/worlds.ts";

describe("StepClock", () => {
  test("hands out as many steps as time has passed, at any frame rate", () => {
    const frames = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(frames, (gaps) => {
        const clock = new StepClock(20);
        let now = 1000;
        let steps = clock.advance(now);
        for (const gap of gaps) steps += clock.advance((now += gap));
        const exact = (now - 1000) / 20;
        expect(Math.abs(steps + clock.fraction - exact)).toBeLessThan(1e-6);
        expect(clock.fraction).toBeGreaterThanOrEqual(0);
        expect(clock.fraction).toBeLessThan(1);
      }),
    );
  });

  test("does not make up for a long stall, nor for a stop", () => {
    const clock = new StepClock(20, 8);
    clock.advance(0);
    expect(clock.advance(60_000)).toBe(8);
    expect(clock.advance(60_020)).toBe(1);
    clock.stop();
    expect(clock.advance(90_000)).toBe(0);
    expect(clock.advance(90_020)).toBe(1);
  });

  test("hands out more at a higher speed, from when it is set", () => {
    const clock = new StepClock(20);
    clock.advance(0);
    expect(clock.advance(100)).toBe(5);
    clock.speed = 4;
    expect(clock.advance(200)).toBe(20);
    clock.speed = 0.25;
    expect(clock.advance(400)).toBe(2);
  });
});

describe("Drive", () => {
  let drive: Drive;
  let phases: Phase[];
  let saved: Map<string, string>;
  let saves: number;
  let now: number;

  beforeEach(async () => {
    phases = [];
    saved = new Map();
    saves = 0;
    now = 5000;
    const run = await Timeline.create(WORLDS.scored);
    // The keys follow from the step, as if a person reacted to the picture.
    const control = (action: Float32Array) => {
      action.set([Math.sin(run.steps / 20), run.steps < 100 ? 0.7 : 0, 0]);
    };
    drive = new Drive(run, control, {
      phase: (phase) => phases.push(phase),
      stepped: () => {},
      save: (name, text) => {
        saves++;
        saved.set(name, text);
      },
      driver: () => "Ada",
    });
    drive.begin(4);
  });

  /** Shows frames at `rate` a second for `seconds`. */
  function watch(seconds: number, rate = 60): void {
    drive.frame(now); // the frame that the next one is timed against
    for (const end = now + 1000 * seconds; now < end - 1e-6; ) drive.frame((now += 1000 / rate));
  }

  test.each([24, 50, 60, 144])("drives 50 steps a second on a display of %i Hz", (rate) => {
    drive.start();
    watch(3, rate);
    expect(drive.run.steps).toBeLessThanOrEqual(1);
    watch(2, rate);
    expect(drive.run.steps).toBeGreaterThanOrEqual(97);
    expect(drive.run.steps).toBeLessThanOrEqual(101);
  });

  test("the display's rate does not change the recording", async () => {
    const texts: string[] = [];
    for (const rate of [30, 144]) {
      drive.begin(4);
      drive.start();
      while (drive.run.steps < 150) watch(0.5, rate);
      drive.pause();
      texts.push([...saved.values()].at(-1)!);
    }
    const [slow, fast] = texts.map((text) => parseEpisode(text));
    const steps = Math.min(slow.rewards.length, fast.rewards.length);
    expect(slow.rewards.slice(0, steps)).toEqual(fast.rewards.slice(0, steps));
    expect(slow.actions.slice(0, 3 * steps)).toEqual(fast.actions.slice(0, 3 * steps));
    const env = await makeRecordedEnv(slow);
    verify(slow, env);
    verify(fast, env);
    env.close();
  });

  test("is saved each second, when it pauses, and when another track is taken, under one name", () => {
    drive.start();
    watch(3 + 2.5);
    expect(saves).toBe(2);
    drive.pause();
    expect(saves).toBe(3);
    drive.start();
    watch(1.5);
    drive.begin(5);
    expect(saved.size).toBe(1);
    const episode = parseEpisode([...saved.values()][0]);
    expect(episode).toMatchObject({ seed: 4, end: "interrupted" });
    expect(episode.rewards.length).toBeGreaterThan(140);
    expect(phases).toEqual(["ready", "countdown", "driving", "paused", "countdown", "driving", "ready"]);
  });

  test("nothing moves and nothing is saved before the start or in a pause", () => {
    watch(2);
    expect(drive).toMatchObject({ phase: "ready", run: { steps: 0 } });
    drive.start();
    watch(1);
    drive.pause();
    watch(5);
    expect(drive).toMatchObject({ phase: "ready", run: { steps: 0 } });
    drive.start();
    watch(4);
    drive.pause();
    const { steps } = drive.run;
    watch(5);
    expect(drive).toMatchObject({ phase: "paused", run: { steps } });
    drive.begin(6);
    expect(saved.size).toBe(1);
  });

  test("the step limit ends it, and starting again takes the same track from its start", () => {
    drive.start();
    watch(3 + 21);
    expect(drive).toMatchObject({ phase: "finished", run: { ending: "time", steps: 1000 } });
    expect(parseEpisode([...saved.values()][0]).end).toBe("truncated");
    const { reward } = drive.run;
    expect(reward).toBeCloseTo(
      parseEpisode([...saved.values()][0]).rewards.reduce((sum, r) => sum + r, 0),
      9,
    );
    drive.start();
    expect(drive).toMatchObject({ phase: "countdown", run: { seed: 4, steps: 0, reward: 0 } });
  });
});
