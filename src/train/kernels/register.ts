/**
 * Puts the kernels of this folder into the tfjs wasm backend (4.22.0): the filter gradient, which that
 * backend lacks; the input gradient and the matrix product, which are slow there; the max-pool gradient, which is
 * wrong there where a window's maximum is negative; and HardTanh, an op of its own. They run in place in the
 * backend's memory (`backend.wasm.asm.memory`, undocumented: hence the pinned version and the gradient checks).
 */
import * as tf from "@tensorflow/tfjs-core";
import { OutOfMemory } from "../../../env/errors.ts";
import { instantiateKernel } from "../../../env/wasm.ts";
import activationWasm from "./activation.wasm.ts";
import convWasm from "./conv-grad.wasm.ts";
import sparseWasm from "./conv-sparse.wasm.ts";
import matmulWasm from "./matmul.wasm.ts";

/** The part of the wasm backend that is used here. */
export interface WasmBackend extends tf.KernelBackend {
  wasm: {
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    asm: { memory: WebAssembly.Memory };
  };
  makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
  getMemoryOffset(dataId: object): number;
}

/** Share of nonzero weights up to which the sparse convolution is faster than the backend's own. */
const SPARSE_BELOW = 0.5;

type Run = (inputs: Record<string, tf.TensorInfo>, attributes: Record<string, unknown>) => tf.TensorInfo;
type Kernel = (...numbers: number[]) => void;

/** The backend takes a failed allocation for the address 0 and writes there; here it becomes an error. */
function refuseBeyondMemory({ wasm }: WasmBackend): void {
  // The first call puts the real function in the place of one that waits for it.
  wasm._free(wasm._malloc(4));
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const pointer = bytes < 2 ** 32 ? malloc(bytes) : 0;
    if (pointer === 0 && bytes > 0) {
      throw new OutOfMemory(
        `out of WebAssembly memory (${(bytes / 2 ** 20).toFixed(0)} MB more): use a smaller batch`,
      );
    }
    return pointer;
  };
}

/** Registers the kernels for the wasm backend. Call it once: our convolution falls back on the one it replaces. */
export async function registerWasmKernels(backend: WasmBackend): Promise<void> {
  const { memory } = backend.wasm.asm;
  refuseBeyondMemory(backend);
  const load = (base64: string) => instantiateKernel<Record<string, Kernel>>(base64, { env: { memory } });
  const [conv, sparse, matmul, activation] = await Promise.all([
    load(convWasm),
    load(sparseWasm),
    load(matmulWasm),
    load(activationWasm),
  ]);
  const pointer = (tensor: tf.TensorInfo) => backend.getMemoryOffset(tensor.dataId);
  const output = (shape: number[]) => backend.makeOutput(shape, "float32");

  /** Calls `use` with pointers to fresh blocks of these many floats, freed when it returns. */
  function withScratch(floats: readonly number[], use: (...pointers: number[]) => void): void {
    // One float for an empty block: malloc(0) may give 0.
    const blocks = floats.map((count) => backend.wasm._malloc(Math.max(1, count) * 4) >>> 0);
    use(...blocks);
    for (const block of blocks) backend.wasm._free(block);
  }

  const convGeometry = (input: number[], filter: number[], attributes: Record<string, unknown>) => {
    const { strides, pad, dimRoundingMode, dataFormat } =
      attributes as unknown as tf.Conv2DBackpropFilterAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      input as [number, number, number, number],
      filter as [number, number, number, number],
      strides,
      1,
      pad,
      dimRoundingMode,
      false,
      dataFormat === "NCHW" ? "channelsFirst" : "channelsLast",
    );
    if (info.dataFormat !== "channelsLast" || info.strideHeight !== info.strideWidth) {
      throw new RangeError("convolution gradients need channels last and equal strides");
    }
    const { top, bottom, left, right } = info.padInfo;
    const height = info.inHeight + top + bottom;
    const width = info.inWidth + left + right;
    const positions = info.outHeight * info.outWidth;
    // Lists of some 600 gradients a channel: long enough to pay for their setup, short enough for the caches.
    const block = Math.min(info.batchSize, Math.max(1, Math.floor(600 / positions)));
    const padded = top + bottom + left + right > 0;
    return {
      info,
      padded,
      paddedFloats: padded ? info.batchSize * height * width * info.inChannels : 0,
      lists: block * positions * info.outChannels * 2,
      block,
      sizes: [
        info.batchSize,
        height,
        width,
        info.inChannels,
        info.outHeight,
        info.outWidth,
        info.outChannels,
        info.filterHeight,
        info.filterWidth,
        info.strideHeight,
      ],
    };
  };

  /** Copies the map between its own tensor and the middle of its zero-padded twin. */
  function copyPadded(info: tf.backend_util.Conv2DInfo, map: number, padded: number, into: boolean): void {
    const floats = new Float32Array(memory.buffer);
    const { top, bottom, left, right } = info.padInfo;
    const row = info.inWidth * info.inChannels;
    const paddedRow = (info.inWidth + left + right) * info.inChannels;
    const height = info.inHeight + top + bottom;
    if (into) floats.fill(0, padded >> 2, (padded >> 2) + info.batchSize * height * paddedRow);
    for (let n = 0; n < info.batchSize; n++) {
      for (let y = 0; y < info.inHeight; y++) {
        const plain = (map >> 2) + (n * info.inHeight + y) * row;
        const inside = (padded >> 2) + (n * height + y + top) * paddedRow + left * info.inChannels;
        if (into) floats.copyWithin(inside, plain, plain + row);
        else floats.copyWithin(plain, inside, inside + row);
      }
    }
  }

  const denseConv2D = tf.getKernel("Conv2D", "wasm").kernelFunc;

  const conv2D: Run = ({ x, filter }, attributes) => {
    const weights = new Float32Array(memory.buffer, pointer(filter), tf.util.sizeFromShape(filter.shape));
    let nonzeros = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) nonzeros++;
    if (nonzeros > SPARSE_BELOW * weights.length) {
      const inputs = { x, filter } as unknown as tf.NamedTensorInfoMap;
      return denseConv2D({ inputs, backend, attrs: attributes as tf.NamedAttrMap }) as tf.TensorInfo;
    }
    const { info, sizes } = convGeometry(x.shape, filter.shape, attributes);
    const [n, paddedHeight, paddedWidth, ...rest] = sizes;
    const { outChannels: co, strideWidth: stride, padInfo } = info;
    const y = output(info.outShape);
    const phase = Math.ceil(paddedWidth / stride);
    const scratch = [
      info.inChannels * paddedHeight * stride * phase * 4,
      co * info.outHeight * info.outWidth * 4,
      nonzeros * 2,
      co + 1,
    ];
    withScratch(scratch, (...pointers) => {
      sparse.sparseForward(
        pointer(x),
        pointer(filter),
        pointer(y),
        n,
        info.inHeight,
        info.inWidth,
        ...rest,
        paddedHeight,
        padInfo.top,
        padInfo.left,
        phase,
        ...pointers,
      );
    });
    return y;
  };

  const conv2DBackpropFilter: Run = ({ x, dy }, attributes) => {
    const shape = attributes.filterShape as number[];
    const { info, padded, paddedFloats, lists, block, sizes } = convGeometry(x.shape, shape, attributes);
    const dw = output(shape);
    const rows =
      info.outChannels * info.filterHeight * Math.ceil((info.filterWidth * info.inChannels) / 4) * 4;
    withScratch([paddedFloats, rows, lists, info.outChannels], (paddedX, ...scratch) => {
      if (padded) copyPadded(info, pointer(x), paddedX, true);
      conv.filterGradient(
        padded ? paddedX : pointer(x),
        pointer(dy),
        pointer(dw),
        ...sizes,
        ...scratch,
        block,
      );
    });
    return dw;
  };

  const conv2DBackpropInput: Run = ({ dy, filter }, attributes) => {
    const shape = attributes.inputShape as number[];
    const { info, padded, paddedFloats, lists, block, sizes } = convGeometry(shape, filter.shape, attributes);
    const dx = output(shape);
    const rows = tf.util.sizeFromShape(filter.shape);
    withScratch([paddedFloats, rows, lists, info.outChannels], (paddedDx, ...scratch) => {
      conv.inputGradient(
        pointer(dy),
        pointer(filter),
        padded ? paddedDx : pointer(dx),
        ...sizes,
        ...scratch,
        block,
      );
      if (padded) copyPadded(info, pointer(dx), paddedDx, false);
    });
    return dx;
  };

  const batchMatMul: Run = ({ a, b }, attributes) => {
    const { transposeA, transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
    const [rowsA, colsA] = a.shape.slice(-2);
    const [rowsB, colsB] = b.shape.slice(-2);
    const [m, k] = transposeA ? [colsA, rowsA] : [rowsA, colsA];
    const n = transposeB ? rowsB : colsB;
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const batchA = tf.util.sizeFromShape(a.shape.slice(0, -2));
    const batchB = tf.util.sizeFromShape(b.shape.slice(0, -2));
    const c = output([...outer, m, n]);
    const batch = tf.util.sizeFromShape(outer);
    if ([batchA, batchB].some((size) => size !== 1 && size !== batch)) {
      throw new RangeError("matrix products: expected equal batches, or one matrix for a whole batch");
    }
    withScratch([transposeB ? k * n : 0], (transposed) => {
      for (let i = 0; i < batch; i++) {
        const pointerB = pointer(b) + (i % batchB) * k * n * 4;
        if (transposeB) matmul.transpose(pointerB, transposed, n, k);
        matmul.matmul(
          pointer(a) + (i % batchA) * m * k * 4,
          transposeA ? 4 : k * 4,
          transposeA ? m * 4 : 4,
          transposeB ? transposed : pointerB,
          pointer(c) + i * m * n * 4,
          m,
          n,
          k,
        );
      }
    });
    return c;
  };

  const maxPoolGrad: Run = ({ dy, input, output: y }, attributes) => {
    const { filterSize, strides, pad, dimRoundingMode } = attributes as unknown as tf.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { top, bottom, left, right } = info.padInfo;
    const square = info.filterHeight === info.filterWidth && info.strideHeight === info.strideWidth;
    if (top + bottom + left + right > 0 || !square) {
      throw new RangeError("the max-pool gradient needs square windows without padding");
    }
    const dx = output(shape);
    const [n, h, w, c] = shape;
    activation.maxPoolGradient(
      pointer(dy),
      pointer(input),
      pointer(y),
      pointer(dx),
      n,
      h,
      w,
      c,
      info.outHeight,
      info.outWidth,
      info.filterHeight,
      info.strideHeight,
    );
    return dx;
  };

  const hardTanh: Run = ({ x }) => {
    const y = output(x.shape);
    activation.hardTanh(pointer(x), pointer(y), tf.util.sizeFromShape(x.shape));
    return y;
  };

  const hardTanhGrad: Run = ({ dy, y }) => {
    const dx = output(y.shape);
    activation.hardTanhGradient(pointer(dy), pointer(y), pointer(dx), tf.util.sizeFromShape(y.shape));
    return dx;
  };

  /** The same values once more, uncopied, as on the `cpu` backend: every step passes the batch through it twice. */
  const identity: Run = ({ x }) => {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };

  const kernels: Record<string, Run> = {
    Conv2D: conv2D,
    Conv2DBackpropFilter: conv2DBackpropFilter,
    Conv2DBackpropInput: conv2DBackpropInput,
    BatchMatMul: batchMatMul,
    MaxPoolGrad: maxPoolGrad,
    HardTanh: hardTanh,
    HardTanhGrad: hardTanhGrad,
    Identity: identity,
  };
  for (const [kernelName, run] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs }) => {
        const tensors = inputs as Record<string, tf.TensorInfo>;
        if (run !== identity && Object.values(tensors).some(({ dtype }) => dtype !== "float32")) {
          throw new RangeError(`${kernelName}: expected float32`);
        }
        return run(tensors, { ...attrs });
      },
    });
  }
}
