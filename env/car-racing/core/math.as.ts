/**
 * Sine, cosine and arctangent in float64, the bits of `env/math.ts`, which says how near they are to glibc's. Each sums
 * its Taylor series with the leading terms in double-double arithmetic (Dekker 1971).
 */

/** A double-double result of the series below: value = high + low. */
let resultHigh: f64 = 0;
let resultLow: f64 = 0;
/** A reduced argument, |high| <= pi/4, as a double-double. */
let reducedHigh: f64 = 0;
let reducedLow: f64 = 0;

export const PI: f64 = 3.141592653589793;
/** pi/2 as the sum of three doubles. */
const HALF_PI_0: f64 = PI / 2;
const HALF_PI_1: f64 = 6.123233995736766e-17;
const HALF_PI_2: f64 = -1.4973849048591833e-33;

/** Splits a double into two halves of 26 bits, whose products are exact (Veltkamp). */
const SPLIT: f64 = 134217729;

/** -1, 0 or 1; a zero or NaN itself. */
@inline
export function sign(x: f64): f64 {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}

/** a * b - product, exactly, where product is the rounded a * b (Dekker). */
@inline
function productError(a: f64, b: f64, product: f64): f64 {
  let t = SPLIT * a;
  const aHigh = t - (t - a);
  const aLow = a - aHigh;
  t = SPLIT * b;
  const bHigh = t - (t - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** Writes x minus its nearest multiple of pi/2 to `reduced…`; returns that multiple's number modulo 4. */
function reduce(x: f64): i32 {
  if (abs(x) <= PI / 4) {
    reducedHigh = x;
    reducedLow = 0;
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
  reducedHigh = high + low;
  reducedLow = high - reducedHigh + low;
  return i32(i64(n) & 3);
}

/** Sine of `reduced…` into `result…`: r + r^3 (-1/6 + r^2/120 - ...). */
function sinSeries(): void {
  const r = reducedHigh;
  const z = r * r;
  const zLow = productError(r, r, z) + 2 * r * reducedLow;
  const tail =
    z *
    (1.0 / 120 +
      z *
        (-1.0 / 5040 +
          z *
            (1.0 / 362880 +
              z * (-1.0 / 39916800 + z * (1.0 / 6227020800 + z * (-1.0 / 1307674368000 + z / 355687428096000))))));
  // -1/6 is not a double: its rounding error goes to the low part.
  const q = -1.0 / 6 + tail;
  const qLow = -1.0 / 6 - q + tail - 2.7755575615628914e-17 / 3; // 2^-55
  const cube = r * z;
  const cubeLow = productError(r, z, cube) + r * zLow + reducedLow * z;
  const t = cube * q;
  const tLow = productError(cube, q, t) + cube * qLow + cubeLow * q;
  const sum = r + t;
  const low = r - sum + t + (reducedLow + tLow);
  resultHigh = sum + low;
  resultLow = sum - resultHigh + low;
}

/** Cosine of `reduced…` into `result…`: 1 - r^2/2 + r^4 (1/24 - r^2/720 + ...). */
function cosSeries(): void {
  const r = reducedHigh;
  const z = r * r;
  const zLow = productError(r, r, z) + 2 * r * reducedLow;
  const tail =
    z *
    (-1.0 / 720 +
      z *
        (1.0 / 40320 +
          z *
            (-1.0 / 3628800 +
              z * (1.0 / 479001600 + z * (-1.0 / 87178291200 + z * (1.0 / 20922789888000 - z / 6402373705728000))))));
  const q = 1.0 / 24 + tail;
  const qLow = 1.0 / 24 - q + tail + 6.938893903907228e-18 / 3; // 2^-57
  const square = z * z;
  const squareLow = productError(z, z, square) + 2 * z * zLow;
  const t = square * q;
  const tLow = productError(square, q, t) + square * qLow + squareLow * q;
  const first = 1 - z / 2;
  const firstLow = 1 - first - z / 2 - zLow / 2;
  const sum = first + t;
  const low = first - sum + t + (firstLow + tLow);
  resultHigh = sum + low;
  resultLow = sum - resultHigh + low;
}

/** Results of the last `sinCos`. */
export let sine: f64 = 0;
export let cosine: f64 = 0;

/** Sine and cosine of x radians, |x| < 2^50. */
export function sinCos(x: f64): void {
  const quadrant = reduce(x);
  sinSeries();
  // A zero keeps its sign; the series would lose it.
  const s = x == 0 ? x : resultHigh;
  cosSeries();
  const c = resultHigh;
  sine = quadrant & 1 ? c : s;
  cosine = quadrant & 1 ? s : c;
  if (quadrant & 2) sine = -sine;
  if (quadrant == 1 || quadrant == 2) cosine = -cosine;
}

/** The angle of the vector (x, y), in [-pi, pi] radians. Arguments are finite; signs of zeros count as in `Math.atan2`. */
export function atan2(y: f64, x: f64): f64 {
  const ax = abs(x);
  const ay = abs(y);
  if (ay == 0) return reinterpret<i64>(x) < 0 ? copysign(PI, y) : y;
  // A first angle in the first quadrant, within 1e-5 (Abramowitz and Stegun 4.4.49) …
  const a = ax > ay ? ay / ax : ax / ay;
  const s = a * a;
  let angle = a * (0.999866 + s * (-0.3302995 + s * (0.180141 + s * (-0.085133 + s * 0.0208351))));
  if (ay >= ax) angle = PI / 2 - angle;
  if (x < 0) angle = PI - angle;
  // … and its error: the angle of the vector turned back by it, whose sine part cancels, hence double-double.
  const quadrant = reduce(angle);
  sinSeries();
  const s0 = resultHigh;
  const s1 = resultLow;
  cosSeries();
  const sinHigh = quadrant == 1 ? resultHigh : quadrant == 2 ? -s0 : s0;
  const sinLow = quadrant == 1 ? resultLow : quadrant == 2 ? -s1 : s1;
  const cosHigh = quadrant == 1 ? -s0 : quadrant == 2 ? -resultHigh : resultHigh;
  const cosLow = quadrant == 1 ? -s1 : quadrant == 2 ? -resultLow : resultLow;
  const p = ay * cosHigh;
  const q = x * sinHigh;
  const across = p - q + (productError(ay, cosHigh, p) - productError(x, sinHigh, q) + (ay * cosLow - x * sinLow));
  const t = across / (x * cosHigh + ay * sinHigh);
  angle += t - (t * t * t) / 3;
  return y < 0 ? -angle : angle;
}

/** tan(pi/8) */
const TAN_EIGHTH: f64 = 0.41421356237309503;

/**
 * The same within 1e-10, three times as fast: the Taylor series after a reduction to [-tan(pi/8), tan(pi/8)]. The sign is
 * exact.
 */
export function roughAtan2(y: f64, x: f64): f64 {
  const ax = abs(x);
  const ay = abs(y);
  const least = min(ax, ay);
  const most = max(ax, ay);
  if (most == 0) return atan2(y, x);
  const steep = least > TAN_EIGHTH * most;
  const t = steep ? (least - most) / (least + most) : least / most;
  const s = t * t;
  let sum = -1.0 / 23 + s / 25;
  sum = 1.0 / 21 + s * sum;
  sum = -1.0 / 19 + s * sum;
  sum = 1.0 / 17 + s * sum;
  sum = -1.0 / 15 + s * sum;
  sum = 1.0 / 13 + s * sum;
  sum = -1.0 / 11 + s * sum;
  sum = 1.0 / 9 + s * sum;
  sum = -1.0 / 7 + s * sum;
  sum = 1.0 / 5 + s * sum;
  sum = -1.0 / 3 + s * sum;
  let angle = t + t * s * sum;
  if (steep) angle += PI / 4;
  if (ay > ax) angle = PI / 2 - angle;
  if (reinterpret<i64>(x) < 0) angle = PI - angle;
  return copysign(angle, y);
}
