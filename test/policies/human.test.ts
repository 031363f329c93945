import { describe, expect, test } from "vitest";
import { HumanPolicy, keysToAction } from "../../policies/human.ts";

const action = (...keys: string[]) => [...keysToAction(new Set(keys))];

describe("keys to action", () => {
  test.each([
    [[], [0, 0, 0]],
    [["ArrowLeft"], [-1, 0, 0]],
    [["ArrowRight"], [1, 0, 0]],
    [["ArrowUp"], [0, 1, 0]],
    [["ArrowDown"], [0, 0, Math.fround(0.8)]],
    [["KeyA"], [-1, 0, 0]],
    [["KeyD"], [1, 0, 0]],
    [["KeyW"], [0, 1, 0]],
    [["KeyS"], [0, 0, Math.fround(0.8)]],
    [
      ["ArrowUp", "KeyD"],
      [1, 1, 0],
    ],
    [
      ["ArrowUp", "KeyW"],
      [0, 1, 0],
    ],
    [
      ["ArrowUp", "ArrowDown"],
      [0, 1, Math.fround(0.8)],
    ],
    [
      ["ArrowLeft", "KeyD"],
      [0, 0, 0],
    ],
    [
      ["Space", "KeyQ"],
      [0, 0, 0],
    ],
  ])("%j gives %j", (keys, expected) => expect(action(...keys)).toEqual(expected));

  test("writes to the array it is given", () => {
    const out = new Float32Array([9, 9, 9]);
    expect(keysToAction(new Set(["ArrowUp"]), out)).toBe(out);
    expect([...out]).toEqual([0, 1, 0]);
  });
});

test("the human policy follows the keys as they go down and come up", () => {
  const human = new HumanPolicy();
  human.held.add("ArrowUp");
  human.held.add("ArrowLeft");
  expect([...human.act()]).toEqual([-1, 1, 0]);
  human.held.delete("ArrowLeft");
  human.reset();
  expect([...human.act()]).toEqual([0, 1, 0]);
});
