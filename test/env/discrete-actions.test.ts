/** Tests that a discrete action and the continuous one that it stands for move the car alike. */
import { expect, test } from "vitest";
import { controlsOf, InvalidAction, make } from "../../env/index.ts";

/** Steering straight on is -0 one way and 0 the other, which drives the same. */
const unsigned = (state: Float32Array) => state.map((value) => value + 0);

test("a drive with discrete actions is the drive with their controls", async () => {
  const discrete = await make("CarRacing-v3", { continuous: false, observations: false });
  const continuous = await make("CarRacing-v3", { observations: false });
  discrete.reset({ seed: 5 });
  continuous.reset({ seed: 5 });
  for (let step = 0; step < 150; step++) {
    const action = step < 40 ? 3 : [0, 1, 2, 3, 4][(step >> 2) % 5];
    const { reward } = discrete.step(action);
    expect(continuous.step(controlsOf(action)).reward).toBe(reward);
    expect(unsigned(continuous.unwrapped.bodyState())).toEqual(unsigned(discrete.unwrapped.bodyState()));
  }
  discrete.close();
  continuous.close();
});

test("controls are returned as they are, and numbers that are no action refused", () => {
  const controls = Float32Array.of(0.1, 0.2, 0.3);
  expect(controlsOf(controls)).toBe(controls);
  for (const wrong of [5, -1, 0.5, Number.NaN])
    expect(() => controlsOf(wrong)).toThrow(
      new InvalidAction(`expected a whole number from 0 to 4, got ${wrong}`),
    );
});
