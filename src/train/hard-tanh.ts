/**
 * HardTanh(x) = min(1, max(-1, x)) as a tfjs op and as a layer (section 3.1 of the paper). Its gradient is 1 where
 * -1 < x < 1 and 0 elsewhere, as in PyTorch. The wasm backend has a kernel of ours for it, other backends compose it of
 * their own ops.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

const run = (name: string, inputs: Record<string, tf.Tensor>): tf.Tensor =>
  tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap) as tf.Tensor;

const forward = (x: tf.Tensor) =>
  tf.getKernel("HardTanh", tf.getBackend()) ? run("HardTanh", { x }) : tf.clipByValue(x, -1, 1);

const gradient = (dy: tf.Tensor, y: tf.Tensor) =>
  tf.getKernel("HardTanhGrad", tf.getBackend())
    ? run("HardTanhGrad", { dy, y })
    : tf.mul(dy, tf.cast(tf.less(tf.abs(y), 1), "float32"));

const operation = tf.customGrad((x, save) => {
  const y = forward(x as tf.Tensor);
  (save as tf.GradSaveFunc)([y]);
  return { value: y, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved[0]) };
});

/** min(1, max(-1, x)), element by element. */
export function hardTanh<T extends tf.Tensor>(x: T): T {
  return operation(x) as T;
}

/** The activation as a tfjs layer, so that models save and load in tfjs's own format. */
export class HardTanh extends layers.layers.Layer {
  /** Name in saved models. */
  static className = "HardTanh";

  override computeOutputShape(inputShape: layers.Shape | layers.Shape[]): layers.Shape | layers.Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return hardTanh(Array.isArray(inputs) ? inputs[0] : inputs);
  }
}
tf.serialization.registerClass(HardTanh);
