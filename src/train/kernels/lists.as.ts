/**
 * The inner loop of sparse convolutions, for the kernels beside this file: runs of vectors add up products over a list.
 *
 * An entry of a list is 8 bytes: an offset from `x` in bytes, and a factor. `accumulateN` computes
 * `out[0..N vectors) += Σ factor * x[offset..offset + N vectors)`, or `=` if `isFresh`. N is the number of sums that are
 * kept in registers: the more, the fewer times a list is read. All are written out and inlined, since a loop over N would
 * keep the sums in memory.
 */

// @ts-ignore: decorator
@inline
export function fma(acc: v128, x: v128, factor: v128): v128 {
  return f32x4.add(acc, f32x4.mul(x, factor));
}

// @ts-ignore: decorator
@inline
export function accumulate14(list: usize, end: usize, x: usize, out: usize, isFresh: bool): void {
  let a0 = isFresh ? f32x4.splat(0) : v128.load(out);
  let a1 = isFresh ? f32x4.splat(0) : v128.load(out, 16);
  let a2 = isFresh ? f32x4.splat(0) : v128.load(out, 32);
  let a3 = isFresh ? f32x4.splat(0) : v128.load(out, 48);
  let a4 = isFresh ? f32x4.splat(0) : v128.load(out, 64);
  let a5 = isFresh ? f32x4.splat(0) : v128.load(out, 80);
  let a6 = isFresh ? f32x4.splat(0) : v128.load(out, 96);
  let a7 = isFresh ? f32x4.splat(0) : v128.load(out, 112);
  let a8 = isFresh ? f32x4.splat(0) : v128.load(out, 128);
  let a9 = isFresh ? f32x4.splat(0) : v128.load(out, 144);
  let a10 = isFresh ? f32x4.splat(0) : v128.load(out, 160);
  let a11 = isFresh ? f32x4.splat(0) : v128.load(out, 176);
  let a12 = isFresh ? f32x4.splat(0) : v128.load(out, 192);
  let a13 = isFresh ? f32x4.splat(0) : v128.load(out, 208);
  for (; list < end; list += 8) {
    const p = x + load<u32>(list);
    const g = v128.load32_splat(list, 4);
    a0 = fma(a0, v128.load(p), g);
    a1 = fma(a1, v128.load(p, 16), g);
    a2 = fma(a2, v128.load(p, 32), g);
    a3 = fma(a3, v128.load(p, 48), g);
    a4 = fma(a4, v128.load(p, 64), g);
    a5 = fma(a5, v128.load(p, 80), g);
    a6 = fma(a6, v128.load(p, 96), g);
    a7 = fma(a7, v128.load(p, 112), g);
    a8 = fma(a8, v128.load(p, 128), g);
    a9 = fma(a9, v128.load(p, 144), g);
    a10 = fma(a10, v128.load(p, 160), g);
    a11 = fma(a11, v128.load(p, 176), g);
    a12 = fma(a12, v128.load(p, 192), g);
    a13 = fma(a13, v128.load(p, 208), g);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
  v128.store(out, a6, 96);
  v128.store(out, a7, 112);
  v128.store(out, a8, 128);
  v128.store(out, a9, 144);
  v128.store(out, a10, 160);
  v128.store(out, a11, 176);
  v128.store(out, a12, 192);
  v128.store(out, a13, 208);
}

// @ts-ignore: decorator
@inline
export function accumulate10(list: usize, end: usize, x: usize, out: usize, isFresh: bool): void {
  let a0 = isFresh ? f32x4.splat(0) : v128.load(out);
  let a1 = isFresh ? f32x4.splat(0) : v128.load(out, 16);
  let a2 = isFresh ? f32x4.splat(0) : v128.load(out, 32);
  let a3 = isFresh ? f32x4.splat(0) : v128.load(out, 48);
  let a4 = isFresh ? f32x4.splat(0) : v128.load(out, 64);
  let a5 = isFresh ? f32x4.splat(0) : v128.load(out, 80);
  let a6 = isFresh ? f32x4.splat(0) : v128.load(out, 96);
  let a7 = isFresh ? f32x4.splat(0) : v128.load(out, 112);
  let a8 = isFresh ? f32x4.splat(0) : v128.load(out, 128);
  let a9 = isFresh ? f32x4.splat(0) : v128.load(out, 144);
  for (; list < end; list += 8) {
    const p = x + load<u32>(list);
    const g = v128.load32_splat(list, 4);
    a0 = fma(a0, v128.load(p), g);
    a1 = fma(a1, v128.load(p, 16), g);
    a2 = fma(a2, v128.load(p, 32), g);
    a3 = fma(a3, v128.load(p, 48), g);
    a4 = fma(a4, v128.load(p, 64), g);
    a5 = fma(a5, v128.load(p, 80), g);
    a6 = fma(a6, v128.load(p, 96), g);
    a7 = fma(a7, v128.load(p, 112), g);
    a8 = fma(a8, v128.load(p, 128), g);
    a9 = fma(a9, v128.load(p, 144), g);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
  v128.store(out, a6, 96);
  v128.store(out, a7, 112);
  v128.store(out, a8, 128);
  v128.store(out, a9, 144);
}

// @ts-ignore: decorator
@inline
export function accumulate6(list: usize, end: usize, x: usize, out: usize, isFresh: bool): void {
  let a0 = isFresh ? f32x4.splat(0) : v128.load(out);
  let a1 = isFresh ? f32x4.splat(0) : v128.load(out, 16);
  let a2 = isFresh ? f32x4.splat(0) : v128.load(out, 32);
  let a3 = isFresh ? f32x4.splat(0) : v128.load(out, 48);
  let a4 = isFresh ? f32x4.splat(0) : v128.load(out, 64);
  let a5 = isFresh ? f32x4.splat(0) : v128.load(out, 80);
  for (; list < end; list += 8) {
    const p = x + load<u32>(list);
    const g = v128.load32_splat(list, 4);
    a0 = fma(a0, v128.load(p), g);
    a1 = fma(a1, v128.load(p, 16), g);
    a2 = fma(a2, v128.load(p, 32), g);
    a3 = fma(a3, v128.load(p, 48), g);
    a4 = fma(a4, v128.load(p, 64), g);
    a5 = fma(a5, v128.load(p, 80), g);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
}

// @ts-ignore: decorator
@inline
export function accumulate2(list: usize, end: usize, x: usize, out: usize, isFresh: bool): void {
  let a0 = isFresh ? f32x4.splat(0) : v128.load(out);
  let a1 = isFresh ? f32x4.splat(0) : v128.load(out, 16);
  for (; list < end; list += 8) {
    const p = x + load<u32>(list);
    const g = v128.load32_splat(list, 4);
    a0 = fma(a0, v128.load(p), g);
    a1 = fma(a1, v128.load(p, 16), g);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
}

// @ts-ignore: decorator
@inline
export function accumulate1(list: usize, end: usize, x: usize, out: usize, isFresh: bool): void {
  let a0 = isFresh ? f32x4.splat(0) : v128.load(out);
  for (; list < end; list += 8) {
    const p = x + load<u32>(list);
    const g = v128.load32_splat(list, 4);
    a0 = fma(a0, v128.load(p), g);
  }
  v128.store(out, a0);
}
