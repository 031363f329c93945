// asc: --importMemory --noExportMemory --initialMemory 1
/**
 * Matrix product C = A B of float32 matrices, A read with two strides (so transposing it is free), B and C row-major.
 * Register tiles of 4 × 8: eight accumulators, each row of B loaded once a tile.
 */

/** C[i..i+4, j..j+8) */
function tile4x8(a: usize, rowA: usize, stepA: usize, b: usize, rowB: usize, c: usize, k: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let l = 0; l < k; l++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(a + rowA);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(a + 2 * rowA);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(a + 3 * rowA);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += stepA;
    b += rowB;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += rowB;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += rowB;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += rowB;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** C[i, j..j+4) */
function tile1x4(a: usize, stepA: usize, b: usize, rowB: usize, c: usize, k: i32): void {
  let sum = f32x4.splat(0);
  for (let l = 0; l < k; l++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(a), v128.load(b)));
    a += stepA;
    b += rowB;
  }
  v128.store(c, sum);
}

/** C[i, j] */
function tile1x1(a: usize, stepA: usize, b: usize, rowB: usize, c: usize, k: i32): void {
  let sum: f32 = 0;
  for (let l = 0; l < k; l++) {
    sum += load<f32>(a) * load<f32>(b);
    a += stepA;
    b += rowB;
  }
  store<f32>(c, sum);
}

/**
 * @param a element (i, l) at a + i * rowA + l * stepA, strides in bytes
 * @param b [k, n] row-major
 * @param c [m, n] row-major, written
 */
export function matmul(a: usize, rowA: usize, stepA: usize, b: usize, c: usize, m: i32, n: i32, k: i32): void {
  const rowB = <usize>n << 2;
  let j = 0;
  for (; j + 8 <= n; j += 8) {
    let i = 0;
    for (; i + 4 <= m; i += 4) tile4x8(a + i * rowA, rowA, stepA, b + (j << 2), rowB, c + i * rowB + (j << 2), k);
    for (; i < m; i++) {
      tile1x4(a + i * rowA, stepA, b + (j << 2), rowB, c + i * rowB + (j << 2), k);
      tile1x4(a + i * rowA, stepA, b + (j << 2) + 16, rowB, c + i * rowB + (j << 2) + 16, k);
    }
  }
  for (; j + 4 <= n; j += 4) {
    for (let i = 0; i < m; i++) tile1x4(a + i * rowA, stepA, b + (j << 2), rowB, c + i * rowB + (j << 2), k);
  }
  for (; j < n; j++) {
    for (let i = 0; i < m; i++) tile1x1(a + i * rowA, stepA, b + (j << 2), rowB, c + i * rowB + (j << 2), k);
  }
}

/** Transpose of a [rows, cols] matrix. */
export function transpose(source: usize, target: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      store<f32>(target + (<usize>(j * rows + i) << 2), load<f32>(source + (<usize>(i * cols + j) << 2)));
    }
  }
}
