/**
 * A ternary network laid out in a kernel's memory: maps, accumulators, and each layer's nonzero weights as lists of
 * byte offsets, described by the records that kernels/forward.as.ts reads. Inference keeps one block of maps and
 * overwrites it; search keeps the maps of all its data from some layer on.
 *
 * A convolution runs in int16 where no sum of its own or of a first neighbour can pass 32,767: (n + 1) * T, with n
 * the most nonzeros of a unit and T the integer of value 1 at its input. Otherwise, and in dense layers, int32.
 */
import {
  checkNetwork,
  InvalidNetwork,
  type Layer,
  mostNonzeros,
  type TernaryNetwork,
  unitValue,
} from "./network.ts";

/** Exports of kernels/forward.as.ts, and of any kernel that includes it. */
export interface ForwardKernel {
  /** Memory of the instance. */
  memory: WebAssembly.Memory;
  /** Address of the first byte that the kernel does not use itself. */
  heapBase(): number;
  /** Runs layers `from` up to, not including, `to` of a block; `layers` is the address of the records. */
  forward(layers: number, from: number, to: number, block: number): void;
  /** Writes an input's bytes, times `scale` plus `shift`, into the first layer's padded, phase-split planes. */
  pack(
    layer: number,
    bytes: number,
    height: number,
    width: number,
    channels: number,
    stride: number,
    pad: number,
    planeHeight: number,
    scale: number,
    shift: number,
    block: number,
    lane: number,
  ): void;
}

/** Fields of the kernel's `Layer` record, in its order. */
const recordFields = [
  "kind",
  "bits",
  "outBits",
  "lanes",
  "planes",
  "outputs",
  "height",
  "width",
  "inWidth",
  "accWidth",
  "accPlane",
  "pool",
  "pooledHeight",
  "pooledWidth",
  "outPlane",
  "outWidth",
  "outFirst",
  "clip",
  "input",
  "inputStride",
  "acc",
  "accStride",
  "output",
  "outputStride",
  "plusStarts",
  "minusStarts",
  "plus",
  "minus",
  "change",
  "sums",
  "readerStarts",
  "readers",
  "windowRanges",
  "windows",
] as const;

type LayerRecord = Record<(typeof recordFields)[number], number>;

/** Bytes of one record. */
const RECORD_BYTES = recordFields.length * 4;

/** Shape of a layer's maps for one input; a dense layer's maps are 1×1. Positions, not bytes. */
interface Shape {
  /** Input planes (channels times phases) and their padded, phase-split size. */
  planes: number;
  planeHeight: number;
  planeWidth: number;
  height: number;
  width: number;
  pooledHeight: number;
  pooledWidth: number;
  stride: number;
  pad: number;
  pool: number;
}

/** Bytes of each memory that arenas have handed out so far. */
const handedOut = new WeakMap<WebAssembly.Memory, number>();

/**
 * Hands out memory upward, 16-byte aligned; growing detaches views, so views are made where they are used. A kernel
 * that is no longer used may get a new arena, which begins anew.
 */
export class Arena {
  /** The kernel's memory. */
  readonly memory: WebAssembly.Memory;
  #top: number;
  /** Bytes below may not be zero. */
  readonly #written: number;

  /** @param kernel whose memory is handed out from `heapBase` on */
  constructor(kernel: { memory: WebAssembly.Memory; heapBase(): number }) {
    this.memory = kernel.memory;
    this.#top = (kernel.heapBase() + 15) & ~15;
    this.#written = handedOut.get(this.memory) ?? 0;
  }

  /** Address of `bytes` zeroed bytes, followed by room for one vector read past their end. */
  allocate(bytes: number): number {
    const address = this.#top;
    this.#top += Math.ceil((bytes + 32) / 16) * 16;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    if (address < this.#written)
      new Uint8Array(this.memory.buffer).fill(0, address, Math.min(this.#top, this.#written));
    handedOut.set(this.memory, Math.max(this.#top, this.#written));
    return address;
  }

  /** A view of `length` int32 at an address, valid until memory grows. */
  ints(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }
}

/** Options of a {@link Program}. */
export interface ProgramOptions {
  /** Inputs in a vector: 1 for latency, 8 for batches. */
  lanes: 1 | 8;
  /** Blocks of `lanes` inputs whose maps are kept, from 1 up. Default: 1. */
  blocks?: number;
  /** First layer (from 0) whose input and sums are kept for every block; those before share one. Default: none is kept. */
  keepFrom?: number;
  /** True if the scratch maps of delta evaluation are laid out too. Default: false. */
  deltas?: boolean;
}

/** A network in a kernel's memory, ready to run. */
export class Program {
  /** Hands out the kernel's memory. */
  readonly arena: Arena;
  /** Address of the records, one a layer. */
  readonly layers: number;
  /** Inputs in a vector. */
  readonly lanes: number;
  /** Blocks of inputs. */
  readonly blocks: number;
  /** Copies of the records in memory. */
  readonly records: LayerRecord[] = [];
  /** Number of the last layer's outputs. */
  readonly outputs: number;
  readonly #kernel: ForwardKernel;
  readonly #network: TernaryNetwork;
  readonly #shapes: Shape[];
  readonly #inputBytes: number;
  readonly #staging: number;
  /** Dense layers whose weights changed since their readers were written: that is slow, so it waits until it is needed. */
  readonly #staleReaders = new Set<number>();

  /** @throws InvalidNetwork on a network outside of the bounds of network.ts */
  constructor(kernel: ForwardKernel, network: TernaryNetwork, options: ProgramOptions) {
    checkNetwork(network);
    const { architecture } = network;
    const { layers } = architecture;
    const { lanes, blocks = 1, keepFrom = layers.length, deltas = false } = options;
    this.#kernel = kernel;
    this.#network = network;
    this.lanes = lanes;
    this.blocks = blocks;
    this.arena = new Arena(kernel);
    this.#shapes = mapShapes(layers, architecture.height, architecture.width);
    this.outputs = layers[layers.length - 1].out;
    this.#inputBytes = architecture.height * architecture.width * architecture.channels;
    this.#staging = this.arena.allocate(this.#inputBytes);
    this.layers = this.arena.allocate(layers.length * RECORD_BYTES);

    const bits = layers.map((layer, k) => layerBits(network, layer, k));
    const inputBytes = layers.map((_, k) => {
      const { planes, planeHeight, planeWidth } = this.#shapes[k];
      return (planes * planeHeight * planeWidth * lanes * bits[k]) / 8;
    });
    const inputs = layers.map((_, k) => this.arena.allocate(inputBytes[k] * (k >= keepFrom ? blocks : 1)));
    layers.forEach((layer, k) => {
      const shape = this.#shapes[k];
      const next = this.#shapes[k + 1];
      const last = k === layers.length - 1;
      const accWidth = lanes === 1 ? shape.planeWidth : shape.width;
      const accPlane =
        lanes === 1
          ? Math.ceil(((shape.height - 1) * accWidth + shape.width) / 8) * 8
          : shape.height * shape.width;
      const accStride = (layer.out * accPlane * lanes * bits[k]) / 8;
      const units = layer.out * (layer.kind === "conv" ? layer.in : 1);
      const nonzeros = network.weights[layer.name].reduce((sum, w) => sum + Math.abs(w), 0);
      this.records.push({
        kind: layer.kind === "conv" ? 0 : 1,
        bits: bits[k],
        outBits: last ? 32 : bits[k + 1],
        lanes,
        planes: layer.kind === "conv" ? layer.in : 1,
        outputs: layer.out,
        height: shape.height,
        width: shape.width,
        inWidth: shape.planeWidth,
        accWidth,
        accPlane: layer.kind === "conv" ? accPlane : 1,
        pool: shape.pool,
        pooledHeight: shape.pooledHeight,
        pooledWidth: shape.pooledWidth,
        // A dense layer takes the pooled maps one after another: every position is one of its inputs.
        outPlane:
          layers[k + 1]?.kind === "conv"
            ? next.planeHeight * next.planeWidth
            : shape.pooledHeight * shape.pooledWidth,
        outWidth: layers[k + 1]?.kind === "conv" ? next.planeWidth : shape.pooledWidth,
        outFirst: layers[k + 1]?.kind === "conv" ? next.pad * next.planeWidth + next.pad : 0,
        clip: last ? 0 : unitValue(network, k),
        input: inputs[k],
        inputStride: k >= keepFrom ? inputBytes[k] : 0,
        acc: this.arena.allocate(accStride * (k >= keepFrom ? blocks : 1)),
        accStride: k >= keepFrom ? accStride : 0,
        output: last ? 0 : inputs[k + 1],
        outputStride: !last && k + 1 >= keepFrom ? inputBytes[k + 1] : 0,
        plusStarts: this.arena.allocate((units + 1) * 4),
        minusStarts: this.arena.allocate((units + 1) * 4),
        // Swaps keep a layer's number of nonzeros but may move signs.
        plus: this.arena.allocate(nonzeros * 4),
        minus: this.arena.allocate(nonzeros * 4),
        change: deltas ? this.arena.allocate(inputBytes[k]) : 0,
        sums: deltas ? this.arena.allocate(accStride) : 0,
        readerStarts: deltas && layer.kind === "dense" ? this.arena.allocate((2 * layer.in + 1) * 4) : 0,
        readers: deltas && layer.kind === "dense" ? this.arena.allocate(nonzeros * 8) : 0,
        windowRanges: deltas && layer.kind === "conv" ? this.arena.allocate(layer.out * 8) : 0,
        windows:
          deltas && layer.kind === "conv"
            ? this.arena.allocate(layer.out * shape.pooledHeight * shape.pooledWidth * 12)
            : 0,
      });
    });
    const table = this.arena.ints(this.layers, layers.length * recordFields.length);
    table.set(this.records.flatMap((record) => recordFields.map((field) => record[field])));
    for (let k = 0; k < layers.length; k++) {
      if (deltas && layers[k + 1]?.kind === "conv") this.#setWindows(k, () => true);
      this.setWeights(k);
    }
  }

  /** Writes the lists of layer k (from 0) anew from the network's weights, after they changed. */
  setWeights(k: number): void {
    const layer = this.#network.architecture.layers[k];
    const weights = this.#network.weights[layer.name];
    const record = this.records[k];
    const lists = layer.out * record.planes;
    const perList = weights.length / lists;
    const plusStarts = this.arena.ints(record.plusStarts, lists + 1);
    const minusStarts = this.arena.ints(record.minusStarts, lists + 1);
    const plus: number[] = [];
    const minus: number[] = [];
    for (let list = 0, i = 0; list < lists; list++) {
      plusStarts[list] = plus.length;
      minusStarts[list] = minus.length;
      for (const end = i + perList; i < end; i++) {
        const w = weights[i];
        if (w !== 0) (w > 0 ? plus : minus).push(this.offset(k, i));
      }
    }
    plusStarts[lists] = plus.length;
    minusStarts[lists] = minus.length;
    this.arena.ints(record.plus, plus.length).set(plus);
    this.arena.ints(record.minus, minus.length).set(minus);
    if (record.readers !== 0) this.#staleReaders.add(k);
  }

  /** For search: updates the lists of the layers from `from` on that delta evaluation of earlier layers reads. */
  updateReaders(from: number): void {
    for (const k of this.#staleReaders) {
      if (k < from) continue;
      this.#setReaders(k);
      this.#staleReaders.delete(k);
    }
  }

  /** For search: writes the readers of the units before dense layer k, and the pooled outputs that have any. */
  #setReaders(k: number): void {
    const layer = this.#network.architecture.layers[k];
    const before = this.#network.architecture.layers[k - 1];
    const weights = this.#network.weights[layer.name];
    const record = this.records[k];
    const perUnit = layer.in / before.out;
    const starts = [0];
    const readers: number[] = [];
    const read = new Set<number>();
    for (let unit = 0; unit < before.out; unit++)
      for (const sign of [1, -1]) {
        for (let input = unit * perUnit; input < (unit + 1) * perUnit; input++)
          for (let output = 0; output < layer.out; output++) {
            if (weights[output * layer.in + input] !== sign) continue;
            readers.push(input * this.lanes * 4, output * this.lanes * 4);
            read.add(input);
          }
        starts.push(readers.length / 2);
      }
    this.arena.ints(record.readerStarts, starts.length).set(starts);
    this.arena.ints(record.readers, readers.length).set(readers);
    if (before.kind === "conv") this.#setWindows(k - 1, (output) => read.has(output));
  }

  /** For search: writes the pooling windows of convolution k whose output, counted over all units, is read. */
  #setWindows(k: number, isRead: (output: number) => boolean): void {
    const record = this.records[k];
    const { outputs, pooledHeight, pooledWidth, pool, accWidth, inWidth, outWidth, outFirst } = record;
    const element = (this.lanes * record.bits) / 8;
    const outElement = (this.lanes * record.outBits) / 8;
    const ranges: number[] = [];
    const windows: number[] = [];
    for (let unit = 0, output = 0; unit < outputs; unit++) {
      ranges.push(windows.length / 3);
      for (let y = 0; y < pooledHeight; y++)
        for (let x = 0; x < pooledWidth; x++, output++) {
          if (!isRead(output)) continue;
          windows.push((y * accWidth + x) * pool * element, (y * inWidth + x) * pool * element);
          windows.push((outFirst + y * outWidth + x) * outElement);
        }
      ranges.push(windows.length / 3);
    }
    this.arena.ints(record.windowRanges, ranges.length).set(ranges);
    this.arena.ints(record.windows, windows.length).set(windows);
  }

  /** Bytes from a unit's first input position to the one that weight `index` of layer k multiplies. */
  offset(k: number, index: number): number {
    const layer = this.#network.architecture.layers[k];
    const element = (this.lanes * this.records[k].bits) / 8;
    if (layer.kind === "dense") return (index % layer.in) * element;
    const { planeHeight, planeWidth, stride } = this.#shapes[k];
    const kx = index % layer.kernel;
    const ky = Math.floor(index / layer.kernel) % layer.kernel;
    const plane = Math.floor(index / layer.kernel ** 2) % layer.in;
    const phase = (plane * stride + (ky % stride)) * stride + (kx % stride);
    const position = Math.floor(ky / stride) * planeWidth + Math.floor(kx / stride);
    return (phase * planeHeight * planeWidth + position) * element;
  }

  /**
   * Writes one input into its place of the first layer's input.
   * @param bytes height × width × channels
   * @param block number of its block, from 0
   * @param lane its place in the block, from 0
   * @throws InvalidNetwork on another number of bytes
   */
  pack(bytes: Uint8Array, block: number, lane: number): void {
    if (bytes.length !== this.#inputBytes)
      throw new InvalidNetwork(`input: expected ${this.#inputBytes} bytes, got ${bytes.length}`);
    const { height, width, channels, pixel } = this.#network.architecture;
    const { stride, pad, planeHeight } = this.#shapes[0];
    new Uint8Array(this.arena.memory.buffer, this.#staging, bytes.length).set(bytes);
    const [scale, shift] = pixel === "p" ? [1, 0] : [2, -255];
    const args = [height, width, channels, stride, pad, planeHeight, scale, shift] as const;
    this.#kernel.pack(this.layers, this.#staging, ...args, block, lane);
  }

  /** Runs layers `from` up to `to` (not included) of one block. */
  forward(block: number, from = 0, to = this.records.length): void {
    this.#kernel.forward(this.layers, from, to, block);
  }

  /** Sums of layer k for one input, before pooling and clip: values, float32 [out, height, width]. */
  sums(k: number, block: number, lane: number): Float32Array {
    const { acc, accStride, accPlane, accWidth, bits, outputs, height, width } = this.records[k];
    const { buffer } = this.arena.memory;
    const length = outputs * accPlane * this.lanes;
    const address = acc + block * accStride;
    const stored = bits === 16 ? new Int16Array(buffer, address, length) : this.arena.ints(address, length);
    const unit = unitValue(this.#network, k);
    const values = new Float32Array(outputs * height * width);
    for (let out = 0, i = 0; out < outputs; out++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, i++)
          values[i] = stored[(out * accPlane + y * accWidth + x) * this.lanes + lane] / unit;
    return values;
  }

  /** Sums of the last layer for a block, int32 [outputs, lanes]: a view that is valid until memory grows. */
  results(block: number): Int32Array {
    const { acc, accStride } = this.records[this.records.length - 1];
    return this.arena.ints(acc + block * accStride, this.outputs * this.lanes);
  }
}

function layerBits(network: TernaryNetwork, layer: Layer, k: number): 16 | 32 {
  const largest = (mostNonzeros(layer, network.weights[layer.name]) + 1) * unitValue(network, k - 1);
  return layer.kind === "conv" && largest <= 32767 ? 16 : 32;
}

function mapShapes(layers: readonly Layer[], inputHeight: number, inputWidth: number): Shape[] {
  let height = inputHeight;
  let width = inputWidth;
  return layers.map((layer, k) => {
    if (layer.kind === "dense") {
      const one = { planeHeight: 1, planeWidth: 1, height: 1, width: 1, pooledHeight: 1, pooledWidth: 1 };
      return { planes: layer.in, ...one, stride: 1, pad: 0, pool: 1 };
    }
    const { stride, pad, kernel, pool } = layer;
    // Only `pack` writes phases; a pooled map is written as one plane a channel.
    if (k > 0 && stride !== 1)
      throw new InvalidNetwork(
        `layer "${layer.name}": expected a stride of 1, which only the first may exceed`,
      );
    const shape: Shape = {
      planes: layer.in * stride ** 2,
      planeHeight: Math.ceil((height + 2 * pad) / stride),
      planeWidth: Math.ceil((width + 2 * pad) / stride),
      height: Math.floor((height + 2 * pad - kernel) / stride) + 1,
      width: Math.floor((width + 2 * pad - kernel) / stride) + 1,
      pooledHeight: 0,
      pooledWidth: 0,
      stride,
      pad,
      pool,
    };
    height = shape.pooledHeight = Math.floor(shape.height / pool);
    width = shape.pooledWidth = Math.floor(shape.width / pool);
    return shape;
  });
}
