/** Lets a ternary car network drive: it crops the frame, runs the integer forward pass, and clips its outputs. */
import { InvalidOption } from "../../env/errors.ts";
import type { Policy } from "../policy.ts";
import { CROP_BYTES, cropPanel } from "./crop.ts";
import { Inference } from "./forward.ts";
import { type TernaryNetwork, unitValue } from "./network.ts";

/** A driver that is a ternary car network, made by `TernaryPolicy.create`. It sees the frame and nothing else. */
export class TernaryPolicy implements Policy {
  /** Name for tables and recordings. */
  readonly name: string;
  readonly #inference: Inference;
  readonly #unit: number;
  readonly #crop = new Uint8Array(CROP_BYTES);
  readonly #action = new Float32Array(3);

  private constructor(name: string, inference: Inference, unit: number) {
    this.name = name;
    this.#inference = inference;
    this.#unit = unit;
  }

  /**
   * Prepares a network to drive.
   * @param name for tables and recordings, such as the network file's. Default: "ternary"
   * @throws InvalidOption on an MNIST network
   */
  static async create(network: TernaryNetwork, name = "ternary"): Promise<TernaryPolicy> {
    if (network.architecture.task !== "car")
      throw new InvalidOption("network: expected a car network, got an MNIST network");
    return new TernaryPolicy(name, await Inference.create(network), unitValue(network));
  }

  /** Does nothing: a frame alone decides. */
  reset(): void {}

  /**
   * The action for a frame: steer, gas, brake. The array is overwritten by the next call.
   * @param observation 96×96×3 RGB
   */
  act(observation: Uint8Array): Float32Array {
    const sums = this.#inference.run(cropPanel(observation, this.#crop));
    return toAction(sums, this.#unit, this.#action);
  }
}

/**
 * The three outputs as an action: steer clipped to [-1, 1], gas and brake to [0, 1].
 * @param sums the last layer's sums
 * @param unit the integer that stands for 1 in them
 * @param out where three numbers are written
 * @returns out
 */
export function toAction(sums: Int32Array, unit: number, out: Float32Array): Float32Array {
  out[0] = Math.max(-1, Math.min(1, sums[0] / unit));
  out[1] = Math.max(0, Math.min(1, sums[1] / unit));
  out[2] = Math.max(0, Math.min(1, sums[2] / unit));
  return out;
}
