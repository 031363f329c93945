/**
 * Pictures of another size with the bytes of OpenCV's `cv2.resize(…, interpolation=cv2.INTER_AREA)` (4.14 and 5.0, equal
 * on x86). OpenCV has three methods: the rounded mean of whole pixels where both axes shrink by whole factors; sums of
 * area shares in float32 where they shrink by others; linear interpolation in fixed point where an axis grows. The order
 * of operations and every rounding are OpenCV's, because the last bit depends on them.
 */

/** Sizes of a picture before and after. */
export interface Sizes {
  /** Pixels of the given pictures. */
  from: readonly [height: number, width: number];
  /** Pixels of the new pictures. */
  to: readonly [height: number, width: number];
  /** Bytes a pixel. */
  channels: number;
}

/** Turns a picture of size `from` into one of size `to`, in a new array. */
export type Resize = (picture: Uint8Array) => Uint8Array;

/** Prepares the method that OpenCV uses for the sizes. */
export function createResize(sizes: Sizes): Resize {
  const [rows, columns] = [0, 1].map((axis) => factor(sizes.from[axis], sizes.to[axis]));
  if (rows < 1 || columns < 1) return linear(sizes);
  if (Number.isInteger(rows) && Number.isInteger(columns)) return wholeMean(sizes, rows, columns);
  return areaMean(sizes);
}

/** Old pixels per new one along an axis, calculated as in OpenCV: the last bit decides whether it is whole. */
function factor(from: number, to: number): number {
  return 1 / (to / from);
}

function wholeMean({ from: [, width], to, channels }: Sizes, rows: number, columns: number): Resize {
  const share = Math.fround(1 / (rows * columns));
  // OpenCV's vector code for halves rounds up at a tie; there is none for two channels.
  const roundsUp = rows === 2 && columns === 2 && channels !== 2;
  return (picture) => {
    const out = new Uint8ClampedArray(to[0] * to[1] * channels); // rounds to even at a tie
    let at = 0;
    for (let y = 0; y < to[0]; y++) {
      for (let x = 0; x < to[1]; x++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let row = y * rows; row < (y + 1) * rows; row++) {
            const first = (row * width + x * columns) * channels + c;
            for (let k = 0; k < columns; k++) sum += picture[first + k * channels];
          }
          out[at++] = roundsUp ? (sum + 2) >> 2 : Math.fround(sum * share);
        }
      }
    }
    return new Uint8Array(out.buffer);
  };
}

/** The share of an old pixel in the mean of a new one, along one axis. */
interface Share {
  to: number;
  from: number;
  /** Share of the new pixel, a float32 from 0 to 1. */
  weight: number;
}

function areaMean({ from, to, channels }: Sizes): Resize {
  const rows = areaShares(from[0], to[0]);
  const columns = areaShares(from[1], to[1]);
  const stride = to[1] * channels;
  const line = new Float32Array(stride);
  const sum = new Float32Array(stride);
  return (picture) => {
    const out = new Uint8ClampedArray(to[0] * stride);
    sum.fill(0);
    for (const [i, row] of rows.entries()) {
      line.fill(0);
      for (const column of columns) {
        const source = (row.from * from[1] + column.from) * channels;
        const target = column.to * channels;
        for (let c = 0; c < channels; c++) {
          line[target + c] += Math.fround(picture[source + c] * column.weight);
        }
      }
      for (let x = 0; x < stride; x++) sum[x] += Math.fround(line[x] * row.weight);
      if (row.to === rows[i + 1]?.to) continue;
      out.set(sum, row.to * stride);
      sum.fill(0);
    }
    return new Uint8Array(out.buffer);
  };
}

/** The shares of all new pixels along an axis, ordered by new pixel, then by old one. */
function areaShares(from: number, to: number): Share[] {
  const scale = factor(from, to);
  const shares: Share[] = [];
  for (let i = 0; i < to; i++) {
    const start = i * scale;
    const end = start + scale;
    const length = Math.min(scale, from - start);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(start), last);
    const add = (index: number, part: number) =>
      shares.push({ to: i, from: index, weight: Math.fround(part / length) });
    // Slivers below a thousandth of a pixel are left out.
    if (first - start > 1e-3) add(first - 1, first - start);
    for (let index = first; index < last; index++) add(index, 1);
    if (end - last > 1e-3) add(last, Math.min(end - last, 1, length));
  }
  return shares;
}

/** Two neighbouring old pixels and their weights in a new one, in units of 1/2048. */
interface Pair {
  first: number;
  second: number;
  weight: number;
  secondWeight: number;
}

const ONE = 2048;

function linear({ from, to, channels }: Sizes): Resize {
  const rows = linearPairs(from[0], to[0]);
  const columns = linearPairs(from[1], to[1]).map((pair) =>
    // The last column has no neighbour to share with; rows keep both weights, which need not add up to one.
    pair.first === pair.second ? { ...pair, weight: ONE, secondWeight: 0 } : pair,
  );
  const stride = to[1] * channels;
  const lines = new Int32Array(from[0] * stride);
  return (picture) => {
    let at = 0;
    for (let y = 0; y < from[0]; y++) {
      for (const { first, second, weight, secondWeight } of columns) {
        for (let c = 0; c < channels; c++) {
          const a = picture[(y * from[1] + first) * channels + c];
          const b = picture[(y * from[1] + second) * channels + c];
          lines[at++] = (a * weight + b * secondWeight) >> 4;
        }
      }
    }
    const out = new Uint8Array(to[0] * stride);
    at = 0;
    for (const { first, second, weight, secondWeight } of rows) {
      for (let x = 0; x < stride; x++) {
        const a = (lines[first * stride + x] * weight) >> 16;
        const b = (lines[second * stride + x] * secondWeight) >> 16;
        out[at++] = (a + b + 2) >> 2;
      }
    }
    return out;
  };
}

/** The neighbours of all new pixels along an axis: a new pixel copies the old one that it lies in, unless it reaches into the next. */
function linearPairs(from: number, to: number): Pair[] {
  const inverse = to / from;
  return Array.from({ length: to }, (_, i) => {
    const first = Math.floor(i * factor(from, to));
    const reach = Math.fround(i + 1 - (first + 1) * inverse);
    const share = reach <= 0 ? 0 : Math.fround(reach - Math.floor(reach));
    return {
      first,
      second: Math.min(first + 1, from - 1),
      weight: roundToEven(Math.fround(1 - share) * ONE),
      secondWeight: roundToEven(share * ONE),
    };
  });
}

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
