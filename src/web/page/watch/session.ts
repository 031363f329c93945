/** A network at work that can be edited: it chooses actions, shows the sums of its layers, and takes swaps. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { CROP_BYTES, cropPanel } from "../../../../policies/ternary/crop.ts";
import { Inference } from "../../../../policies/ternary/forward.ts";
import { layerIndex, type TernaryNetwork, unitValue } from "../../../../policies/ternary/network.ts";
import { toAction } from "../../../../policies/ternary/policy.ts";
import { writeNetwork } from "../../../../policies/ternary/safetensors.ts";
import { applySwap, type Swap, undoSwap } from "../../../../policies/ternary/swap.ts";
import type { Driver } from "../../../../recordings/episode.ts";
import type { OpenNetwork } from "../networks/library.ts";

/** A network that drives on the Watch screen. */
export class NetworkSession {
  /** The network with all swaps so far. */
  readonly network: TernaryNetwork;
  /** Input of the network: the last frame's crop, uint8 [83, 83, 3]. */
  readonly crop = new Uint8Array(CROP_BYTES);
  /** Outputs for the last frame before clipping: steer, gas, brake. */
  readonly outputs = new Float32Array(3);
  /** Swaps so far, in order. */
  readonly swaps: Swap[] = [];
  readonly #opened: OpenNetwork;
  readonly #inference: Inference;
  readonly #unit: number;
  /** The last frame seen with the present weights, and the sums it gave. */
  #seen: Uint8Array | null = null;
  #sums!: ReturnType<Inference["run"]>;

  private constructor(opened: OpenNetwork, inference: Inference) {
    this.#opened = opened;
    this.network = opened.network;
    this.#inference = inference;
    this.#unit = unitValue(opened.network);
  }

  /** Prepares a network for driving. */
  static async create(opened: OpenNetwork): Promise<NetworkSession> {
    return new NetworkSession(opened, await Inference.create(opened.network));
  }

  /** Name of the network, with the number of swaps. */
  get name(): string {
    return this.swaps.length === 0 ? this.#opened.name : `${this.#opened.name}, ${this.swaps.length} swapped`;
  }

  /** The driver for a recording. */
  get driver(): Driver {
    const digest = this.swaps.length === 0 ? this.#opened.sha256 : bytesToHex(sha256(this.file()));
    return { kind: "policy", name: this.name, sha256: digest };
  }

  /** Writes the action for a frame to `action`: steer, gas, brake. */
  decide(observation: Uint8Array, action: Float32Array<ArrayBuffer>): void {
    // A step often drives on the frame that was just shown, for which the sums are known.
    if (observation !== this.#seen) this.#sums = this.#inference.run(cropPanel(observation, this.crop));
    this.#seen = observation;
    for (let k = 0; k < 3; k++) this.outputs[k] = this.#sums[k] / this.#unit;
    toAction(this.#sums, this.#unit, action);
  }

  /** Sums of layer k for the last frame before pooling: float32 [out, height, width], where 1 is the clip. */
  maps(k: number): Float32Array {
    return this.#inference.sums(k);
  }

  /** Makes a swap. */
  swap(swap: Swap): void {
    applySwap(this.network, swap);
    this.swaps.push(swap);
    this.#changed(swap);
  }

  /** Undoes the last swap. */
  undo(): void {
    const swap = this.swaps.pop();
    if (!swap) return;
    undoSwap(this.network, swap);
    this.#changed(swap);
  }

  /** The present network as a safetensors file. */
  file(): Uint8Array<ArrayBuffer> {
    const { metadata } = this.network;
    if (this.swaps.length === 0) return Uint8Array.from(writeNetwork(this.network));
    const swapped = `${this.swaps.length} weight${this.swaps.length === 1 ? "" : "s"} by hand`;
    return Uint8Array.from(writeNetwork({ ...this.network, metadata: { ...metadata, swapped } }));
  }

  #changed({ layer }: Swap): void {
    this.#seen = null;
    this.#inference.setWeights(layerIndex(this.network.architecture, layer));
  }
}
