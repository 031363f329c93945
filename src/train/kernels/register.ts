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
  /** Its Emscripten module. */
  wasm: {
    /** Allocates bytes of its memory. */
    _malloc(bytes: number): number;
    /** Frees what `_malloc` gave. */
    _free(pointer: number): void;
    /** Exports of its WebAssembly. */
    asm: { memory: WebAssembly.Memory };
  };
  /** Makes a tensor without values. */
  makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
  /** Address of a tensor's values, bytes. */
  getMemoryOffset(dataId: object): number;
}

/** Share of nonzero weights up to which the sparse convolution is faster than the backend's own. */
const SPARSE_BELOW = 0.5;

/** A tfjs kernel: tensors and attributes in, a tensor out. */
type Run = (inputs: Record<string, tf.TensorInfo>, attributes: Record<string, unknown>) => tf.TensorInfo;
/** A function of a WebAssembly module. */
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

/** Sizes of a convolution and of the scratch memory that its kernels need. */
function convGeometry(input: number[], filter: number[], attributes: Record<string, unknown>) {
  const { strides, pad, dimRoundingMode, dataFormat } = attributes as unknown as tf.Conv2DBackpropFilterAttrs;
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
}

/** The kernels of this folder, as tfjs's functions of tensors in the backend's memory. */
class WasmKernels {
  readonly #backend: WasmBackend;
  readonly #memory: WebAssembly.Memory;
  readonly #conv: Record<string, Kernel>;
  readonly #sparse: Record<string, Kernel>;
  readonly #matmul: Record<string, Kernel>;
  readonly #activation: Record<string, Kernel>;
  /** The backend's own convolution, for filters that are not sparse. */
  readonly #denseConv2D = tf.getKernel("Conv2D", "wasm").kernelFunc;

  private constructor(backend: WasmBackend, [conv, sparse, matmul, activation]: Record<string, Kernel>[]) {
    this.#backend = backend;
    this.#memory = backend.wasm.asm.memory;
    this.#conv = conv;
    this.#sparse = sparse;
    this.#matmul = matmul;
    this.#activation = activation;
  }

  static async load(backend: WasmBackend): Promise<WasmKernels> {
    const { memory } = backend.wasm.asm;
    const files = [convWasm, sparseWasm, matmulWasm, activationWasm];
    const load = (base64: string) => instantiateKernel<Record<string, Kernel>>(base64, { env: { memory } });
    return new WasmKernels(backend, await Promise.all(files.map(load)));
  }

  #pointer(tensor: tf.TensorInfo): number {
    return this.#backend.getMemoryOffset(tensor.dataId);
  }

  #output(shape: number[]): tf.TensorInfo {
    return this.#backend.makeOutput(shape, "float32");
  }

  /** Calls `use` with pointers to fresh blocks of these many floats, freed when it returns. */
  #withScratch(floats: readonly number[], use: (...pointers: number[]) => void): void {
    const { wasm } = this.#backend;
    // One float for an empty block: malloc(0) may give 0.
    const blocks = floats.map((count) => wasm._malloc(Math.max(1, count) * 4) >>> 0);
    use(...blocks);
    for (const block of blocks) wasm._free(block);
  }

  /** Copies a map into the middle of its zero-padded copy if `into`, otherwise out of it. */
  #copyPadded(info: tf.backend_util.Conv2DInfo, map: number, padded: number, into: boolean): void {
    const floats = new Float32Array(this.#memory.buffer);
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

  /** Convolution: sparse filters are visited weight by weight, others are left to the backend. */
  readonly conv2D: Run = ({ x, filter }, attributes) => {
    const weights = new Float32Array(
      this.#memory.buffer,
      this.#pointer(filter),
      tf.util.sizeFromShape(filter.shape),
    );
    let nonzeros = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) nonzeros++;
    if (nonzeros > SPARSE_BELOW * weights.length) {
      const inputs = { x, filter } as unknown as tf.NamedTensorInfoMap;
      return this.#denseConv2D({
        inputs,
        backend: this.#backend,
        attrs: attributes as tf.NamedAttrMap,
      }) as tf.TensorInfo;
    }
    const { info, sizes } = convGeometry(x.shape, filter.shape, attributes);
    const [n, paddedHeight, paddedWidth, ...rest] = sizes;
    const { outChannels: co, strideWidth: stride, padInfo } = info;
    const y = this.#output(info.outShape);
    const phase = Math.ceil(paddedWidth / stride);
    const scratch = [
      info.inChannels * paddedHeight * stride * phase * 4,
      co * info.outHeight * info.outWidth * 4,
      nonzeros * 2,
      co + 1,
    ];
    this.#withScratch(scratch, (...pointers) => {
      this.#sparse.sparseForward(
        this.#pointer(x),
        this.#pointer(filter),
        this.#pointer(y),
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

  /** Gradient of the filter of a convolution. */
  readonly conv2DBackpropFilter: Run = ({ x, dy }, attributes) => {
    const shape = attributes.filterShape as number[];
    const { info, padded, paddedFloats, lists, block, sizes } = convGeometry(x.shape, shape, attributes);
    const dw = this.#output(shape);
    const rows =
      info.outChannels * info.filterHeight * Math.ceil((info.filterWidth * info.inChannels) / 4) * 4;
    this.#withScratch([paddedFloats, rows, lists, info.outChannels], (paddedX, ...scratch) => {
      if (padded) this.#copyPadded(info, this.#pointer(x), paddedX, true);
      this.#conv.filterGradient(
        padded ? paddedX : this.#pointer(x),
        this.#pointer(dy),
        this.#pointer(dw),
        ...sizes,
        ...scratch,
        block,
      );
    });
    return dw;
  };

  /** Gradient of the input of a convolution. */
  readonly conv2DBackpropInput: Run = ({ dy, filter }, attributes) => {
    const shape = attributes.inputShape as number[];
    const { info, padded, paddedFloats, lists, block, sizes } = convGeometry(shape, filter.shape, attributes);
    const dx = this.#output(shape);
    const rows = tf.util.sizeFromShape(filter.shape);
    this.#withScratch([paddedFloats, rows, lists, info.outChannels], (paddedDx, ...scratch) => {
      this.#conv.inputGradient(
        this.#pointer(dy),
        this.#pointer(filter),
        padded ? paddedDx : this.#pointer(dx),
        ...sizes,
        ...scratch,
        block,
      );
      if (padded) this.#copyPadded(info, this.#pointer(dx), paddedDx, false);
    });
    return dx;
  };

  /** Product of matrices, or of batches of them. */
  readonly batchMatMul: Run = ({ a, b }, attributes) => {
    const { transposeA, transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
    const [rowsA, colsA] = a.shape.slice(-2);
    const [rowsB, colsB] = b.shape.slice(-2);
    const [m, k] = transposeA ? [colsA, rowsA] : [rowsA, colsA];
    const n = transposeB ? rowsB : colsB;
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const batchA = tf.util.sizeFromShape(a.shape.slice(0, -2));
    const batchB = tf.util.sizeFromShape(b.shape.slice(0, -2));
    const c = this.#output([...outer, m, n]);
    const batch = tf.util.sizeFromShape(outer);
    if ([batchA, batchB].some((size) => size !== 1 && size !== batch)) {
      throw new RangeError("matrix products: expected equal batches, or one matrix for a whole batch");
    }
    this.#withScratch([transposeB ? k * n : 0], (transposed) => {
      for (let i = 0; i < batch; i++) {
        const pointerB = this.#pointer(b) + (i % batchB) * k * n * 4;
        if (transposeB) this.#matmul.transpose(pointerB, transposed, n, k);
        this.#matmul.matmul(
          this.#pointer(a) + (i % batchA) * m * k * 4,
          transposeA ? 4 : k * 4,
          transposeA ? m * 4 : 4,
          transposeB ? transposed : pointerB,
          this.#pointer(c) + i * m * n * 4,
          m,
          n,
          k,
        );
      }
    });
    return c;
  };

  /** Gradient of a max-pooling. */
  readonly maxPoolGrad: Run = ({ dy, input, output: y }, attributes) => {
    const { filterSize, strides, pad, dimRoundingMode } = attributes as unknown as tf.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { top, bottom, left, right } = info.padInfo;
    const square = info.filterHeight === info.filterWidth && info.strideHeight === info.strideWidth;
    if (top + bottom + left + right > 0 || !square) {
      throw new RangeError("the max-pool gradient needs square windows without padding");
    }
    const dx = this.#output(shape);
    const [n, h, w, c] = shape;
    this.#activation.maxPoolGradient(
      this.#pointer(dy),
      this.#pointer(input),
      this.#pointer(y),
      this.#pointer(dx),
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

  /** HardTanh. */
  readonly hardTanh: Run = ({ x }) => {
    const y = this.#output(x.shape);
    this.#activation.hardTanh(this.#pointer(x), this.#pointer(y), tf.util.sizeFromShape(x.shape));
    return y;
  };

  /** Gradient of HardTanh. */
  readonly hardTanhGrad: Run = ({ dy, y }) => {
    const dx = this.#output(y.shape);
    const count = tf.util.sizeFromShape(y.shape);
    this.#activation.hardTanhGradient(this.#pointer(dy), this.#pointer(y), this.#pointer(dx), count);
    return dx;
  };

  /** The same values once more, uncopied, as on the `cpu` backend: every step passes the batch through it twice. */
  readonly identity: Run = ({ x }) => {
    this.#backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };
}

/** Registers the kernels for the wasm backend. Call it once: our convolution falls back on the one it replaces. */
export async function registerWasmKernels(backend: WasmBackend): Promise<void> {
  refuseBeyondMemory(backend);
  const own = await WasmKernels.load(backend);
  const kernels: Record<string, Run> = {
    Conv2D: own.conv2D,
    Conv2DBackpropFilter: own.conv2DBackpropFilter,
    Conv2DBackpropInput: own.conv2DBackpropInput,
    BatchMatMul: own.batchMatMul,
    MaxPoolGrad: own.maxPoolGrad,
    HardTanh: own.hardTanh,
    HardTanhGrad: own.hardTanhGrad,
    Identity: own.identity,
  };
  for (const [kernelName, run] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs }) => {
        const tensors = inputs as Record<string, tf.TensorInfo>;
        if (run !== own.identity && Object.values(tensors).some(({ dtype }) => dtype !== "float32")) {
          throw new RangeError(`${kernelName}: expected float32`);
        }
        return run(tensors, { ...attrs });
      },
    });
  }
}
