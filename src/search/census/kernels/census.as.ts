/**
 * Counts, for every pair of a removal and an addition in a dense last layer, the images that are wrong afterwards.
 *
 * With the removal given, an image stays right while the added input lies on one side of a threshold (exhaustive.ts
 * says why). So the work is comparisons of inputs with thresholds: thirty-two inputs wide (sixteen as int32), two
 * removals at once, the counts in registers. Only images that a swap can turn are listed.
 */

export function heapBase(): usize {
  return __heap_base;
}

/** Wrong images of the additions at hand: of the first removal, then of the second. */
const counts = memory.data(2 * 64);

/**
 * Adds one to `histogram[n]` for each pair of a removal and a zero weight, n the images that are wrong then.
 * @param rows uint32 [images]: addresses of the images' inputs, those that go wrong above their threshold first
 * @param above how many those are; the others go wrong at and below it
 * @param thresholds [removals, images], of the inputs' type
 * @param zeros int32 [zeroCount]: places of the zero weights, ascending
 * @param histogram uint32 [images + 1]
 */
export function countWrong16(
  rows: usize, above: i32, images: i32, thresholds: usize, removals: i32, zeros: usize, zeroCount: i32, histogram: usize,
): void {
  count<i16>(rows, above, images, thresholds, removals, zeros, zeroCount, histogram);
}

/** The same for inputs that are int32. */
export function countWrong32(
  rows: usize, above: i32, images: i32, thresholds: usize, removals: i32, zeros: usize, zeroCount: i32, histogram: usize,
): void {
  count<i32>(rows, above, images, thresholds, removals, zeros, zeroCount, histogram);
}

function count<T>(
  rows: usize, above: i32, images: i32, thresholds: usize, removals: i32, zeros: usize, zeroCount: i32, histogram: usize,
): void {
  const width = 64 / sizeof<T>();
  // The second kind is counted where it is right, from all of it down.
  const bins = histogram + (<usize>(images - above) << 2);
  const zerosEnd = zeros + (<usize>zeroCount << 2);
  while (zeros < zerosEnd) {
    // The block of inputs in which the next zero lies, and the zeros in it.
    const block = load<i32>(zeros) / width;
    let end = zeros;
    while (end < zerosEnd && load<i32>(end) / width == block) end += 4;
    for (let r = 0; r < removals; r += 2) {
      const first = thresholds + <usize>(r * images) * sizeof<T>();
      const two = r + 1 < removals;
      countBlock<T>(rows, above, images, first, two ? first + <usize>images * sizeof<T>() : first, <usize>block << 6);
      tally<T>(counts, zeros, end, block * width, bins);
      if (two) tally<T>(counts + 64, zeros, end, block * width, bins);
    }
    zeros = end;
  }
}

/** Fills `counts` for one block of inputs, `at` bytes into the rows, and two removals. */
// @ts-ignore: decorator
@inline
function countBlock<T>(rows: usize, above: i32, images: i32, first: usize, second: usize, at: usize): void {
  const zero = v128.splat<i32>(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
  for (let m: usize = 0; m < <usize>above; m++) {
    const row = <usize>load<u32>(rows + (m << 2)) + at;
    const v0 = v128.load(row), v1 = v128.load(row, 16), v2 = v128.load(row, 32), v3 = v128.load(row, 48);
    const a = v128.splat<T>(load<T>(first + m * sizeof<T>())), b = v128.splat<T>(load<T>(second + m * sizeof<T>()));
    // A comparison gives -1 where it holds.
    a0 = v128.sub<T>(a0, v128.gt<T>(v0, a)); a1 = v128.sub<T>(a1, v128.gt<T>(v1, a));
    a2 = v128.sub<T>(a2, v128.gt<T>(v2, a)); a3 = v128.sub<T>(a3, v128.gt<T>(v3, a));
    b0 = v128.sub<T>(b0, v128.gt<T>(v0, b)); b1 = v128.sub<T>(b1, v128.gt<T>(v1, b));
    b2 = v128.sub<T>(b2, v128.gt<T>(v2, b)); b3 = v128.sub<T>(b3, v128.gt<T>(v3, b));
  }
  for (let m: usize = above; m < <usize>images; m++) {
    const row = <usize>load<u32>(rows + (m << 2)) + at;
    const v0 = v128.load(row), v1 = v128.load(row, 16), v2 = v128.load(row, 32), v3 = v128.load(row, 48);
    const a = v128.splat<T>(load<T>(first + m * sizeof<T>())), b = v128.splat<T>(load<T>(second + m * sizeof<T>()));
    a0 = v128.add<T>(a0, v128.gt<T>(v0, a)); a1 = v128.add<T>(a1, v128.gt<T>(v1, a));
    a2 = v128.add<T>(a2, v128.gt<T>(v2, a)); a3 = v128.add<T>(a3, v128.gt<T>(v3, a));
    b0 = v128.add<T>(b0, v128.gt<T>(v0, b)); b1 = v128.add<T>(b1, v128.gt<T>(v1, b));
    b2 = v128.add<T>(b2, v128.gt<T>(v2, b)); b3 = v128.add<T>(b3, v128.gt<T>(v3, b));
  }
  v128.store(counts, a0); v128.store(counts, a1, 16); v128.store(counts, a2, 32); v128.store(counts, a3, 48);
  v128.store(counts, b0, 64); v128.store(counts, b1, 80); v128.store(counts, b2, 96); v128.store(counts, b3, 112);
}

/** Counts into the histogram what was found at the zeros of a block, whose first input is `base`. */
// @ts-ignore: decorator
@inline
function tally<T>(found: usize, zeros: usize, end: usize, base: i32, bins: usize): void {
  for (; zeros < end; zeros += 4) {
    const wrong = <i32>load<T>(found + <usize>(load<i32>(zeros) - base) * sizeof<T>());
    const bin = bins + (wrong << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
}
