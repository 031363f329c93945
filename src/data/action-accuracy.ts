/** How often a network does what the demonstrator did, for each control and for all three at once. */
import { inferBatch } from "../../policies/ternary/forward.ts";
import { type TernaryNetwork, unitValue } from "../../policies/ternary/network.ts";
import { actionBins } from "../search/engine/fitness.ts";
import type { Demonstrations } from "./demonstrations.ts";

/** Shares of the frames, 0 to 1, on which the bins agree; their cut points are STEER_CUT, GAS_CUT and BRAKE_CUT. */
export interface ActionAccuracy {
  steer: number;
  gas: number;
  brake: number;
  /** All three. */
  joint: number;
}

/** The action accuracy of a network on labelled frames. */
export async function measureActions(
  network: TernaryNetwork,
  { inputs, targets }: Demonstrations,
): Promise<ActionAccuracy> {
  const sums = await inferBatch(network, inputs);
  const unit = unitValue(network);
  const agree = { steer: 0, gas: 0, brake: 0, joint: 0 };
  for (let i = 0; i < targets.length; i += 3) {
    const does = actionBins(sums[i] / unit, sums[i + 1] / unit, sums[i + 2] / unit);
    const wants = actionBins(targets[i], targets[i + 1], targets[i + 2]);
    const [steer, gas, brake] = does.map((bin, control) => bin === wants[control]);
    agree.steer += Number(steer);
    agree.gas += Number(gas);
    agree.brake += Number(brake);
    agree.joint += Number(steer && gas && brake);
  }
  const share = (count: number) => (count * 3) / targets.length;
  return {
    steer: share(agree.steer),
    gas: share(agree.gas),
    brake: share(agree.brake),
    joint: share(agree.joint),
  };
}
