import { expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { RandomPolicy } from "../../policies/random.ts";
import { evaluate } from "../../src/episodes/evaluate.ts";
import { evaluateInWorkers } from "../../src/episodes/evaluate-workers-node.ts";

const recipe = { module: new URL("./driver-for-workers.ts", import.meta.url).href, create: "create" };
const seeds = [5, 3, 4, 1, 2];

test.each([1, 2, 7])("%i threads give the same results as one", async (workers) => {
  const alone = await evaluate(new RandomPolicy(), { seeds, maxSteps: 40 });
  let most = 0;
  const together = await evaluateInWorkers(recipe, {
    workers,
    seeds,
    maxSteps: 40,
    onProgress: (_, done) => {
      most = Math.max(most, done);
    },
  });
  expect(together).toEqual(alone);
  expect(most).toBe(seeds.length);
});

test("an error of a thread is thrown here", async () => {
  const failing = { ...recipe, args: ["no such driver"] };
  await expect(evaluateInWorkers(failing, { workers: 2, seeds })).rejects.toThrow("no such driver");
});

test("a module may give a plain function", async () => {
  const evaluation = await evaluateInWorkers(
    { ...recipe, create: "createFunction" },
    { workers: 2, seeds, maxSteps: 40 },
  );
  const coast = () => [0, 0.1, 0];
  expect(evaluation).toEqual(await evaluate(coast, { seeds, maxSteps: 40 }));
});

test("a thread that dies ends the evaluation with an error, which once waited for ever", async () => {
  const deserter = { ...recipe, create: "createDeserter" };
  await expect(evaluateInWorkers(deserter, { workers: 2, seeds })).rejects.toThrow(
    /^job "evaluate" \{"seed":\d+\} ended its thread: it ended by itself$/,
  );
});

test.each([
  ["no seeds", { workers: 1, seeds: [] }, "seeds: expected at least one, got none"],
  ["no workers", { workers: 0, seeds }, "workers: expected a whole number from 1 up, got 0"],
])("%s is refused", async (_, options, message) => {
  await expect(evaluateInWorkers(recipe, options)).rejects.toThrow(new InvalidOption(message));
});
