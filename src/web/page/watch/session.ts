/** A network at work that can be changed: it decides, shows what its layers compute, and swaps weights. */
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

export class NetworkSession {
  readonly network: TernaryNetwork;
  /** What of a frame the network is given: 83×83×3. */
  readonly crop = new Uint8Array(CROP_BYTES);
  /** Its three outputs of the last frame, not yet clipped: steer, gas, brake. */
  readonly outputs = new Float32Array(3);
  /** Swaps made, the last one last. */
  readonly swaps: Swap[] = [];
  private readonly opened: OpenNetwork;
  private readonly inference: Inference;
  private readonly unit: number;
  /** The last frame that it looked at with the present weights, and its answer. */
  private seen: Uint8Array | null = null;
  private sums!: ReturnType<Inference["run"]>;

  private constructor(opened: OpenNetwork, inference: Inference) {
    this.opened = opened;
    this.network = opened.network;
    this.inference = inference;
    this.unit = unitValue(opened.network);
  }

  static async create(opened: OpenNetwork): Promise<NetworkSession> {
    return new NetworkSession(opened, await Inference.create(opened.network));
  }

  get name(): string {
    return this.swaps.length === 0 ? this.opened.name : `${this.opened.name}, ${this.swaps.length} swapped`;
  }

  /** Who drove, for a recording. */
  get driver(): Driver {
    const digest = this.swaps.length === 0 ? this.opened.sha256 : bytesToHex(sha256(this.file()));
    return { kind: "policy", name: this.name, sha256: digest };
  }

  /** Looks at a frame and writes what to do to `action`. */
  decide(observation: Uint8Array, action: Float32Array<ArrayBuffer>): void {
    // The step drives on the frame that has just been shown: its answer is there already.
    if (observation !== this.seen) this.sums = this.inference.run(cropPanel(observation, this.crop));
    this.seen = observation;
    for (let k = 0; k < 3; k++) this.outputs[k] = this.sums[k] / this.unit;
    toAction(this.sums, this.unit, action);
  }

  /** What layer k computed of the last frame, before pooling: float32 [out, height, width], 1 is the clip. */
  maps(k: number): Float32Array {
    return this.inference.sums(k);
  }

  swap(swap: Swap): void {
    applySwap(this.network, swap);
    this.swaps.push(swap);
    this.changed(swap);
  }

  /** Takes the last swap back. */
  undo(): void {
    const swap = this.swaps.pop();
    if (!swap) return;
    undoSwap(this.network, swap);
    this.changed(swap);
  }

  /** The network as it is now. */
  file(): Uint8Array<ArrayBuffer> {
    const { metadata } = this.network;
    if (this.swaps.length === 0) return Uint8Array.from(writeNetwork(this.network));
    const swapped = `${this.swaps.length} weights by hand`;
    return Uint8Array.from(writeNetwork({ ...this.network, metadata: { ...metadata, swapped } }));
  }

  private changed({ layer }: Swap): void {
    this.seen = null;
    this.inference.setWeights(layerIndex(this.network.architecture, layer));
  }
}
