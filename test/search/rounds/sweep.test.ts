import { expect, test } from "vitest";
import { Random } from "../../../env/random.ts";
import { carArchitecture, cloneNetwork } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { sliceExamples } from "../../../src/data/examples.ts";
import { DeltaEngine, measureNetwork } from "../../../src/search/engine/delta-engine.ts";

import { sweep } from "../../../src/search/rounds/sweep.ts";
import { carData } from "../search-data.ts";

const options = {
  layer: "fc1",
  family: "same",
  singles: { removals: 200, additions: 200 },
  pairs: 400,
} as const;

test("a sweep lowers the loss on the judging frames and keeps the layer's family", async () => {
  const network = randomNetwork(carArchitecture, 90, 1);
  const before = cloneNetwork(network);
  const data = carData(96, 1);
  const engine = await DeltaEngine.create(network, data, ["fc1"]);
  const { accepted, neighbours } = await sweep(engine, new Random(1), options);
  expect(accepted).toBeGreaterThan(5);
  expect(neighbours).toBeGreaterThanOrEqual(600 + 400);
  const judging = sliceExamples(data, 32, 96);
  const loss = await measureNetwork(network, judging, "loss");
  expect(loss).toBeGreaterThan(await measureNetwork(before, judging, "loss"));
  expect(engine.measure("loss", [32, 96])).toBeCloseTo(loss, 11);
  const differing = network.weights.fc1.filter((w, i) => w !== before.weights.fc1[i]).length;
  expect(differing).toBe(2 * accepted);
  for (const sign of [1, -1]) {
    const count = ({ weights }: typeof network) => weights.fc1.filter((w) => w === sign).length;
    expect(count(network)).toBe(count(before));
  }
  expect(network.weights["2.0"].every((w, i) => w === before.weights["2.0"][i])).toBe(true);
});
