/**
 * Sine, cosine and arctangent in float64 that give the same bits in every JavaScript engine, where `Math.sin` and its
 * like may differ. Each sums its Taylor series with the leading terms in double-double arithmetic (Dekker 1971), so
 * results are the nearest float64 but for a few in a thousand. Against glibc, with which Gymnasium's tracks and frames
 * are made, one argument in about 700 differs, by one unit in the last place (`Math.sin` of V8: one in 30).
 */

/** A double-double result of the functions below: value = high + low. Kept here so that nothing is allocated. */
const result = new Float64Array(2);
/** A reduced argument, |high| <= pi/4, as a double-double. */
const reduced = new Float64Array(2);

/** pi/2 as the sum of three doubles. */
const HALF_PI_0 = Math.PI / 2;
const HALF_PI_1 = 6.123233995736766e-17;
const HALF_PI_2 = -1.4973849048591833e-33;

/** Splits a double into two halves of 26 bits, whose products are exact (Veltkamp). */
const SPLIT = 2 ** 27 + 1;

/** a * b - product, exactly, where product is the rounded a * b (Dekker). */
function productError(a: number, b: number, product: number): number {
  let t = SPLIT * a;
  const aHigh = t - (t - a);
  const aLow = a - aHigh;
  t = SPLIT * b;
  const bHigh = t - (t - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** Writes x minus its nearest multiple of pi/2 to `reduced`; returns that multiple's number modulo 4. */
function reduce(x: number): number {
  if (Math.abs(x) <= Math.PI / 4) {
    reduced[0] = x;
    reduced[1] = 0;
    return 0;
  }
  const n = Math.round(x / HALF_PI_0);
  const p0 = n * HALF_PI_0;
  const p1 = n * HALF_PI_1;
  const e0 = productError(n, HALF_PI_0, p0);
  const r = x - p0; // exact: the two are within a factor of two, or r is x - p0 of neighbouring magnitude
  const s = r - e0;
  const sError = r - s - e0;
  const high = s - p1;
  const low = s - high - p1 + sError - productError(n, HALF_PI_1, p1) - n * HALF_PI_2;
  reduced[0] = high + low;
  reduced[1] = high - reduced[0] + low;
  return n & 3;
}

/**
 * Sine of `reduced` into `result`: r + r^3 (-1/6 + r^2/120 - ...). Here and in `cosSeries` each factor is split once and
 * `productError` written out: a call that the engine does not inline would put its arguments on the heap.
 */
function sinSeries(): void {
  const r = reduced[0];
  const z = r * r;
  let split = SPLIT * r;
  const r0 = split - (split - r);
  const r1 = r - r0;
  const zLow = r0 * r0 - z + r0 * r1 + r1 * r0 + r1 * r1 + 2 * r * reduced[1];
  const tail =
    z *
    (1 / 120 +
      z *
        (-1 / 5040 +
          z *
            (1 / 362880 +
              z * (-1 / 39916800 + z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000))))));
  // -1/6 is not a double: what it lacks goes to the low part.
  const q = -1 / 6 + tail;
  const qLow = -1 / 6 - q + tail - 2 ** -55 / 3;
  split = SPLIT * z;
  const z0 = split - (split - z);
  const z1 = z - z0;
  const cube = r * z;
  const cubeLow = r0 * z0 - cube + r0 * z1 + r1 * z0 + r1 * z1 + r * zLow + reduced[1] * z;
  split = SPLIT * cube;
  const cube0 = split - (split - cube);
  const cube1 = cube - cube0;
  split = SPLIT * q;
  const q0 = split - (split - q);
  const q1 = q - q0;
  const t = cube * q;
  const tLow = cube0 * q0 - t + cube0 * q1 + cube1 * q0 + cube1 * q1 + cube * qLow + cubeLow * q;
  const sum = r + t;
  const low = r - sum + t + (reduced[1] + tLow);
  result[0] = sum + low;
  result[1] = sum - result[0] + low;
}

/** Cosine of `reduced` into `result`: 1 - r^2/2 + r^4 (1/24 - r^2/720 + ...). */
function cosSeries(): void {
  const r = reduced[0];
  const z = r * r;
  let split = SPLIT * r;
  const r0 = split - (split - r);
  const r1 = r - r0;
  const zLow = r0 * r0 - z + r0 * r1 + r1 * r0 + r1 * r1 + 2 * r * reduced[1];
  const tail =
    z *
    (-1 / 720 +
      z *
        (1 / 40320 +
          z *
            (-1 / 3628800 +
              z *
                (1 / 479001600 + z * (-1 / 87178291200 + z * (1 / 20922789888000 - z / 6402373705728000))))));
  const q = 1 / 24 + tail;
  const qLow = 1 / 24 - q + tail + 2 ** -57 / 3;
  split = SPLIT * z;
  const z0 = split - (split - z);
  const z1 = z - z0;
  const square = z * z;
  const squareLow = z0 * z0 - square + z0 * z1 + z1 * z0 + z1 * z1 + 2 * z * zLow;
  split = SPLIT * square;
  const square0 = split - (split - square);
  const square1 = square - square0;
  split = SPLIT * q;
  const q0 = split - (split - q);
  const q1 = q - q0;
  const t = square * q;
  const tLow = square0 * q0 - t + square0 * q1 + square1 * q0 + square1 * q1 + square * qLow + squareLow * q;
  const first = 1 - z / 2;
  const firstLow = 1 - first - z / 2 - zLow / 2;
  const sum = first + t;
  const low = first - sum + t + (firstLow + tLow);
  result[0] = sum + low;
  result[1] = sum - result[0] + low;
}

/** Sine of x radians, |x| < 2^50. */
export function sin(x: number): number {
  const quadrant = reduce(x);
  if (quadrant & 1) cosSeries();
  else sinSeries();
  // A zero keeps its sign; the series would lose it.
  return x === 0 ? x : quadrant & 2 ? -result[0] : result[0];
}

/** Cosine of x radians, |x| < 2^50. */
export function cos(x: number): number {
  const quadrant = reduce(x);
  if (quadrant & 1) sinSeries();
  else cosSeries();
  return quadrant === 1 || quadrant === 2 ? -result[0] : result[0];
}

/**
 * Replaces angle[0], radians, by its sine and angle[1] by its cosine: the same as of {@link sin} and {@link cos}, in less
 * time than both. The array passes the numbers since those that are passed one by one may end up on the heap.
 */
export function sinCos(angle: Float64Array): void {
  const x = angle[0];
  const quadrant = reduce(x);
  sinSeries();
  const s = x === 0 ? x : result[0];
  cosSeries();
  const c = result[0];
  angle[0] = quadrant & 1 ? c : s;
  angle[1] = quadrant & 1 ? s : c;
  if (quadrant & 2) angle[0] = -angle[0];
  if (quadrant === 1 || quadrant === 2) angle[1] = -angle[1];
}

/** The angle of the vector (x, y), in [-pi, pi] radians. Arguments are finite; signs of zeros count as in `Math.atan2`. */
export function atan2(y: number, x: number): number {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  if (ay === 0) return x < 0 || Object.is(x, -0) ? (Object.is(y, -0) || y < 0 ? -Math.PI : Math.PI) : y;
  // A first angle in the first quadrant, within 1e-5 (Abramowitz and Stegun 4.4.49) …
  const a = ax > ay ? ay / ax : ax / ay;
  const s = a * a;
  let angle = a * (0.999866 + s * (-0.3302995 + s * (0.180141 + s * (-0.085133 + s * 0.0208351))));
  if (ay >= ax) angle = Math.PI / 2 - angle;
  if (x < 0) angle = Math.PI - angle;
  // … and what it is wrong by: the angle of the vector turned back by it, whose sine part cancels, hence double-double.
  const quadrant = reduce(angle);
  sinSeries();
  const s0 = result[0];
  const s1 = result[1];
  cosSeries();
  const sinHigh = quadrant === 1 ? result[0] : quadrant === 2 ? -s0 : s0;
  const sinLow = quadrant === 1 ? result[1] : quadrant === 2 ? -s1 : s1;
  const cosHigh = quadrant === 1 ? -s0 : quadrant === 2 ? -result[0] : result[0];
  const cosLow = quadrant === 1 ? -s1 : quadrant === 2 ? -result[1] : result[1];
  const p = ay * cosHigh;
  const q = x * sinHigh;
  const across =
    p - q + (productError(ay, cosHigh, p) - productError(x, sinHigh, q) + (ay * cosLow - x * sinLow));
  const t = across / (x * cosHigh + ay * sinHigh);
  angle += t - (t * t * t) / 3;
  return y < 0 ? -angle : angle;
}
