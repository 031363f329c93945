/**
 * Frames to learn from, gathered episode by episode: in memory, or in a file, so that a set may be larger than memory.
 * The action wanted on each frame, 12 bytes, stays in memory in any case. Node only.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { InvalidOption } from "../../env/errors.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import { type CarExamples, frameCount, joinExamples, NO_FRAMES } from "./examples.ts";
import type { Samples } from "./samples-node.ts";

/** One set, or sets one after the other, so that not all need fit into memory. */
export type DemonstrationSource = CarExamples | AsyncIterable<CarExamples>;

/** A growing set of frames in memory or in a file. */
export class FrameStore {
  readonly #path: string | undefined;
  #isBegun = false;
  #data: CarExamples = NO_FRAMES;

  /** @param path file to keep the frames in: it is begun anew, and the caller removes it. Default: memory. */
  constructor(path?: string) {
    this.#path = path;
  }

  /** Adds frames. @throws {@link InvalidOption} unless each set has as many frames as targets */
  async add(sets: DemonstrationSource): Promise<void> {
    const fresh: CarExamples[] = [];
    for await (const set of "inputs" in sets ? [sets] : sets) {
      const { inputs, targets } = set;
      if (inputs.length !== frameCount(set) * CROP_BYTES) {
        throw new InvalidOption(
          `demonstrations: expected ${CROP_BYTES} bytes and 3 targets a frame, got ${inputs.length} bytes and ${targets.length} targets`,
        );
      }
      if (this.#path === undefined) fresh.push(set);
      else {
        // Only now that there are frames, so that a source without any leaves no file behind.
        if (this.#isBegun) appendFileSync(this.#path, inputs);
        else writeFileSync(this.#path, inputs);
        this.#isBegun = true;
        fresh.push({ ...NO_FRAMES, targets });
      }
    }
    this.#data = joinExamples([this.#data, ...fresh]);
  }

  /** The frames: their bytes, or the file that holds them. */
  get samples(): Samples {
    return this.#path === undefined ? this.#data.inputs : { path: this.#path };
  }

  /** float32 [n, 3]: steer, gas, brake wanted on each frame. */
  get targets(): Float32Array {
    return this.#data.targets;
  }

  /** Number of frames. */
  get count(): number {
    return frameCount(this.#data);
  }
}
