/** Gathers labelled frames one by one, without knowing how many there will be. */
import type { CarAction } from "../../env/car-racing/car-racing.ts";
import { controlsOf } from "../../env/car-racing/discrete-actions.ts";
import { CROP_BYTES, cropPanel } from "../../policies/ternary/crop.ts";
import type { CarExamples } from "./examples.ts";

/** Frames that a collector has room for before it grows. */
const FIRST_ROOM = 512;

/** A growing set of frames, whose memory doubles whenever it is full. */
export class FrameCollector {
  #count = 0;
  #inputs = new Uint8Array(FIRST_ROOM * CROP_BYTES);
  #targets = new Float32Array(FIRST_ROOM * 3);

  /**
   * Adds a copy of one frame.
   * @param observation uint8 [96, 96, 3]; the network's crop of it is kept
   * @param action the action wanted on it; a discrete one counts as the controls that it stands for
   */
  add(observation: Uint8Array, action: CarAction): void {
    if ((this.#count + 1) * 3 > this.#targets.length) {
      this.#inputs = doubled(this.#inputs);
      this.#targets = doubled(this.#targets);
    }
    cropPanel(observation, this.#inputs, this.#count * CROP_BYTES);
    this.#targets.set(controlsOf(action), this.#count * 3);
    this.#count++;
  }

  /** The frames so far, in memory of exactly their size. */
  examples(): CarExamples {
    return {
      task: "car",
      inputs: this.#inputs.slice(0, this.#count * CROP_BYTES),
      targets: this.#targets.slice(0, this.#count * 3),
    };
  }
}

function doubled<T extends Uint8Array | Float32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length);
  larger.set(array);
  return larger;
}
