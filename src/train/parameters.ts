/**
 * The parameters that training changes: for every layer latent float weights, the mask that keeps the largest of them,
 * and the scale of the ternary weights. The model's kernels are made anew from these on every step, as
 * sign(latent) · mask · scale, and the gradients of the kernels go straight through to the latent weights, masked
 * ones too, so that a weight that was pruned can come back (Bengio et al. 2013; Section 3.2 of the paper prunes and
 * binarises at the ends of epochs instead: the `paper` recipe). Adam (Kingma and Ba 2015) moves them.
 *
 * Arrays are in tfjs's order of weights.
 */
import { keepLargest } from "./sparsify.ts";

/** Constants of Adam, the usual ones. */
const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** One array that Adam optimises, with its running moments. */
class Moments {
  readonly mean: Float32Array;
  readonly square: Float32Array;

  constructor(size: number) {
    this.mean = new Float32Array(size);
    this.square = new Float32Array(size);
  }

  /** One step on `values` against `gradient`; `step` counts from 1. */
  update(values: Float32Array, gradient: ArrayLike<number>, rate: number, step: number): void {
    const { mean, square } = this;
    const size = (rate * Math.sqrt(1 - BETA_2 ** step)) / (1 - BETA_1 ** step);
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      const m = (mean[i] += (1 - BETA_1) * (g - mean[i]));
      const v = (square[i] += (1 - BETA_2) * (g * g - square[i]));
      values[i] -= (size * m) / (Math.sqrt(v) + EPSILON);
    }
  }
}

/** Everything that a layer's training depends on, as copies. */
export interface LayerState {
  /** Latent weights. */
  latent: Float32Array;
  /** True once the kernel is ternary. */
  ternary: boolean;
  /** Natural logarithm of the scale. */
  logScale: number;
  /** C of the fixed scale 1/C, or null while the scale is learnt. */
  divisor: number | null;
  /** Adam's means, mean squares and steps. */
  adam: { mean: Float32Array; square: Float32Array; scale: [number, number]; step: number };
}

/** The parameters of one layer. */
export class LayerParameters {
  /** Name of the layer. */
  readonly name: string;
  /** Latent weights. */
  readonly latent: Float32Array;
  /** 1 for a kept weight, 0 for a pruned one. */
  readonly mask: Uint8Array;
  /** Kernel of the model: the latent weights themselves while dense, ternary weights times the scale afterwards. */
  readonly kernel: Float32Array;
  /** True once the kernel is ternary. */
  ternary = false;
  /** Natural logarithm of the scale while it is learnt, in an array so that Adam can take it. */
  readonly logScale = new Float32Array(1);
  /** C of the fixed scale 1/C, or null while the scale is learnt. */
  divisor: number | null = null;
  #moments: Moments;
  #scaleMoments = new Moments(1);
  #step = 0;

  /** @param size number of weights */
  constructor(name: string, size: number) {
    this.name = name;
    this.latent = new Float32Array(size);
    this.mask = new Uint8Array(size).fill(1);
    this.kernel = new Float32Array(size);
    this.#moments = new Moments(size);
  }

  /** Forgets Adam's moments, as a new phase of training does. */
  restart(): void {
    this.#moments = new Moments(this.latent.length);
    this.#scaleMoments = new Moments(1);
    this.#step = 0;
  }

  /** Moves the latent weights, and a scale that is not fixed, against the gradient of the kernel. */
  update(gradient: Float32Array, rate: number): void {
    this.#step++;
    if (this.ternary && this.divisor === null) {
      // d loss / d log scale = Σ gradient · kernel.
      let slope = 0;
      for (let i = 0; i < gradient.length; i++) slope += gradient[i] * this.kernel[i];
      this.#scaleMoments.update(this.logScale, [slope], rate, this.#step);
    }
    this.#moments.update(this.latent, gradient, rate, this.#step);
  }

  /** Makes the kernel from the latent weights, the `kept` largest of which are not zero. */
  project(kept: number): void {
    const { latent, kernel, mask } = this;
    keepLargest(latent, kept, mask);
    if (!this.ternary) {
      for (let i = 0; i < latent.length; i++) kernel[i] = mask[i] === 0 ? 0 : latent[i];
      return;
    }
    const scale = Math.fround(this.divisor === null ? Math.exp(this.logScale[0]) : 1 / this.divisor);
    for (let i = 0; i < latent.length; i++) kernel[i] = mask[i] === 0 ? 0 : latent[i] < 0 ? -scale : scale;
  }

  /**
   * Sets all but the `kept` largest latent weights to 0 and, if `binary`, those to their sign, as the hard sigmoid of the
   * paper does.
   */
  prune(kept: number, binary: boolean): void {
    const { latent, mask } = this;
    keepLargest(latent, kept, mask);
    for (let i = 0; i < latent.length; i++) {
      if (mask[i] === 0) latent[i] = 0;
      else if (binary) latent[i] = latent[i] < 0 ? -1 : 1;
    }
  }

  /** Makes the kernel ternary from now on. Its scale is learnt, and begins as the mean magnitude of the latent weights. */
  ternarise(): void {
    const sum = this.latent.reduce((total, value) => total + Math.abs(value), 0);
    this.ternary = true;
    this.logScale[0] = Math.log(sum / this.latent.length);
  }

  /** Fixes the scale at the nearest 1/C with a whole C ≥ 1. */
  fixScale(): void {
    this.divisor ??= Math.max(1, Math.round(Math.exp(-this.logScale[0])));
  }

  /** A copy of the present state. */
  state(): LayerState {
    const { latent, ternary, logScale, divisor } = this;
    const { mean, square } = this.#moments;
    const scale: [number, number] = [this.#scaleMoments.mean[0], this.#scaleMoments.square[0]];
    const adam = { mean: mean.slice(), square: square.slice(), scale, step: this.#step };
    return { latent: latent.slice(), ternary, logScale: logScale[0], divisor, adam };
  }

  /** Takes a state back; the kernel follows at the next `project`. */
  restore({ latent, ternary, logScale, divisor, adam }: LayerState): void {
    this.latent.set(latent);
    this.ternary = ternary;
    this.logScale[0] = logScale;
    this.divisor = divisor;
    this.#moments.mean.set(adam.mean);
    this.#moments.square.set(adam.square);
    this.#scaleMoments.mean[0] = adam.scale[0];
    this.#scaleMoments.square[0] = adam.scale[1];
    this.#step = adam.step;
  }
}
