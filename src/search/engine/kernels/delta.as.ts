/**
 * Delta evaluation: the fitness of first neighbours from the kept maps and sums of the network they neighbour.
 *
 * A swap changes one or two units of one layer. Their new sums are the kept ones plus or minus one shifted input;
 * what changes behind the pooling and the clip is carried on through the nonzero weights that read it, down to new
 * sums of the last layer, which the fitness then judges. Every step is the integer arithmetic of a full forward
 * pass, so the result is equal, not close. Eight inputs are eight lanes; the loop runs over blocks of eight and, within
 * a block, over candidates, so that a block's maps stay in the cache.
 */
import { convolveUnit, forward, heapBase, Layer, pack, poolUnit } from "../../../../policies/ternary/kernels/forward.as";

export { forward, heapBase, pack };

/** A neighbour as two changes of weights of one layer: weight at byte offset `offset` of `unit` changes by `sign`. */
@unmanaged
class Candidate {
  unit1: i32;
  offset1: i32;
  sign1: i32;
  unit2: i32;
  offset2: i32;
  /** 0: a single removal or addition. */
  sign2: i32;
}

/** A measure and the answers it is measured by, as `delta-engine.ts` writes them. */
@unmanaged
class Fitness {
  /** 0 classification accuracy, 1 cross-entropy, 2 action accuracy, 3 imitation loss, 4 classification margin. */
  kind: i32;
  outputs: i32;
  /** int32 [8] labels a block (class), or int32 [3, 8] bins a block (car). -1 and 9 stand for no input in the lane. */
  labels: usize;
  /** int32 [3, 8] a block: what the outputs should be (imitation loss). */
  targets: usize;
  /** int32 [8] a block: whole weights of the inputs, 0 for no input in the lane (losses). */
  weights: usize;
  /** Action accuracy: sums above a cut count as on; steering also below its negative. */
  steerCut: i32;
  gasCut: i32;
  brakeCut: i32;
  /** The sum that stands for 1: imitation loss compares actions, which are clipped to it; margins are clipped to it. */
  unit: i32;
  /** Cross-entropy: reciprocal of temperature, per integer of the sums. */
  scale: f32;
  steerWeight: i32;
  gasWeight: i32;
  brakeWeight: i32;
  /** A power of two: what a block of inputs adds to a loss is rounded to whole multiples of 1 / grid. */
  grid: f64;
}

/** Units of layer `k`, for the block at hand, whose output changed. Filled by one step, read by the next. */
const touched = memory.data(4 * 1024);
let touchedCount = 0;
/** Cross-entropy: float32 [outputs, 8], e^(sum * scale - shift) of a candidate's sums, and of a block's kept ones. */
const exponentials = memory.data(16 * 32);
const keptExponentials = memory.data(16 * 32);
/** float32 [8]: the shifts (`shiftOf`) of `exponentials`. */
const shifts = memory.data(32);

/** Stores clipped outputs minus the old ones, as O. */
// @ts-ignore: decorator
@inline
function storeDifference<T, O>(change: usize, old: usize, half: usize, value: v128): void {
  if (sizeof<T>() == sizeof<O>()) v128.store(change + half, v128.sub<O>(value, v128.load(old + half)));
  else if (sizeof<O>() == 4) {
    v128.store(change, v128.sub<i32>(v128.extend_low<i16>(value), v128.load(old)));
    v128.store(change, v128.sub<i32>(v128.extend_high<i16>(value), v128.load(old, 16)), 16);
  } else {
    const narrow = v128.narrow<i32>(value, value);
    v128.store_lane<i64>(change + (half >> 1), v128.sub<i16>(narrow, v128.load_zero<i64>(old + (half >> 1))), 0);
  }
}

/** Adds the kept change of one unit of the layer before, in eight lanes, to a dense layer's new sums. */
// @ts-ignore: decorator
@inline
function spread(l: Layer, unit: i32): void {
  const starts = l.readerStarts + (<usize>unit << 3);
  let reader = l.readers + (<usize>load<u32>(starts) << 3);
  const minus = l.readers + (<usize>load<u32>(starts, 4) << 3), end = l.readers + (<usize>load<u32>(starts, 8) << 3);
  for (; reader < minus; reader += 8) {
    const change = l.change + load<u32>(reader), sums = l.sums + load<u32>(reader, 4);
    v128.store(sums, v128.add<i32>(v128.load(sums), v128.load(change)));
    v128.store(sums, v128.add<i32>(v128.load(sums, 16), v128.load(change, 16)), 16);
  }
  for (; reader < end; reader += 8) {
    const change = l.change + load<u32>(reader), sums = l.sums + load<u32>(reader, 4);
    v128.store(sums, v128.sub<i32>(v128.load(sums), v128.load(change)));
    v128.store(sums, v128.sub<i32>(v128.load(sums, 16), v128.load(change, 16)), 16);
  }
}

/** The largest of a 2×2 window of sums at `a`, to which `edits` (0, 1, 2) inputs times a sign are added. */
// @ts-ignore: decorator
@inline
function largest<T>(
  a: usize, accRow: usize, inRow: usize, edits: i32, in1: usize, s1: v128, in2: usize, s2: v128,
): v128 {
  const el: usize = 8 * sizeof<T>();
  let v00 = v128.load(a), v01 = v128.load(a + el), v10 = v128.load(a + accRow), v11 = v128.load(a + accRow + el);
  if (edits > 0) {
    v00 = v128.add<T>(v00, v128.mul<T>(v128.load(in1), s1));
    v01 = v128.add<T>(v01, v128.mul<T>(v128.load(in1 + el), s1));
    v10 = v128.add<T>(v10, v128.mul<T>(v128.load(in1 + inRow), s1));
    v11 = v128.add<T>(v11, v128.mul<T>(v128.load(in1 + inRow + el), s1));
    if (edits > 1) {
      v00 = v128.add<T>(v00, v128.mul<T>(v128.load(in2), s2));
      v01 = v128.add<T>(v01, v128.mul<T>(v128.load(in2 + el), s2));
      v10 = v128.add<T>(v10, v128.mul<T>(v128.load(in2 + inRow), s2));
      v11 = v128.add<T>(v11, v128.mul<T>(v128.load(in2 + inRow + el), s2));
    }
  }
  return v128.max<T>(v128.max<T>(v00, v01), v128.max<T>(v10, v11));
}

/**
 * Carries on how the pooled output of a convolution's unit changes, given its sums at `acc` and `edits` shifted inputs
 * to add times a sign: to the change of the next layer's input and, where that is dense, to its new sums.
 */
function unitChange<T, O>(
  l: Layer, next: Layer, block: i32, unit: i32, acc: usize, edits: i32, edit1: usize, sign1: i32, edit2: usize, sign2: i32,
): void {
  const el: usize = 8 * sizeof<T>();
  const accRow: usize = <usize>l.accWidth * el, inRow: usize = <usize>l.inWidth * el;
  const clip = sizeof<T>() == 2 ? min(l.clip, 32767) : l.clip;
  const upper = v128.splat<T>(<T>clip), lower = v128.splat<T>(<T>-clip);
  const s1 = v128.splat<T>(<T>sign1), s2 = v128.splat<T>(<T>sign2);
  const plane = <usize>(unit * l.outPlane) * 8 * sizeof<O>();
  const old = l.output + <usize>block * l.outputStride + plane, change = next.change + plane;
  const range = l.windowRanges + (<usize>unit << 3);
  const end = l.windows + load<u32>(range, 4) * 12;
  for (let w = l.windows + load<u32>(range) * 12; w < end; w += 12) {
    const a = acc + load<u32>(w), at = load<u32>(w, 4), o = load<u32>(w, 8);
    for (let half: usize = 0; half < el; half += 16) {
      const value = largest<T>(a + half, accRow, inRow, edits, edit1 + at + half, s1, edit2 + at + half, s2);
      storeDifference<T, O>(change + o, old + o, half, v128.max<T>(v128.min<T>(value, upper), lower));
    }
  }
  if (next.kind == 1) spread(next, unit);
  store<i32>(touched + (touchedCount << 2), unit);
  touchedCount++;
}

/** One or two edits of one unit of a convolution. */
function editConvolution<T, O>(
  l: Layer, next: Layer, block: i32, unit: i32, edits: i32, offset1: i32, sign1: i32, offset2: i32, sign2: i32,
): void {
  const acc = l.acc + <usize>block * l.accStride + <usize>(unit * l.accPlane) * 8 * sizeof<T>();
  const inp = l.input + <usize>block * l.inputStride;
  unitChange<T, O>(l, next, block, unit, acc, edits, inp + offset1, sign1, inp + offset2, sign2);
}

/** Carries changes of a convolution's touched input planes to the change of the next layer's input. */
function throughConvolution<T, O>(l: Layer, next: Layer, block: i32): void {
  const first = load<i32>(touched), second = touchedCount > 1 ? load<i32>(touched, 4) : -1;
  touchedCount = 0;
  for (let unit = 0; unit < l.outputs; unit++) {
    const reads1 = readsPlane(l, unit, first), reads2 = second >= 0 && readsPlane(l, unit, second);
    if (!reads1 && !reads2) continue;
    let sums = l.acc + <usize>block * l.accStride + <usize>(unit * l.accPlane) * 8 * sizeof<T>();
    if (reads1) {
      convolveUnit<T>(l, unit, first, first + 1, sums, l.change, l.sums);
      sums = l.sums;
    }
    if (reads2) convolveUnit<T>(l, unit, second, second + 1, sums, l.change, l.sums);
    unitChange<T, O>(l, next, block, unit, l.sums, 0, 0, 0, 0, 0);
  }
}

// @ts-ignore: decorator
@inline
function readsPlane(l: Layer, unit: i32, plane: i32): bool {
  const at = (unit * l.planes + plane) << 2;
  return load<i32>(l.plusStarts + at) != load<i32>(l.plusStarts + at, 4) || load<i32>(l.minusStarts + at) != load<i32>(l.minusStarts + at, 4);
}

// @ts-ignore: decorator
@inline
function clipped(l: Layer, value: v128): v128 {
  return v128.max<i32>(v128.min<i32>(value, v128.splat<i32>(l.clip)), v128.splat<i32>(-l.clip));
}

/** Carries the change of a dense unit's clipped output, given its new sums, on to the next layer. */
// @ts-ignore: decorator
@inline
function denseChange(l: Layer, next: Layer, block: i32, unit: i32): void {
  const at = <usize>unit * 32, old = l.output + <usize>block * l.outputStride + at, sums = l.sums + at;
  const low = v128.sub<i32>(clipped(l, v128.load(sums)), v128.load(old));
  const high = v128.sub<i32>(clipped(l, v128.load(sums, 16)), v128.load(old, 16));
  if (!v128.any_true(v128.or(low, high))) return;
  v128.store(next.change + at, low);
  v128.store(next.change + at, high, 16);
  spread(next, unit);
}

// @ts-ignore: decorator
@inline
function copyRow(to: usize, from: usize, row: i32): void {
  const at = <usize>row * 32;
  v128.store(to + at, v128.load(from + at));
  v128.store(to + at, v128.load(from + at, 16), 16);
}

/** A dense layer's new sums begin as the kept ones. */
// @ts-ignore: decorator
@inline
function copySums(l: Layer, block: i32): void {
  const acc = l.acc + <usize>block * l.accStride;
  for (let unit = 0; unit < l.outputs; unit++) copyRow(l.sums, acc, unit);
}

/** Adds one edit to a dense unit's new sums. */
// @ts-ignore: decorator
@inline
function editDense(l: Layer, inp: usize, unit: i32, offset: i32, sign: i32): void {
  addInput<i32>(l.sums + <usize>unit * 32, inp + offset, 32, sign);
}

/**
 * Leaves the last layer's new sums of a candidate in its `sums`. For a candidate of the last layer itself these hold
 * the kept sums before, and `evaluate` restores them.
 */
function newSums(layers: usize, count: i32, k: i32, c: Candidate, block: i32): void {
  const size = offsetof<Layer>();
  const l = changetype<Layer>(layers + <usize>k * size);
  touchedCount = 0;
  if (l.kind == 1) {
    const acc = l.acc + <usize>block * l.accStride, inp = l.input + <usize>block * l.inputStride;
    copyRow(l.sums, acc, c.unit1);
    copyRow(l.sums, acc, c.unit2);
    editDense(l, inp, c.unit1, c.offset1, c.sign1);
    if (c.sign2) editDense(l, inp, c.unit2, c.offset2, c.sign2);
    if (k == count - 1) return;
    const next = changetype<Layer>(layers + <usize>(k + 1) * size);
    copySums(next, block);
    denseChange(l, next, block, c.unit1);
    if (c.unit2 != c.unit1) denseChange(l, next, block, c.unit2);
  } else {
    const next = changetype<Layer>(layers + <usize>(k + 1) * size);
    if (next.kind == 1) copySums(next, block);
    const both = c.sign2 != 0 && c.unit1 == c.unit2;
    const edits = both ? 2 : 1;
    if (l.bits == 16) {
      if (l.outBits == 16) editConvolution<i16, i16>(l, next, block, c.unit1, edits, c.offset1, c.sign1, c.offset2, c.sign2);
      else editConvolution<i16, i32>(l, next, block, c.unit1, edits, c.offset1, c.sign1, c.offset2, c.sign2);
    } else {
      if (l.outBits == 16) editConvolution<i32, i16>(l, next, block, c.unit1, edits, c.offset1, c.sign1, c.offset2, c.sign2);
      else editConvolution<i32, i32>(l, next, block, c.unit1, edits, c.offset1, c.sign1, c.offset2, c.sign2);
    }
    if (!both && c.sign2 != 0) {
      if (l.bits == 16) {
        if (l.outBits == 16) editConvolution<i16, i16>(l, next, block, c.unit2, 1, c.offset2, c.sign2, 0, 0);
        else editConvolution<i16, i32>(l, next, block, c.unit2, 1, c.offset2, c.sign2, 0, 0);
      } else {
        if (l.outBits == 16) editConvolution<i32, i16>(l, next, block, c.unit2, 1, c.offset2, c.sign2, 0, 0);
        else editConvolution<i32, i32>(l, next, block, c.unit2, 1, c.offset2, c.sign2, 0, 0);
      }
    }
  }
  for (let m = k + 1; m < count - 1; m++) {
    const layer = changetype<Layer>(layers + <usize>m * size), next = changetype<Layer>(layers + <usize>(m + 1) * size);
    if (layer.kind == 0) {
      if (next.kind == 1) copySums(next, block);
      if (layer.bits == 16) {
        if (layer.outBits == 16) throughConvolution<i16, i16>(layer, next, block);
        else throughConvolution<i16, i32>(layer, next, block);
      } else {
        if (layer.outBits == 16) throughConvolution<i32, i16>(layer, next, block);
        else throughConvolution<i32, i32>(layer, next, block);
      }
    } else {
      copySums(next, block);
      for (let unit = 0; unit < layer.outputs; unit++) denseChange(layer, next, block, unit);
    }
  }
}

function accuracy(f: Fitness, sums: usize, block: i32): f64 {
  let best = v128.load(sums), best2 = v128.load(sums, 16);
  let index = v128.splat<i32>(0), index2 = index;
  for (let o = 1; o < f.outputs; o++) {
    const row = sums + (<usize>o << 5), own = v128.splat<i32>(o);
    const sum = v128.load(row), sum2 = v128.load(row, 16);
    index = v128.bitselect(own, index, v128.gt<i32>(sum, best));
    index2 = v128.bitselect(own, index2, v128.gt<i32>(sum2, best2));
    best = v128.max<i32>(best, sum);
    best2 = v128.max<i32>(best2, sum2);
  }
  const labels = f.labels + (<usize>block << 5);
  const right = v128.narrow<i32>(v128.eq<i32>(index, v128.load(labels)), v128.eq<i32>(index2, v128.load(labels, 16)));
  return popcnt(v128.bitmask<i16>(right));
}

/** The sum of the label's leads over the largest other sum, each clipped to what stands for -1 and 1. */
function margin(f: Fitness, sums: usize, block: i32): f64 {
  const upper = v128.splat<i32>(f.unit), lower = v128.splat<i32>(-f.unit), least = v128.splat<i32>(i32.MIN_VALUE);
  let total = v128.splat<i32>(0);
  for (let half: usize = 0; half < 32; half += 16) {
    const label = v128.load(f.labels + (<usize>block << 5) + half);
    let own = least, other = least;
    for (let o = 0; o < f.outputs; o++) {
      const sum = v128.load(sums + (<usize>o << 5) + half), isOwn = v128.eq<i32>(label, v128.splat<i32>(o));
      own = v128.bitselect(sum, own, isOwn);
      other = v128.max<i32>(other, v128.bitselect(least, sum, isOwn));
    }
    const lead = v128.max<i32>(v128.min<i32>(v128.sub<i32>(own, other), upper), lower);
    // A lane without an input has the label -1.
    total = v128.add<i32>(total, v128.and(lead, v128.ge<i32>(label, v128.splat<i32>(0))));
  }
  return v128.extract_lane<i32>(total, 0) + v128.extract_lane<i32>(total, 1) + v128.extract_lane<i32>(total, 2) + v128.extract_lane<i32>(total, 3);
}

function actionAccuracy(f: Fitness, sums: usize, block: i32): f64 {
  let agree = 0;
  const steerCut = v128.splat<i32>(f.steerCut), negative = v128.splat<i32>(-f.steerCut);
  const gasCut = v128.splat<i32>(f.gasCut), brakeCut = v128.splat<i32>(f.brakeCut);
  for (let half: usize = 0; half < 32; half += 16) {
    const bins = f.labels + <usize>block * 96 + half;
    const steer = v128.load(sums + half);
    // Comparisons give -1 where true: bins are -1, 0, 1 for steering and -1, 0 for gas and brake.
    const steerBin = v128.sub<i32>(v128.lt<i32>(steer, negative), v128.gt<i32>(steer, steerCut));
    const same = v128.and(
      v128.eq<i32>(steerBin, v128.load(bins)),
      v128.and(
        v128.eq<i32>(v128.gt<i32>(v128.load(sums + half, 32), gasCut), v128.load(bins, 32)),
        v128.eq<i32>(v128.gt<i32>(v128.load(sums + half, 64), brakeCut), v128.load(bins, 64)),
      ),
    );
    agree += popcnt(v128.bitmask<i32>(same));
  }
  return agree;
}

/** Minus the weighted sum of squared errors of the clipped actions, in squares of the last layer's integers. */
function imitation(f: Fitness, sums: usize, block: i32): f64 {
  const upper = v128.splat<i32>(f.unit), lower = v128.splat<i32>(-f.unit), zero = v128.splat<i32>(0);
  let total = v128.splat<f64>(0);
  for (let half: usize = 0; half < 32; half += 16) {
    const target = f.targets + <usize>block * 96 + half;
    const weights = v128.load(f.weights + <usize>block * 32 + half);
    let errors = v128.splat<f64>(0), errorsHigh = v128.splat<f64>(0);
    for (let o = 0; o < 3; o++) {
      const sum = v128.load(sums + half + <usize>o * 32);
      const error = v128.sub<i32>(v128.max<i32>(v128.min<i32>(sum, upper), o == 0 ? lower : zero), v128.load(target + <usize>o * 32));
      const low = f64x2.convert_low_i32x4_s(error);
      const high = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(error, error, 2, 3, 2, 3));
      const w = v128.splat<f64>(<f64>(o == 0 ? f.steerWeight : o == 1 ? f.gasWeight : f.brakeWeight));
      errors = v128.add<f64>(errors, v128.mul<f64>(w, v128.mul<f64>(low, low)));
      errorsHigh = v128.add<f64>(errorsHigh, v128.mul<f64>(w, v128.mul<f64>(high, high)));
    }
    total = v128.add<f64>(total, v128.mul<f64>(errors, f64x2.convert_low_i32x4_s(weights)));
    total = v128.add<f64>(
      total,
      v128.mul<f64>(errorsHigh, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(weights, weights, 2, 3, 2, 3))),
    );
  }
  return -(v128.extract_lane<f64>(total, 0) + v128.extract_lane<f64>(total, 1));
}

/** e^x for |x| <= 80 (clamped), within 2 units in the last place: Cephes' expf. */
// @ts-ignore: decorator
@inline
function exp4(value: v128): v128 {
  const x = v128.max<f32>(v128.min<f32>(value, v128.splat<f32>(80)), v128.splat<f32>(-80));
  const n = v128.nearest<f32>(v128.mul<f32>(x, v128.splat<f32>(1.44269504088896341)));
  let r = v128.sub<f32>(x, v128.mul<f32>(n, v128.splat<f32>(0.693359375)));
  r = v128.sub<f32>(r, v128.mul<f32>(n, v128.splat<f32>(-2.12194440e-4)));
  let p = v128.splat<f32>(1.9875691500e-4);
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(1.3981999507e-3));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(8.3334519073e-3));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(4.1665795894e-2));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(1.6666665459e-1));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(5.0000001201e-1));
  p = v128.add<f32>(v128.add<f32>(v128.mul<f32>(v128.mul<f32>(p, r), r), r), v128.splat<f32>(1));
  const exponent = v128.shl<i32>(v128.add<i32>(i32x4.trunc_sat_f32x4_s(n), v128.splat<i32>(127)), 23);
  return v128.mul<f32>(p, exponent);
}

/** ln x for normal x >= 1: Cephes' logf. */
// @ts-ignore: decorator
@inline
function log4(x: v128): v128 {
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const shifted = v128.sub<i32>(x, v128.splat<i32>(0x3f3504f3));
  const exponent = v128.shr<i32>(shifted, 23);
  const mantissa = v128.add<i32>(v128.and(shifted, v128.splat<i32>(0x007fffff)), v128.splat<i32>(0x3f3504f3));
  const e = v128.convert<i32>(exponent);
  const m = v128.sub<f32>(mantissa, v128.splat<f32>(1));
  const z = v128.mul<f32>(m, m);
  let p = v128.splat<f32>(7.0376836292e-2);
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(-1.1514610310e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(1.1676998740e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(-1.2420140846e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(1.4249322787e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(-1.6668057665e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(2.0000714765e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(-2.4999993993e-1));
  p = v128.add<f32>(v128.mul<f32>(p, m), v128.splat<f32>(3.3333331174e-1));
  p = v128.mul<f32>(v128.mul<f32>(p, m), z);
  p = v128.add<f32>(p, v128.mul<f32>(e, v128.splat<f32>(-2.12194440e-4)));
  p = v128.sub<f32>(p, v128.mul<f32>(z, v128.splat<f32>(0.5)));
  return v128.add<f32>(v128.add<f32>(m, p), v128.mul<f32>(e, v128.splat<f32>(0.693359375)));
}

/** `sum * scale - shift` of four inputs. */
// @ts-ignore: decorator
@inline
function lowered(f: Fitness, sums: v128, shift: v128): v128 {
  return v128.sub<f32>(v128.mul<f32>(v128.convert<i32>(sums), v128.splat<f32>(f.scale)), shift);
}

/** The largest values of four inputs. */
// @ts-ignore: decorator
@inline
function largestOf(f: Fitness, sums: usize, half: usize): v128 {
  let most = v128.load(sums + half);
  for (let o = 1; o < f.outputs; o++) most = v128.max<i32>(most, v128.load(sums + half + (<usize>o << 5)));
  return lowered(f, most, v128.splat<f32>(0));
}

/**
 * Each input's values are lowered by this before e^x, which changes no cross-entropy: 0 where the largest is one that
 * `exp4` takes, otherwise a multiple of 32 next to it, which a swap seldom changes.
 */
// @ts-ignore: decorator
@inline
function shiftOf(f: Fitness, sums: usize, half: usize): v128 {
  const value = largestOf(f, sums, half);
  const multiple = v128.mul<f32>(v128.trunc<f32>(v128.mul<f32>(value, v128.splat<f32>(1 / 32))), v128.splat<f32>(32));
  return v128.and(multiple, v128.gt<f32>(v128.abs<f32>(value), v128.splat<f32>(80)));
}

/**
 * True if shifts are 0 and stay 0 in any swap of the last layer: two weights move an output by at most 4, a value by at
 * most 8.
 */
function staysUnshifted(f: Fitness, sums: usize): bool {
  const most = v128.max<f32>(v128.abs<f32>(largestOf(f, sums, 0)), v128.abs<f32>(largestOf(f, sums, 16)));
  return !v128.any_true(v128.gt<f32>(most, v128.splat<f32>(72)));
}

/** Sets `shifts` to those of `sums`; whether any is another than before. */
function updateShifts(f: Fitness, sums: usize): bool {
  const low = shiftOf(f, sums, 0), high = shiftOf(f, sums, 16);
  const differ = v128.or(v128.xor(low, v128.load(shifts)), v128.xor(high, v128.load(shifts, 16)));
  v128.store(shifts, low);
  v128.store(shifts, high, 16);
  return v128.any_true(differ);
}

// @ts-ignore: decorator
@inline
function exponentiate(f: Fitness, sums: usize, to: usize, unit: i32): void {
  const at = <usize>unit << 5;
  v128.store(to + at, exp4(lowered(f, v128.load(sums + at), v128.load(shifts))));
  v128.store(to + at, exp4(lowered(f, v128.load(sums + at, 16), v128.load(shifts, 16))), 16);
}

function exponentiateAll(f: Fitness, sums: usize, to: usize): void {
  for (let unit = 0; unit < f.outputs; unit++) exponentiate(f, sums, to, unit);
}

// @ts-ignore: decorator
@inline
function lossOf(f: Fitness, sum: v128, own: v128, half: usize, weights: usize): v128 {
  const value = lowered(f, own, v128.load(shifts + half));
  return v128.mul<f32>(v128.sub<f32>(log4(sum), value), v128.convert<i32>(v128.load(weights)));
}

/**
 * Minus the sum of cross-entropies: ln of the sum over outputs of e^(sum * scale - shift), minus that exponent of the
 * label. `exponentials` and `shifts` are those of `sums`.
 */
function crossEntropy(f: Fitness, sums: usize, block: i32): f64 {
  const labels = f.labels + (<usize>block << 5), label = v128.load(labels), label2 = v128.load(labels, 16);
  let own = v128.load(sums), own2 = v128.load(sums, 16);
  let sum = v128.load(exponentials), sum2 = v128.load(exponentials, 16);
  for (let o = 1; o < f.outputs; o++) {
    const at = <usize>o << 5, unit = v128.splat<i32>(o);
    own = v128.bitselect(v128.load(sums + at), own, v128.eq<i32>(label, unit));
    own2 = v128.bitselect(v128.load(sums + at, 16), own2, v128.eq<i32>(label2, unit));
    sum = v128.add<f32>(sum, v128.load(exponentials + at));
    sum2 = v128.add<f32>(sum2, v128.load(exponentials + at, 16));
  }
  const weights = f.weights + (<usize>block << 5);
  const loss = lossOf(f, sum, own, 0, weights), loss2 = lossOf(f, sum2, own2, 16, weights + 16);
  const low = v128.add<f64>(f64x2.promote_low_f32x4(loss), f64x2.promote_low_f32x4(loss2));
  const high = v128.add<f64>(
    f64x2.promote_low_f32x4(v128.shuffle<i32>(loss, loss, 2, 3, 2, 3)),
    f64x2.promote_low_f32x4(v128.shuffle<i32>(loss2, loss2, 2, 3, 2, 3)),
  );
  const total = v128.add<f64>(low, high);
  return -(v128.extract_lane<f64>(total, 0) + v128.extract_lane<f64>(total, 1));
}

/**
 * One block's part of the measure: a whole number, times 1 / grid for the losses. Whole numbers add up to the same
 * in any order, so a measure does not depend on how the inputs are shared out between threads and machines.
 */
// @ts-ignore: decorator
@inline
function judge(f: Fitness, sums: usize, block: i32): f64 {
  if (f.kind == 0) return accuracy(f, sums, block);
  if (f.kind == 1) return nearest<f64>(crossEntropy(f, sums, block) * f.grid);
  if (f.kind == 2) return actionAccuracy(f, sums, block);
  if (f.kind == 4) return margin(f, sums, block);
  return nearest<f64>(imitation(f, sums, block) * f.grid);
}

/** Adds to `scores` (float64, one a candidate) the fitness of `n` candidates of layer k on blocks `from` up to `to`. */
export function evaluate(
  layers: usize, count: i32, k: i32, candidates: usize, n: i32, fitness: usize, scores: usize, from: i32, to: i32,
): void {
  const f = changetype<Fitness>(fitness);
  const last = changetype<Layer>(layers + <usize>(count - 1) * offsetof<Layer>());
  const sums = last.sums, inLast = k == count - 1, crossEntropy = f.kind == 1;
  for (let block = from; block < to; block++) {
    const acc = last.acc + <usize>block * last.accStride;
    let canShift = crossEntropy;
    if (inLast) {
      for (let unit = 0; unit < last.outputs; unit++) copyRow(sums, acc, unit);
      if (crossEntropy) {
        canShift = !staysUnshifted(f, acc);
        updateShifts(f, acc);
        exponentiateAll(f, acc, keptExponentials);
        memory.copy(exponentials, keptExponentials, <usize>f.outputs << 5);
      }
    }
    for (let i = 0; i < n; i++) {
      const candidate = changetype<Candidate>(candidates + <usize>i * offsetof<Candidate>());
      newSums(layers, count, k, candidate, block);
      let shiftsChanged = false;
      if (crossEntropy) {
        shiftsChanged = canShift && updateShifts(f, sums);
        if (shiftsChanged || !inLast) exponentiateAll(f, sums, exponentials);
        else {
          exponentiate(f, sums, exponentials, candidate.unit1);
          exponentiate(f, sums, exponentials, candidate.unit2);
        }
      }
      const score = scores + (<usize>i << 3);
      store<f64>(score, load<f64>(score) + judge(f, sums, block));
      if (inLast) {
        // Back to the kept sums, for the next candidate.
        copyRow(sums, acc, candidate.unit1);
        copyRow(sums, acc, candidate.unit2);
        if (shiftsChanged) {
          updateShifts(f, acc);
          memory.copy(exponentials, keptExponentials, <usize>f.outputs << 5);
        } else if (crossEntropy) {
          copyRow(exponentials, keptExponentials, candidate.unit1);
          copyRow(exponentials, keptExponentials, candidate.unit2);
        }
      }
    }
  }
}

/** The fitness of the network itself, from its kept sums. */
export function evaluateKept(layers: usize, count: i32, fitness: usize, from: i32, to: i32): f64 {
  const f = changetype<Fitness>(fitness);
  const last = changetype<Layer>(layers + <usize>(count - 1) * offsetof<Layer>());
  let score: f64 = 0;
  for (let block = from; block < to; block++) {
    const acc = last.acc + <usize>block * last.accStride;
    if (f.kind == 1) {
      updateShifts(f, acc);
      exponentiateAll(f, acc, exponentials);
    }
    score += judge(f, acc, block);
  }
  return score;
}

/** Brings the kept maps up to date after a candidate's edits were made in weights of layer k. */
export function refresh(layers: usize, count: i32, k: i32, candidate: usize, from: i32, to: i32): void {
  const size = offsetof<Layer>();
  const l = changetype<Layer>(layers + <usize>k * size), c = changetype<Candidate>(candidate);
  const denseFollow = k + 1 < count && changetype<Layer>(layers + <usize>(k + 1) * size).kind == 1;
  for (let block = from; block < to; block++) {
    // Delta evaluation leaves the new sums of dense layers: less to read than their inputs.
    if (denseFollow) newSums(layers, count, k, c, block);
    editKept(l, block, c.unit1, c.offset1, c.sign1);
    if (c.sign2) editKept(l, block, c.unit2, c.offset2, c.sign2);
    if (!denseFollow) forward(layers, k + 1, count, block);
    else for (let m = k + 1; m < count; m++) keepSums(changetype<Layer>(layers + <usize>m * size), block);
  }
}

/** A dense layer's new sums become its kept ones. */
function keepSums(l: Layer, block: i32): void {
  const acc = l.acc + <usize>block * l.accStride;
  for (let unit = 0; unit < l.outputs; unit++) {
    copyRow(acc, l.sums, unit);
    if (l.clip) keepOutput(l, block, unit);
  }
}

/** A dense unit's clipped output from its kept sums. */
// @ts-ignore: decorator
@inline
function keepOutput(l: Layer, block: i32, unit: i32): void {
  const acc = l.acc + <usize>block * l.accStride + <usize>unit * 32;
  const out = l.output + <usize>block * l.outputStride + <usize>unit * 32;
  v128.store(out, clipped(l, v128.load(acc)));
  v128.store(out, clipped(l, v128.load(acc, 16)), 16);
}

/** One edit of a unit's kept sums, and what becomes of its output. */
function editKept(l: Layer, block: i32, unit: i32, offset: i32, sign: i32): void {
  const inp = l.input + <usize>block * l.inputStride + offset;
  const out = l.output + <usize>block * l.outputStride;
  const acc = l.acc + <usize>block * l.accStride + <usize>(unit * l.accPlane) * l.lanes * (l.bits >> 3);
  if (l.kind == 1) {
    addInput<i32>(acc, inp, 32, sign);
    if (l.clip) keepOutput(l, block, unit);
    return;
  }
  const pooled = out + <usize>(unit * l.outPlane + l.outFirst) * l.lanes * (l.outBits >> 3);
  if (l.bits == 16) {
    editRows<i16>(l, acc, inp, sign);
    if (l.outBits == 16) poolUnit<i16, i16>(l, acc, pooled);
    else poolUnit<i16, i32>(l, acc, pooled);
  } else {
    editRows<i32>(l, acc, inp, sign);
    if (l.outBits == 16) poolUnit<i32, i16>(l, acc, pooled);
    else poolUnit<i32, i32>(l, acc, pooled);
  }
}

function editRows<T>(l: Layer, acc: usize, inp: usize, sign: i32): void {
  const element: usize = 8 * sizeof<T>();
  for (let y = 0; y < l.height; y++)
    addInput<T>(acc + <usize>(y * l.accWidth) * element, inp + <usize>(y * l.inWidth) * element, l.width * element, sign);
}

/** sums += sign * input. */
// @ts-ignore: decorator
@inline
function addInput<T>(sums: usize, inp: usize, bytes: usize, sign: i32): void {
  const s = v128.splat<T>(<T>sign);
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(sums + at, v128.add<T>(v128.load(sums + at), v128.mul<T>(v128.load(inp + at), s)));
}
