// asc: --importMemory --noExportMemory --initialMemory 1
import { accumulate1, accumulate14, accumulate6 } from "./lists.as";

/**
 * Convolution (NHWC) with a sparse filter: only weights that are not zero are visited. Four images form the lanes of
 * a vector, so a weight needs no gathering: its inputs lie side by side.
 *
 * Inputs are laid out anew as [channel][row][column % stride][column / stride][4 images]: the inputs that one
 * weight sees at neighbouring outputs of a row are then neighbours, whatever the stride.
 */

/** Lists the weights of an output channel (lists.as.ts): offset of the weight's first input in bytes, and weight. */
function listWeights(
  filter: usize, channel: i32, ci: i32, co: i32, kh: i32, kw: i32, stride: i32,
  channelBytes: usize, phaseBytes: usize, list: usize,
): usize {
  for (let c = 0; c < ci; c++) {
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        const weight = load<f32>(filter + (<usize>(((ky * kw + kx) * ci + c) * co + channel) << 2));
        if (weight == 0) continue;
        const offset = c * channelBytes + (ky * stride + kx % stride) * phaseBytes + (<usize>(kx / stride) << 4);
        store<u32>(list, <u32>offset);
        store<f32>(list, weight, 4);
        list += 8;
      }
    }
  }
  return list;
}

/** Four images from `image` on into the layout above; past the last image its values are repeated. */
function interleave(
  x: usize, image: i32, n: i32, h: i32, w: i32, ci: i32, stride: i32, padTop: i32, padLeft: i32,
  channelBytes: usize, phaseBytes: usize, out: usize,
): void {
  const imageBytes = <usize>(h * w * ci) << 2;
  const x0 = x + image * imageBytes;
  const x1 = x + min(image + 1, n - 1) * imageBytes;
  const x2 = x + min(image + 2, n - 1) * imageBytes;
  const x3 = x + min(image + 3, n - 1) * imageBytes;
  let from: usize = 0;
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < w; column++) {
      const padded = column + padLeft;
      let to = out + ((row + padTop) * stride + padded % stride) * phaseBytes + (<usize>(padded / stride) << 4);
      for (let c = 0; c < ci; c++) {
        let v = v128.load32_splat(x0 + from);
        v = v128.load_lane<f32>(x1 + from, v, 1);
        v = v128.load_lane<f32>(x2 + from, v, 2);
        v = v128.load_lane<f32>(x3 + from, v, 3);
        v128.store(to, v);
        from += 4;
        to += channelBytes;
      }
    }
  }
}

/** 14 neighbouring outputs of one channel for four images. */
function outputs14(list: usize, end: usize, x: usize, y: usize): void {
  accumulate14(list, end, x, y, true);
}

function outputs6(list: usize, end: usize, x: usize, y: usize): void {
  accumulate6(list, end, x, y, true);
}

function outputs1(list: usize, end: usize, x: usize, y: usize): void {
  accumulate1(list, end, x, y, true);
}

/** From [channel][position][4 images] to NHWC. */
function separate(from: usize, y: usize, image: i32, n: i32, positions: i32, co: i32): void {
  const channelBytes = <usize>positions << 4;
  const imageBytes = <usize>(positions * co) << 2;
  const lanes = min(4, n - image);
  for (let position = 0; position < positions; position++) {
    let source = from + (<usize>position << 4);
    let target = y + image * imageBytes + (<usize>(position * co) << 2);
    let o = 0;
    for (; o + 4 <= co; o += 4, target += 16) {
      const a = v128.load(source), b = v128.load(source + channelBytes);
      const c = v128.load(source + 2 * channelBytes), d = v128.load(source + 3 * channelBytes);
      source += 4 * channelBytes;
      // A 4 × 4 transpose: pairs first, then halves.
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
      if (lanes > 1) v128.store(target + imageBytes, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
      if (lanes > 2) v128.store(target + 2 * imageBytes, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
      if (lanes > 3) v128.store(target + 3 * imageBytes, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
    }
    for (; o < co; o++, target += 4, source += channelBytes) {
      for (let lane = 0; lane < lanes; lane++) {
        store<f32>(target + lane * imageBytes, load<f32>(source + (<usize>lane << 2)));
      }
    }
  }
}

/**
 * @param x [n, h, w, ci]
 * @param filter [kh, kw, ci, co]
 * @param y [n, oh, ow, co], written
 * @param paddedH rows with padding; padTop and padLeft of them come before the map
 * @param phase columns with padding, divided by the stride and rounded up
 * @param input scratch of ci * paddedH * stride * phase vectors
 * @param output scratch of co * oh * ow vectors
 * @param lists scratch of kh * kw * ci * co entries of 8 bytes
 * @param ends scratch of co + 1 integers
 */
export function sparseForward(
  x: usize, filter: usize, y: usize,
  n: i32, h: i32, w: i32, ci: i32, oh: i32, ow: i32, co: i32, kh: i32, kw: i32, stride: i32,
  paddedH: i32, padTop: i32, padLeft: i32, phase: i32,
  input: usize, output: usize, lists: usize, ends: usize,
): void {
  const phaseBytes = <usize>phase << 4;
  const rowBytes = stride * phaseBytes;
  const channelBytes = paddedH * rowBytes;
  store<u32>(ends, <u32>lists);
  let end = lists;
  for (let o = 0; o < co; o++) {
    end = listWeights(filter, o, ci, co, kh, kw, stride, channelBytes, phaseBytes, end);
    store<u32>(ends + (<usize>(o + 1) << 2), <u32>end);
  }
  memory.fill(input, 0, ci * channelBytes);
  for (let image = 0; image < n; image += 4) {
    interleave(x, image, n, h, w, ci, stride, padTop, padLeft, channelBytes, phaseBytes, input);
    for (let row = 0; row < oh; row++) {
      for (let o = 0; o < co; o++) {
        const from = load<u32>(ends + (<usize>o << 2)), to = load<u32>(ends + (<usize>o << 2), 4);
        let source = input + row * stride * rowBytes;
        let target = output + (<usize>((o * oh + row) * ow) << 4);
        let column = 0;
        for (; column + 14 <= ow; column += 14, source += 224, target += 224) outputs14(from, to, source, target);
        for (; column + 6 <= ow; column += 6, source += 96, target += 96) outputs6(from, to, source, target);
        for (; column < ow; column++, source += 16, target += 16) outputs1(from, to, source, target);
      }
    }
    separate(output, y, image, n, oh * ow, co);
  }
}
