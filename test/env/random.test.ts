import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Seed } from "../../env/api.ts";
import { InvalidOption } from "../../env/errors.ts";
import { RANDOM_STATE_WORDS, Random } from "../../env/random.ts";

/**
 * Draws of numpy 2: r = default_rng(seed); r.random(), r.uniform(-3, 7), r.integers(3), r.integers(10), r.random(),
 * r.integers(0, 2**40), r.integers(2**32) twice, r.integers(-5, 1000000), then r.shuffle(arange(8)).
 */
const NUMPY: [Seed, number[], string][] = [
  [
    0,
    [
      0.6369616873214543, -0.3021328623612969, 0, 0, 0.016527635528529094, 894200084524, 2789219406,
      3920255353, 503624,
    ],
    "32074651",
  ],
  [
    1,
    [
      0.5118216247002567, 6.504636963259353, 0, 1, 0.9486494471372439, 342862307391, 3732435016, 1818173253,
      273165,
    ],
    "10756423",
  ],
  [
    7,
    [
      0.625095466604667, 5.972138009695755, 1, 7, 0.22520718999059186, 330036320526, 1224353588, 3751883479,
      912622,
    ],
    "42037156",
  ],
  [
    12345,
    [
      0.22733602246716966, 0.16758339709752867, 0, 7, 0.6762546707509746, 430029498621, 3605303107,
      1429424935, 567501,
    ],
    "02637541",
  ],
  [
    2 ** 32,
    [
      0.8897387912781343, 2.5713805020622633, 0, 8, 0.9565138174753386, 64448050148, 272133842, 1015333255,
      250824,
    ],
    "30765241",
  ],
  [
    2 ** 32 + 5,
    [
      0.7742041803738812, 1.7072268318809307, 2, 6, 0.8165376458429717, 591467908560, 2449118955, 2221770359,
      591263,
    ],
    "36140527",
  ],
  [
    2n ** 70n + 3n,
    [
      0.4203871190878119, -0.14126303263424322, 0, 1, 0.2969252123735987, 416897423168, 2761237399,
      3670283279, 589833,
    ],
    "53712604",
  ],
  [
    2n ** 200n + 17n,
    [
      0.13682592594543386, 1.194082790633777, 0, 6, 0.9250599630073613, 735524039754, 543102635, 136040109,
      484652,
    ],
    "16053472",
  ],
];

test.each(NUMPY)("seed %s draws numpy's numbers", (seed, values, order) => {
  const r = new Random(seed);
  const drawn = [
    r.random(),
    r.uniform(-3, 7),
    r.integers(3),
    r.integers(10),
    r.random(),
    r.integers(0, 2 ** 40),
  ];
  drawn.push(r.integers(2 ** 32), r.integers(2 ** 32), r.integers(-5, 1000000));
  expect(drawn).toEqual(values);
  expect(r.shuffle([0, 1, 2, 3, 4, 5, 6, 7]).join("")).toBe(order);
});

test("a number and a bigint of the same value begin the same stream", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (seed) => {
      expect(new Random(seed).random()).toBe(new Random(BigInt(seed)).random());
    }),
  );
});

test("restoring a state repeats the draws after it, from a kept half word too", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), fc.nat(20), (seed, draws) => {
      const random = new Random(seed);
      for (let i = 0; i < draws; i++) random.uint32();
      const state = random.state();
      const sequence = () => [random.uint32(), random.random(), random.integers(1000), random.uint32()];
      const first = sequence();
      random.restore(state);
      expect(sequence()).toEqual(first);
      const other = new Random(0);
      other.restore(state);
      expect([other.uint32(), other.random(), other.integers(1000), other.uint32()]).toEqual(first);
    }),
  );
});

test("draws stay in their ranges", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n }),
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
      (seed, low, count) => {
        const random = new Random(seed);
        const whole = random.integers(low, low + count);
        expect(Number.isInteger(whole) && whole >= low && whole < low + count).toBe(true);
        const real = random.uniform(low, low + count);
        expect(real >= low && real < low + count).toBe(true);
      },
    ),
  );
});

describe("streams without a seed", () => {
  test("differ, and their entropy begins them again", () => {
    const a = new Random();
    const first = a.random();
    expect(new Random().random()).not.toBe(first);
    expect(new Random(a.seed).random()).toBe(first);
  });
});

test.each([-1, 1.5, Number.NaN, 2 ** 53, -5n])("seed %s is refused", (seed) => {
  expect(() => new Random(seed)).toThrow(InvalidOption);
});

test("a state of the wrong length and an empty range are refused", () => {
  const random = new Random(1);
  expect(() => random.restore(new Uint32Array(3))).toThrow(`expected ${RANDOM_STATE_WORDS} words, got 3`);
  expect(() => random.integers(5, 5)).toThrow("low < high, got 5 and 5");
});
