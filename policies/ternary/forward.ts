/**
 * Integer inference with the SIMD kernel: one input at a time for driving, whole sets for evaluation. The outputs
 * are exact and equal on every machine.
 */
import { instantiateKernel } from "../../env/wasm.ts";
import kernelCode from "./kernels/forward.wasm.ts";
import { InvalidNetwork, type TernaryNetwork } from "./network.ts";
import { type ForwardKernel, Program } from "./program.ts";

/** Inference of one input at a time: 0.07 ms for a 90 %-sparse car network. */
export class Inference {
  readonly #program: Program;
  readonly #outputs: Int32Array;

  private constructor(program: Program) {
    this.#program = program;
    this.#outputs = program.results(0);
  }

  /**
   * Prepares inference of a network, whose weights are copied.
   * @throws InvalidNetwork on a network outside of the bounds of network.ts
   */
  static async create(network: TernaryNetwork): Promise<Inference> {
    const kernel = await instantiateKernel<ForwardKernel>(kernelCode);
    return new Inference(new Program(kernel, network, { lanes: 1 }));
  }

  /**
   * Runs the network.
   * @param pixels height × width × channels bytes
   * @returns int32 sums, one an output: values times `unitValue(network)`. Valid until the next call.
   */
  run(pixels: Uint8Array): Int32Array {
    this.#program.pack(pixels, 0, 0);
    this.#program.forward(0);
    return this.#outputs;
  }

  /** Copies layer k's weights (from 0) anew, after swaps within its units, which keep every bound that was checked. */
  setWeights(k: number): void {
    this.#program.setWeights(k);
  }

  /** Sums of layer k (from 0) in the last run, before pooling and HardTanh: values, float32 [out, height, width]. */
  sums(k: number): Float32Array {
    return this.#program.sums(k, 0, 0);
  }
}

/**
 * Runs a network over a set.
 * @param inputs n × height × width × channels bytes
 * @returns int32 [n, outputs]: values times `unitValue(network)`
 * @throws InvalidNetwork on a network outside of the bounds of network.ts, and on a part of an input
 */
export async function inferBatch(network: TernaryNetwork, inputs: Uint8Array): Promise<Int32Array> {
  const { height, width, channels } = network.architecture;
  const bytes = height * width * channels;
  const n = inputs.length / bytes;
  if (!Number.isInteger(n))
    throw new InvalidNetwork(`inputs: expected a multiple of ${bytes} bytes, got ${inputs.length}`);
  const program = new Program(await instantiateKernel<ForwardKernel>(kernelCode), network, { lanes: 8 });
  const outputs = new Int32Array(n * program.outputs);
  for (let first = 0; first < n; first += 8) {
    const filled = Math.min(8, n - first);
    for (let lane = 0; lane < filled; lane++)
      program.pack(inputs.subarray((first + lane) * bytes, (first + lane + 1) * bytes), 0, lane);
    program.forward(0);
    const results = program.results(0);
    for (let lane = 0; lane < filled; lane++)
      for (let o = 0; o < program.outputs; o++)
        outputs[(first + lane) * program.outputs + o] = results[o * 8 + lane];
  }
  return outputs;
}
