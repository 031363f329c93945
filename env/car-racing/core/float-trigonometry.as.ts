/**
 * Sine and cosine in float32 with the bits of glibc's sinf and cosf, which Gymnasium's Box2D calls: polynomials in
 * float64 after a reduction to a quarter turn (glibc 2.36, sysdeps/ieee754/flt-32/sincosf.h).
 */

export let sine: f32 = 0;
export let cosine: f32 = 0;

const QUARTERS_PER_RADIAN: f64 = 10680707.430881744;
const QUARTER_HIGH: f64 = 1.5707963267923333;
const QUARTER_LOW: f64 = 2.5632829192545614e-12;

export function sincos(angle: f32): void {
  const size = abs<f32>(angle);
  if (size < 0.000244140625) {
    sine = angle;
    cosine = 1;
    return;
  }
  let x: f64 = angle;
  let quarters = 0;
  if (size >= 120) {
    x = reduceLarge(size);
    quarters = turns;
    if (angle < 0) {
      x = -x;
      quarters = -quarters;
    }
  } else if (size >= 0.75) {
    quarters = (<i32>(x * QUARTERS_PER_RADIAN) + 0x800000) >> 24;
    x = x - <f64>quarters * QUARTER_HIGH - <f64>quarters * QUARTER_LOW;
  }
  const x2 = x * x;
  const x3 = x2 * x;
  const x4 = x2 * x2;
  const s = <f32>(
    (x + x3 * -0.16666654943701084 + x3 * x2 * (0.008332178146138854 + x2 * -0.00019517298981385725))
  );
  const c = <f32>(
    (1 +
      x2 * -0.49999999725108224 +
      x4 * 0.041666623324344516 +
      x4 * x2 * (-0.001388676379437604 + x2 * 2.4390450703564542e-5))
  );
  const odd = quarters & 1;
  sine = odd ? c : s;
  cosine = odd ? s : c;
  if (quarters & 2) sine = -sine;
  if ((quarters + 1) & 2) cosine = -cosine;
}

/** Quarter turns that the last `reduceLarge` took off. */
let turns = 0;

/** 4 / pi, most significant byte first, behind three zeros. */
const FOUR_OVER_PI: usize = memory.data<u8>([
  0, 0, 0, 0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb,
  0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41,
]);

function reduceLarge(x: f32): f64 {
  const bits = reinterpret<u32>(x);
  const mantissa = <u64>(((bits & 0x7fffff) | 0x800000) << ((bits >> 23) & 7));
  const from = FOUR_OVER_PI + ((bits >> 26) & 15);
  const product =
    ((mantissa * bswap<u32>(load<u32>(from))) << 32) +
    mantissa * bswap<u32>(load<u32>(from, 4)) +
    ((mantissa * bswap<u32>(load<u32>(from, 8))) >> 32);
  const n = (product + (<u64>1 << 61)) >> 62;
  turns = <i32>n;
  return <f64>(<i64>(product - (n << 62))) * 3.4061215800865545e-19;
}
