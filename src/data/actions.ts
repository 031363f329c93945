/**
 * Action accuracy. The action on a frame falls into bins: steering left, straight or right, gas on or off, brake on or
 * off. Action accuracy is the share of frames on which a driver's bins equal the demonstrator's.
 */
import { inferBatch } from "../../policies/ternary/forward.ts";
import { type TernaryNetwork, unitValue } from "../../policies/ternary/network.ts";
import type { CarExamples } from "./examples.ts";

/** Steering within ±0.1 is straight, beyond it left or right. */
export const STEER_CUT = 0.1;
/** Gas above 0.25 is on. */
export const GAS_CUT = 0.25;
/** Brake above 0.05 is on. */
export const BRAKE_CUT = 0.05;

/**
 * The bins of an action.
 * @returns steer -1 left, 0 straight, 1 right; gas and brake -1 on, 0 off (SIMD comparisons give -1 for true)
 */
export function actionBins(steer: number, gas: number, brake: number): [number, number, number] {
  return [
    steer > STEER_CUT ? 1 : steer < -STEER_CUT ? -1 : 0,
    gas > GAS_CUT ? -1 : 0,
    brake > BRAKE_CUT ? -1 : 0,
  ];
}

/**
 * Action accuracy of any driver, 0 to 1.
 * @param actions [n, 3]: the driver's, clipped or not
 * @param targets [n, 3]: the demonstrator's
 */
export function actionAccuracy(actions: ArrayLike<number>, targets: ArrayLike<number>): number {
  let agree = 0;
  for (let i = 0; i < targets.length; i += 3) {
    const [steer, gas, brake] = actionBins(actions[i], actions[i + 1], actions[i + 2]);
    const wanted = actionBins(targets[i], targets[i + 1], targets[i + 2]);
    if (steer === wanted[0] && gas === wanted[1] && brake === wanted[2]) agree++;
  }
  return (agree * 3) / targets.length;
}

/** Shares of the frames, 0 to 1, on which the bins agree; their cut points are STEER_CUT, GAS_CUT and BRAKE_CUT. */
export interface ActionAccuracy {
  /** Share of frames on which the steering agrees. */
  steer: number;
  /** Share of frames on which the gas agrees. */
  gas: number;
  /** Share of frames on which the brake agrees. */
  brake: number;
  /** Share of frames on which all three agree. */
  joint: number;
}

/** The action accuracy of a network on labelled frames. */
export async function measureActions(
  network: TernaryNetwork,
  { inputs, targets }: CarExamples,
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
