// asc: --importMemory --noExportMemory --initialMemory 1
import { accumulate1, accumulate10, accumulate2, accumulate6, fma } from "./lists.as";

/**
 * Gradients of a 2-D convolution (NHWC maps, no padding: the caller pads) for output gradients that are mostly zero.
 * Behind a 2×2 max-pool three of four gradients are zero, behind a saturated HardTanh all of them, so each kernel
 * first lists the nonzero ones of every output channel and then works through the lists: a quarter of the
 * arithmetic of a dense kernel, or less.
 *
 * Words: a *patch* is the kernel-sized window of the input under one output position; a patch row is `kw * ci`
 * contiguous floats, held as V = ceil(kw * ci / 4) vectors. The lanes past the end of a row are read (an allocation
 * of the backend never ends within 16 bytes of its memory's end) and thrown away.
 *
 * An entry of a list (lists.as.ts) is the offset of the patch from `x` in bytes, and the gradient.
 */

/** Lists the nonzero gradients of images [from, to): `lists` holds `co` rows of `capacity` entries. */
function listGradients(
  dy: usize, from: i32, to: i32, oh: i32, ow: i32, co: i32,
  imageBytes: i32, rowStep: i32, colStep: i32,
  lists: usize, counts: usize, capacity: i32,
): void {
  const rowOfLists = <usize>capacity << 3;
  // `counts` holds write positions while the lists grow, in bytes from each list's start.
  memory.fill(counts, 0, <usize>co << 2);
  let source = dy + ((<usize>from * oh * ow * co) << 2);
  for (let n = from; n < to; n++) {
    for (let y = 0; y < oh; y++) {
      for (let x = 0; x < ow; x++) {
        const offset = n * imageBytes + y * rowStep + x * colStep;
        let list = lists;
        for (let o = 0; o < co; o++) {
          const g = load<f32>(source);
          const end = load<i32>(counts + (o << 2));
          // Written always, kept if nonzero: no branch to mispredict.
          store<i32>(list + end, offset);
          store<f32>(list + end, g, 4);
          store<i32>(counts + (o << 2), end + (i32(g != 0) << 3));
          source += 4;
          list += rowOfLists;
        }
      }
    }
  }
}

// Functions of their own, so that the code of each is compiled once.
function add10(list: usize, end: usize, x: usize, out: usize): void {
  accumulate10(list, end, x, out, false);
}

function add6(list: usize, end: usize, x: usize, out: usize): void {
  accumulate6(list, end, x, out, false);
}

function add2(list: usize, end: usize, x: usize, out: usize): void {
  accumulate2(list, end, x, out, false);
}

function add1(list: usize, end: usize, x: usize, out: usize): void {
  accumulate1(list, end, x, out, false);
}

/**
 * Gradient of the filter.
 *
 * @param x [n, h, w, ci]
 * @param dy [n, oh, ow, co]
 * @param dw [kh, kw, ci, co], written
 * @param rows scratch of co * kh * V vectors
 * @param lists scratch of co * capacity entries
 * @param counts scratch of co integers
 * @param block images whose gradients are listed at a time: capacity = block * oh * ow
 */
export function filterGradient(
  x: usize, dy: usize, dw: usize,
  n: i32, h: i32, w: i32, ci: i32, oh: i32, ow: i32, co: i32, kh: i32, kw: i32, stride: i32,
  rows: usize, lists: usize, counts: usize, block: i32,
): void {
  const capacity = block * oh * ow;
  const rowFloats = kw * ci;
  const vectors = (rowFloats + 3) >> 2;
  const rowBytes = w * ci << 2;
  memory.fill(rows, 0, <usize>(co * kh * vectors) << 4);
  for (let from = 0; from < n; from += block) {
    const to = min(from + block, n);
    listGradients(dy, from, to, oh, ow, co, h * rowBytes, stride * rowBytes, stride * ci << 2, lists, counts, capacity);
    for (let ky = 0; ky < kh; ky++) {
      for (let v = 0; v < vectors; ) {
        const left = vectors - v;
        const size = left >= 10 ? 10 : left >= 6 ? 6 : left >= 2 ? 2 : 1;
        const input = x + ky * rowBytes + (v << 4);
        for (let o = 0; o < co; o++) {
          const list = lists + ((<usize>o * capacity) << 3);
          const end = list + load<u32>(counts + (o << 2));
          const out = rows + (<usize>((o * kh + ky) * vectors + v) << 4);
          if (size == 10) add10(list, end, input, out);
          else if (size == 6) add6(list, end, input, out);
          else if (size == 2) add2(list, end, input, out);
          else add1(list, end, input, out);
        }
        v += size;
      }
    }
  }
  // From a row of patch vectors a channel to tfjs's [kh, kw, ci, co].
  for (let ky = 0; ky < kh; ky++) {
    for (let i = 0; i < rowFloats; i++) {
      for (let o = 0; o < co; o++) {
        const value = load<f32>(rows + (<usize>((o * kh + ky) * vectors) << 4) + (<usize>i << 2));
        store<f32>(dw + (<usize>((ky * rowFloats + i) * co + o) << 2), value);
      }
    }
  }
}

/** `patch[0..10 vectors) += gradient * weights` for every entry of one list. */
function scatter10(list: usize, end: usize, dx: usize, weights: usize): void {
  const w0 = v128.load(weights), w1 = v128.load(weights, 16), w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48), w4 = v128.load(weights, 64), w5 = v128.load(weights, 80);
  const w6 = v128.load(weights, 96), w7 = v128.load(weights, 112), w8 = v128.load(weights, 128);
  const w9 = v128.load(weights, 144);
  for (; list < end; list += 8) {
    const p = dx + load<u32>(list);
    const g = v128.load32_splat(list, 4);
    v128.store(p, fma(v128.load(p), w0, g));
    v128.store(p, fma(v128.load(p, 16), w1, g), 16);
    v128.store(p, fma(v128.load(p, 32), w2, g), 32);
    v128.store(p, fma(v128.load(p, 48), w3, g), 48);
    v128.store(p, fma(v128.load(p, 64), w4, g), 64);
    v128.store(p, fma(v128.load(p, 80), w5, g), 80);
    v128.store(p, fma(v128.load(p, 96), w6, g), 96);
    v128.store(p, fma(v128.load(p, 112), w7, g), 112);
    v128.store(p, fma(v128.load(p, 128), w8, g), 128);
    v128.store(p, fma(v128.load(p, 144), w9, g), 144);
  }
}

/** Number of vectors, of ten, whose weights are not all zero. */
function filled(weights: usize): i32 {
  let count = 0;
  for (let v = 0; v < 160; v += 16) {
    count += i32(v128.any_true(f32x4.ne(v128.load(weights + v), f32x4.splat(0))));
  }
  return count;
}

function scatter1(list: usize, end: usize, dx: usize, weights: usize): void {
  const w0 = v128.load(weights);
  if (!v128.any_true(f32x4.ne(w0, f32x4.splat(0)))) return;
  for (; list < end; list += 8) {
    const p = dx + load<u32>(list);
    v128.store(p, fma(v128.load(p), w0, v128.load32_splat(list, 4)));
  }
}

function scatterScalar(list: usize, end: usize, dx: usize, weight: f32): void {
  for (; list < end; list += 8) {
    const p = dx + load<u32>(list);
    store<f32>(p, load<f32>(p) + weight * load<f32>(list, 4));
  }
}

/**
 * Gradient of the input.
 *
 * @param dy [n, oh, ow, co]
 * @param weights [kh, kw, ci, co]
 * @param dx [n, h, w, ci], written
 * @param rows scratch of co * kh * kw * ci floats
 * @param lists scratch of co * capacity entries
 * @param counts scratch of co integers
 * @param block images whose gradients are listed at a time: capacity = block * oh * ow
 */
export function inputGradient(
  dy: usize, weights: usize, dx: usize,
  n: i32, h: i32, w: i32, ci: i32, oh: i32, ow: i32, co: i32, kh: i32, kw: i32, stride: i32,
  rows: usize, lists: usize, counts: usize, block: i32,
): void {
  const capacity = block * oh * ow;
  const rowFloats = kw * ci;
  const rowBytes = w * ci << 2;
  const patchFloats = kh * rowFloats;
  memory.fill(dx, 0, <usize>n * h * rowBytes);
  // From tfjs's [kh, kw, ci, co] to one contiguous patch a channel.
  for (let i = 0; i < patchFloats; i++) {
    for (let o = 0; o < co; o++) {
      store<f32>(rows + (<usize>(o * patchFloats + i) << 2), load<f32>(weights + (<usize>(i * co + o) << 2)));
    }
  }
  for (let from = 0; from < n; from += block) {
    const to = min(from + block, n);
    listGradients(dy, from, to, oh, ow, co, h * rowBytes, stride * rowBytes, stride * ci << 2, lists, counts, capacity);
    for (let o = 0; o < co; o++) {
      const list = lists + ((<usize>o * capacity) << 3);
      const end = list + load<u32>(counts + (o << 2));
      for (let ky = 0; ky < kh; ky++) {
        let i = 0;
        let output = dx + ky * rowBytes;
        let source = rows + (<usize>(o * patchFloats + ky * rowFloats) << 2);
        for (; i + 40 <= rowFloats; i += 40, output += 160, source += 160) {
          // One pass over the list for each vector that is not zero is the faster where few are: sparse filters.
          if (filled(source) > 5) scatter10(list, end, output, source);
          else for (let v = 0; v < 160; v += 16) scatter1(list, end, output + v, source + v);
        }
        for (; i + 4 <= rowFloats; i += 4, output += 16, source += 16) scatter1(list, end, output, source);
        for (; i < rowFloats; i++, output += 4, source += 4) scatterScalar(list, end, output, load<f32>(source));
      }
    }
  }
}
