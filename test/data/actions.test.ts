/** Action accuracy by control, against the definition of the joint one and a network that is right by construction. */
import { expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import { inferBatch } from "../../policies/ternary/forward.ts";
import { architectures, unitValue } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { BRAKE_CUT, GAS_CUT, measureActions, STEER_CUT } from "../../src/data/actions.ts";
import { measureNetwork } from "../../src/search/engine/delta-engine.ts";

const FRAMES = 40;
const random = new Random(3);
const network = randomNetwork(architectures.car, 90, 4);
const inputs = Uint8Array.from({ length: FRAMES * CROP_BYTES }, () => random.integers(256));
const sums = await inferBatch(network, inputs);
const own = Float32Array.from(sums, (sum) => sum / unitValue(network));

test("a network agrees with itself, and on each control for itself when one target is across its cut", async () => {
  expect(await measureActions(network, { task: "car", inputs, targets: own })).toEqual({
    ...{ steer: 1, gas: 1, brake: 1, joint: 1 },
  });
  const targets = own.slice();
  targets[0] = own[0] > STEER_CUT ? 0 : 1;
  targets[3 + 1] = own[3 + 1] > GAS_CUT ? 0 : 1;
  targets[6 + 1] = own[6 + 1] > GAS_CUT ? 0 : 1;
  targets[6 + 2] = own[6 + 2] > BRAKE_CUT ? 0 : 1;
  const share = (wrong: number) => (FRAMES - wrong) / FRAMES;
  expect(await measureActions(network, { task: "car", inputs, targets })).toEqual({
    ...{ steer: share(1), gas: share(2), brake: share(1), joint: share(3) },
  });
});

test("the joint one is the action accuracy that search climbs", async () => {
  const targets = Float32Array.from({ length: FRAMES * 3 }, (_, i) =>
    random.uniform(i % 3 === 0 ? -0.3 : 0, 0.3),
  );
  const { joint } = await measureActions(network, { task: "car", inputs, targets });
  expect(joint).toBe(await measureNetwork(network, { task: "car", inputs, targets }, "accuracy"));
});
