// asc: --importMemory --noExportMemory --initialMemory 1
/**
 * HardTanh, its gradient, and the gradient of max-pooling. (The backend's own MaxPoolGrad takes the maximum of a
 * window to be at least 0, which is wrong for maps that can be negative.)
 */

/** y = min(1, max(-1, x)) over `count` floats. */
export function hardTanh(x: usize, y: usize, count: i32): void {
  const low = f32x4.splat(-1), high = f32x4.splat(1);
  let i = 0;
  for (; i + 4 <= count; i += 4, x += 16, y += 16) {
    v128.store(y, f32x4.min(high, f32x4.max(low, v128.load(x))));
  }
  for (; i < count; i++, x += 4, y += 4) store<f32>(y, min<f32>(1, max<f32>(-1, load<f32>(x))));
}

/** dx = dy where -1 < y < 1, else 0: y, the output, tells as much as the input. */
export function hardTanhGradient(dy: usize, y: usize, dx: usize, count: i32): void {
  const one = f32x4.splat(1);
  let i = 0;
  for (; i + 4 <= count; i += 4, dy += 16, y += 16, dx += 16) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.lt(f32x4.abs(v128.load(y)), one)));
  }
  for (; i < count; i++, dy += 4, y += 4, dx += 4) {
    store<f32>(dx, abs(load<f32>(y)) < 1 ? load<f32>(dy) : 0);
  }
}

/**
 * Gradient of max-pooling without padding, channels last. The gradient of a window goes to its first maximum in
 * row-major order, as in PyTorch and the tfjs `cpu` backend.
 *
 * @param dy [n, oh, ow, c]
 * @param x [n, h, w, c] the input of the pooling
 * @param y [n, oh, ow, c] its output
 * @param dx [n, h, w, c], written
 */
export function maxPoolGradient(
  dy: usize, x: usize, y: usize, dx: usize,
  n: i32, h: i32, w: i32, c: i32, oh: i32, ow: i32, size: i32, stride: i32,
): void {
  const pixel = <usize>c << 2;
  memory.fill(dx, 0, <usize>(n * h * w) * pixel);
  for (let image = 0; image < n; image++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        const corner = <usize>((image * h + oy * stride) * w + ox * stride) * pixel;
        let channel = 0;
        for (; channel + 4 <= c; channel += 4, dy += 16, y += 16) {
          const top = v128.load(y), gradient = v128.load(dy);
          let open = i32x4.splat(-1);
          for (let ky = 0; ky < size; ky++) {
            let at = corner + <usize>(ky * w) * pixel + (<usize>channel << 2);
            for (let kx = 0; kx < size; kx++, at += pixel) {
              const hit = v128.and(open, f32x4.eq(v128.load(x + at), top));
              v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(gradient, hit)));
              open = v128.andnot(open, hit);
            }
          }
        }
        for (; channel < c; channel++, dy += 4, y += 4) {
          const top = load<f32>(y);
          let open = true;
          for (let ky = 0; ky < size && open; ky++) {
            let at = corner + <usize>(ky * w) * pixel + (<usize>channel << 2);
            for (let kx = 0; kx < size && open; kx++, at += pixel) {
              if (load<f32>(x + at) != top) continue;
              store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
              open = false;
            }
          }
        }
      }
    }
  }
}
