/**
 * A convolution layer without bias, with zero padding in whole pixels as PyTorch has it (tfjs's own layer knows only
 * "same" and "valid"). It computes no gradient of an input that nothing is learnt from, which tfjs's layer always
 * does: for the first layer of the car network that is an eighth of a training step.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

/** Configuration of a convolution layer. */
export interface ConvolutionConfig {
  /** Name of the layer. */
  name: string;
  /** Output channels. */
  filters: number;
  /** Side of the square kernel, pixels. */
  kernelSize: number;
  /** Pixels between neighbouring outputs. */
  stride: number;
  /** Zero padding on every side, pixels. */
  pad: number;
}

/** The layer: [n, h, w, in] → [n, h', w', filters]; weights [kernelSize, kernelSize, in, filters], zero at first. */
export class Convolution extends layers.layers.Layer {
  /** Name in saved models. */
  static className = "Convolution";
  readonly #config: ConvolutionConfig;
  #kernel!: layers.LayerVariable;

  constructor(config: ConvolutionConfig) {
    super({ name: config.name });
    const { name, filters, kernelSize, stride, pad } = config;
    this.#config = { name, filters, kernelSize, stride, pad };
  }

  override build(inputShape: layers.Shape | layers.Shape[]): void {
    const { kernelSize, filters } = this.#config;
    const channels = (inputShape as number[])[3];
    this.#kernel = this.addWeight(
      "kernel",
      [kernelSize, kernelSize, channels, filters],
      "float32",
      layers.initializers.zeros(),
    );
    this.built = true;
  }

  override computeOutputShape(inputShape: layers.Shape | layers.Shape[]): layers.Shape {
    const [batch, height, width] = inputShape as number[];
    const { kernelSize, stride, pad, filters } = this.#config;
    const side = (input: number) => Math.floor((input + 2 * pad - kernelSize) / stride) + 1;
    return [batch, side(height), side(width), filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    const { stride, pad, kernelSize } = this.#config;
    const kernel = this.#kernel.read() as tf.Tensor4D;
    // tfjs-node takes no paddings in pixels.
    if (stride === 1 && 2 * pad === kernelSize - 1) return tf.conv2d(x, kernel, 1, "same");
    const sides: [number, number] = [pad, pad];
    const padded = pad === 0 ? x : tf.pad4d(x, [[0, 0], sides, sides, [0, 0]]);
    return tf.conv2d(padded, kernel, stride, "valid");
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#config };
  }
}
tf.serialization.registerClass(Convolution);
