import { afterAll, expect, test } from "vitest";
import { Random } from "../../../env/random.ts";
import { architectures, cloneNetwork } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { SwapDrawer } from "../../../policies/ternary/swap.ts";
import { DeltaEngine } from "../../../src/search/engine/delta-engine.ts";
import { EngineThreads } from "../../../src/search/engine/threads-node.ts";
import { randomData } from "../search-data.ts";

const three = await EngineThreads.start(3);
const two = await EngineThreads.start(2);
afterAll(() => Promise.all([two.close(), three.close()]));

test("threads that have ended are an error, not a wait without end", async () => {
  const threads = await EngineThreads.start(2);
  const network = randomNetwork(architectures.mnist, 90, 5);
  const engine = await threads.engine(network, randomData(architectures.mnist, 77, 7), ["fc"]);
  await threads.close();
  expect(() => engine.measure("accuracy", [0, 77])).toThrow("a search thread ended without an answer");
});

test.each(["mnist", "car"] as const)(
  "%s: threads measure the very numbers that one thread does",
  async (task) => {
    const network = randomNetwork(architectures[task], 90, 5);
    // 77 is no multiple of 8, and its blocks are not shared out evenly.
    const data = randomData(architectures[task], 77, 7);
    const layers = task === "car" ? ["2.0", "fc1"] : ["1.0", "fc"];
    const one = await DeltaEngine.create(cloneNetwork(network), data, layers);
    const many = await Promise.all(
      [two, three].map((threads) => threads.engine(cloneNetwork(network), data, layers)),
    );
    const random = new Random(7);
    for (let round = 0; round < 4; round++) {
      const layer = layers[round % layers.length];
      const drawer = new SwapDrawer(one.network, layer);
      const swaps = Array.from({ length: 5 }, () => drawer.draw(random, "free"));
      for (const measure of ["accuracy", "loss"] as const)
        for (const range of [
          [0, 77],
          [16, 48],
          [72, 77],
          [8, 16],
        ] as const) {
          const expected = one.neighbours(measure, layer, swaps, range);
          for (const engine of many) {
            expect(engine.neighbours(measure, layer, swaps, range)).toEqual(expected);
            expect(engine.measure(measure, range)).toBe(one.measure(measure, range));
          }
        }
      await one.apply(swaps[0]);
      for (const engine of many) {
        await engine.apply(swaps[0]);
        expect(
          Buffer.from(engine.network.weights[layer]).equals(Buffer.from(one.network.weights[layer])),
        ).toBe(true);
      }
    }
  },
);
