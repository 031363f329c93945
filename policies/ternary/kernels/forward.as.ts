/**
 * Integer inference of a ternary network, layer by layer, on blocks of `lanes` inputs at once.
 *
 * A map is stored [channel][row][column][lane] as int16 or int32. With lanes = 8 (batches, search) a vector holds one
 * position of eight inputs. With lanes = 1 (driving, where latency counts) it holds eight or four neighbouring positions
 * of one input; the rows of a map are then processed as one long row, and the sums between two rows are ignored.
 * Either way a weight is one unaligned load and one addition a vector, and a zero weight costs nothing.
 *
 * A convolution of stride s reads its input split into s * s phases (plane c, y mod s, x mod s), so that a weight is
 * always one offset from the output's position. `program.ts` writes the records and the lists of offsets.
 */

/** A layer as program.ts lays it out: the fields stand in the order of its `recordFields`, 4 bytes each. */
@unmanaged
export class Layer {
  /** 0 convolution, 1 dense. */
  kind: i32;
  /** Bits of an input and of an accumulator: 16 or 32. */
  bits: i32;
  /** Bits of an output, which is an input of the next layer: 16 or 32. */
  outBits: i32;
  /** Inputs in a block: 1 or 8. */
  lanes: i32;
  /** Number of planes: input channels (phases are not counted) of a convolution, inputs of a dense layer. */
  planes: i32;
  /** Number of units. */
  outputs: i32;
  /** Rows of sums before pooling. */
  height: i32;
  /** Columns of sums before pooling. */
  width: i32;
  /** Positions in a row of an input plane. */
  inWidth: i32;
  /** Positions in a row of accumulators. */
  accWidth: i32;
  /** Positions in the accumulators of a unit. */
  accPlane: i32;
  /** Side and stride of the max-pooling. */
  pool: i32;
  /** Rows after pooling. */
  pooledHeight: i32;
  /** Columns after pooling. */
  pooledWidth: i32;
  /** Positions in an output plane. */
  outPlane: i32;
  /** Positions in a row of an output plane. */
  outWidth: i32;
  /** Positions before the first output of a plane: padding of the next layer. */
  outFirst: i32;
  /** Largest magnitude of an output: HardTanh. 0 for the last layer, which is not clipped. */
  clip: i32;
  /** Address of the input of block 0. */
  input: usize;
  /** Bytes from the input of a block to the next. */
  inputStride: usize;
  /** Address of the accumulators of block 0. */
  acc: usize;
  /** Bytes from the accumulators of a block to the next. */
  accStride: usize;
  /** Address of the output of block 0. */
  output: usize;
  /** Bytes from the output of a block to the next. */
  outputStride: usize;
  /** Index in `plus` of the first offset of each unit and plane: int32 [outputs * planes + 1]. */
  plusStarts: usize;
  /** Index in `minus` of the first offset of each unit and plane: int32 [outputs * planes + 1]. */
  minusStarts: usize;
  /** Byte offsets into the input of the +1 weights, ordered by unit and plane: int32. */
  plus: usize;
  /** Byte offsets into the input of the -1 weights, ordered by unit and plane: int32. */
  minus: usize;
  /** Scratch of search: the change of one block's input, zero at padding. */
  change: usize;
  /** Scratch of search: the new accumulators of one block. */
  sums: usize;
  /**
   * Search in dense layers: for each unit of the layer before, the index in `readers` of the first +1 weight that reads
   * it, then that of the first -1 weight: int32 [2 * units + 1].
   */
  readerStarts: usize;
  /** Search in dense layers: for each such weight its byte offsets into `change` and into `sums`: int32 [weights, 2]. */
  readers: usize;
  /** Search in convolutions: first and last window of each unit that something reads: int32 [outputs, 2]. */
  windowRanges: usize;
  /**
   * Search in convolutions: for each window the byte offsets of its first sum, of the input there, and of the pooled
   * output: int32 [windows, 3].
   */
  windows: usize;
}

/** Address of the first byte after the compiler's static data. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * Computes out = init + sum of the plus streams - sum of the minus streams. An `init` of 0 stands for zeros; `bytes` is a
 * multiple of 16.
 */
export function accumulate<T>(
  init: usize, inp: usize, out: usize, bytes: usize,
  plus: usize, plusEnd: usize, minus: usize, minusEnd: usize,
): void {
  const zero = v128.splat<i32>(0);
  let at: usize = 0;
  for (; at + 112 <= bytes; at += 112) {
    let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero;
    if (init) {
      const p = init + at;
      a0 = v128.load(p); a1 = v128.load(p, 16); a2 = v128.load(p, 32); a3 = v128.load(p, 48);
      a4 = v128.load(p, 64); a5 = v128.load(p, 80); a6 = v128.load(p, 96);
    }
    const base = inp + at;
    for (let w = plus; w < plusEnd; w += 4) {
      const p = base + load<u32>(w);
      a0 = v128.add<T>(a0, v128.load(p)); a1 = v128.add<T>(a1, v128.load(p, 16));
      a2 = v128.add<T>(a2, v128.load(p, 32)); a3 = v128.add<T>(a3, v128.load(p, 48));
      a4 = v128.add<T>(a4, v128.load(p, 64)); a5 = v128.add<T>(a5, v128.load(p, 80));
      a6 = v128.add<T>(a6, v128.load(p, 96));
    }
    for (let w = minus; w < minusEnd; w += 4) {
      const p = base + load<u32>(w);
      a0 = v128.sub<T>(a0, v128.load(p)); a1 = v128.sub<T>(a1, v128.load(p, 16));
      a2 = v128.sub<T>(a2, v128.load(p, 32)); a3 = v128.sub<T>(a3, v128.load(p, 48));
      a4 = v128.sub<T>(a4, v128.load(p, 64)); a5 = v128.sub<T>(a5, v128.load(p, 80));
      a6 = v128.sub<T>(a6, v128.load(p, 96));
    }
    const o = out + at;
    v128.store(o, a0); v128.store(o, a1, 16); v128.store(o, a2, 32); v128.store(o, a3, 48);
    v128.store(o, a4, 64); v128.store(o, a5, 80); v128.store(o, a6, 96);
  }
  for (; at + 64 <= bytes; at += 64) {
    let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
    if (init) {
      const p = init + at;
      a0 = v128.load(p); a1 = v128.load(p, 16); a2 = v128.load(p, 32); a3 = v128.load(p, 48);
    }
    const base = inp + at;
    for (let w = plus; w < plusEnd; w += 4) {
      const p = base + load<u32>(w);
      a0 = v128.add<T>(a0, v128.load(p)); a1 = v128.add<T>(a1, v128.load(p, 16));
      a2 = v128.add<T>(a2, v128.load(p, 32)); a3 = v128.add<T>(a3, v128.load(p, 48));
    }
    for (let w = minus; w < minusEnd; w += 4) {
      const p = base + load<u32>(w);
      a0 = v128.sub<T>(a0, v128.load(p)); a1 = v128.sub<T>(a1, v128.load(p, 16));
      a2 = v128.sub<T>(a2, v128.load(p, 32)); a3 = v128.sub<T>(a3, v128.load(p, 48));
    }
    const o = out + at;
    v128.store(o, a0); v128.store(o, a1, 16); v128.store(o, a2, 32); v128.store(o, a3, 48);
  }
  for (; at < bytes; at += 16) {
    let a0 = init ? v128.load(init + at) : zero;
    for (let w = plus; w < plusEnd; w += 4) a0 = v128.add<T>(a0, v128.load(inp + at + load<u32>(w)));
    for (let w = minus; w < minusEnd; w += 4) a0 = v128.sub<T>(a0, v128.load(inp + at + load<u32>(w)));
    v128.store(out + at, a0);
  }
}

/** Computes the accumulators of one unit of a convolution from the planes `from` to `to` - 1, for one block. */
export function convolveUnit<T>(l: Layer, unit: i32, from: i32, to: i32, init: usize, inp: usize, out: usize): void {
  const first = (unit * l.planes + from) << 2, last = (unit * l.planes + to) << 2;
  const plus = l.plus + (load<u32>(l.plusStarts + first) << 2), plusEnd = l.plus + (load<u32>(l.plusStarts + last) << 2);
  const minus = l.minus + (load<u32>(l.minusStarts + first) << 2), minusEnd = l.minus + (load<u32>(l.minusStarts + last) << 2);
  const element = l.lanes * sizeof<T>();
  if (l.lanes == 1) {
    const bytes = (((l.height - 1) * l.inWidth + l.width) * element + 15) & ~15;
    accumulate<T>(init, inp, out, bytes, plus, plusEnd, minus, minusEnd);
    return;
  }
  for (let y = 0; y < l.height; y++) {
    const at = y * l.accWidth * element;
    accumulate<T>(init ? init + at : 0, inp + y * l.inWidth * element, out + at, l.width * element, plus, plusEnd, minus, minusEnd);
  }
}

// @ts-ignore: decorator
@inline
function storeNarrowed<O>(p: usize, value: i32): void {
  if (sizeof<O>() == 2) store<i16>(p, <i16>value);
  else store<i32>(p, value);
}

/**
 * Pools and clips the sums of one unit.
 * @param acc address of the unit's accumulators
 * @param out address of the unit's first unpadded output
 */
export function poolUnit<T, O>(l: Layer, acc: usize, out: usize): void {
  const pool = l.pool, element = l.lanes * sizeof<T>(), outElement = l.lanes * sizeof<O>();
  // An int16 accumulator never exceeds 32767, so a larger threshold may be lowered to it.
  const clip = sizeof<T>() == 2 ? min(l.clip, 32767) : l.clip;
  const upper = v128.splat<T>(<T>clip), lower = v128.splat<T>(<T>-clip);
  for (let y = 0; y < l.pooledHeight; y++) {
    for (let x = 0; x < l.pooledWidth; x++) {
      const p = acc + (y * pool * l.accWidth + x * pool) * element;
      const o = out + (y * l.outWidth + x) * outElement;
      if (l.lanes == 1) {
        let best = -clip;
        for (let dy = 0; dy < pool; dy++)
          for (let dx = 0; dx < pool; dx++) best = max(best, <i32>load<T>(p + (dy * l.accWidth + dx) * element));
        storeNarrowed<O>(o, min(best, clip));
        continue;
      }
      for (let half: usize = 0; half < sizeof<T>() * 8; half += 16) {
        let best = lower;
        for (let dy = 0; dy < pool; dy++)
          for (let dx = 0; dx < pool; dx++)
            best = v128.max<T>(best, v128.load(p + half + (dy * l.accWidth + dx) * element));
        storeLanes<T, O>(o, half, v128.min<T>(best, upper));
      }
    }
  }
}

/** Stores one vector of T, which begins at byte `half` of eight lanes, as O. Values fit, since |value| <= clip. */
// @ts-ignore: decorator
@inline
export function storeLanes<T, O>(out: usize, half: usize, value: v128): void {
  if (sizeof<T>() == sizeof<O>()) v128.store(out + half, value);
  else if (sizeof<O>() == 4) {
    v128.store(out, v128.extend_low<i16>(value));
    v128.store(out, v128.extend_high<i16>(value), 16);
  } else v128.store_lane<i64>(out + (half >> 1), v128.narrow<i32>(value, value), 0);
}

function convolution<T, O>(l: Layer, inp: usize, acc: usize, out: usize): void {
  const accBytes = l.accPlane * l.lanes * sizeof<T>(), outBytes = l.outPlane * l.lanes * sizeof<O>();
  const first = l.outFirst * l.lanes * sizeof<O>();
  for (let unit = 0; unit < l.outputs; unit++) {
    const unitAcc = acc + unit * accBytes;
    convolveUnit<T>(l, unit, 0, l.planes, 0, inp, unitAcc);
    poolUnit<T, O>(l, unitAcc, out + first + unit * outBytes);
  }
}

function dense(l: Layer, inp: usize, acc: usize, out: usize): void {
  const unitBytes = l.lanes * 4;
  const clip = v128.splat<i32>(l.clip), lower = v128.splat<i32>(-l.clip);
  for (let unit = 0; unit < l.outputs; unit++) {
    const first = (unit * l.planes) << 2, last = ((unit + 1) * l.planes) << 2;
    const plus = l.plus + (load<u32>(l.plusStarts + first) << 2), plusEnd = l.plus + (load<u32>(l.plusStarts + last) << 2);
    const minus = l.minus + (load<u32>(l.minusStarts + first) << 2), minusEnd = l.minus + (load<u32>(l.minusStarts + last) << 2);
    const a = acc + unit * unitBytes, o = out + unit * unitBytes;
    if (l.lanes == 1) {
      let sum = 0;
      for (let w = plus; w < plusEnd; w += 4) sum += load<i32>(inp + load<u32>(w));
      for (let w = minus; w < minusEnd; w += 4) sum -= load<i32>(inp + load<u32>(w));
      store<i32>(a, sum);
      if (l.clip) store<i32>(o, min(max(sum, -l.clip), l.clip));
      continue;
    }
    accumulate<i32>(0, inp, a, unitBytes, plus, plusEnd, minus, minusEnd);
    if (l.clip) {
      v128.store(o, v128.max<i32>(v128.min<i32>(v128.load(a), clip), lower));
      v128.store(o, v128.max<i32>(v128.min<i32>(v128.load(a, 16), clip), lower), 16);
    }
  }
}

/** Computes accumulators and outputs of the layers `from` to `to` - 1 of the record table for one block. */
export function forward(layers: usize, from: i32, to: i32, block: i32): void {
  for (let k = from; k < to; k++) {
    const l = changetype<Layer>(layers + k * offsetof<Layer>());
    const inp = l.input + <usize>block * l.inputStride, acc = l.acc + <usize>block * l.accStride, out = l.output + <usize>block * l.outputStride;
    if (l.kind == 1) dense(l, inp, acc, out);
    else if (l.bits == 16) {
      if (l.outBits == 16) convolution<i16, i16>(l, inp, acc, out);
      else convolution<i16, i32>(l, inp, acc, out);
    } else {
      if (l.outBits == 16) convolution<i32, i16>(l, inp, acc, out);
      else convolution<i32, i32>(l, inp, acc, out);
    }
  }
}

/** Writes one input (height × width × channels bytes at `bytes`) into its lane of the first layer's phases. */
export function pack(
  layer: usize, bytes: usize, height: i32, width: i32, channels: i32, stride: i32, pad: i32, planeHeight: i32,
  scale: i32, shift: i32, block: i32, lane: i32,
): void {
  const l = changetype<Layer>(layer);
  if (l.bits == 16) packAs<i16>(l, bytes, height, width, channels, stride, pad, planeHeight, scale, shift, block, lane);
  else packAs<i32>(l, bytes, height, width, channels, stride, pad, planeHeight, scale, shift, block, lane);
}

function packAs<T>(
  l: Layer, bytes: usize, height: i32, width: i32, channels: i32, stride: i32, pad: i32, planeHeight: i32,
  scale: i32, shift: i32, block: i32, lane: i32,
): void {
  const element = l.lanes * sizeof<T>(), plane = planeHeight * l.inWidth * element;
  const base = l.input + <usize>block * l.inputStride + lane * sizeof<T>();
  for (let y = 0; y < height; y++) {
    const py = y + pad, row = (py / stride) * l.inWidth;
    for (let phase = 0; phase < stride; phase++) {
      // The first column of this phase; every `stride`th column after it follows.
      let x = (phase + stride - (pad % stride)) % stride;
      for (let c = 0; c < channels; c++) {
        let from = bytes + (y * width + x) * channels + c;
        const end = bytes + (y + 1) * width * channels;
        let to = base + ((c * stride + (py % stride)) * stride + phase) * plane + (row + (x + pad) / stride) * element;
        for (; from < end; from += stride * channels, to += element)
          store<T>(to, <T>(<i32>load<u8>(from) * scale + shift));
      }
    }
  }
}
