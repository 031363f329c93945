/** Tests how error messages show strangers' values: short, and without characters that a terminal obeys. */
import { expect, describe as suite, test } from "vitest";
import { describe, printable, printableJson, shorten } from "../../env/describe.ts";
import { CorruptFile } from "../../env/errors.ts";

const HOSTILE = "\x1b]0;title\x07\x9b31m\u202egnp\r\n";

suite("control characters", () => {
  test("become escapes, wherever they come from", () => {
    expect(printable(HOSTILE)).toBe("\\x1b]0;title\\x07\\x9b31m\\u202egnp\\r\\n");
    expect(new CorruptFile(`${HOSTILE}: bad`).message).toBe(`${printable(HOSTILE)}: bad`);
    expect(printable("Zürich → 東京 🏁")).toBe("Zürich → 東京 🏁");
  });
});

test("JSON says the same with its own escapes", () => {
  const value = { name: HOSTILE, "\x7f": ["\u2028"] };
  const shown = printableJson(JSON.stringify(value));
  expect(shown).toBe('{"name":"\\u001b]0;title\\u0007\\u009b31m\\u202egnp\\r\\n","\\u007f":["\\u2028"]}');
  expect(JSON.parse(shown)).toEqual(value);
  expect(printableJson('{\n "a": 1\n}')).toBe('{\n "a": 1\n}');
});

suite("values", () => {
  test("are cut to 80 characters", () => {
    for (const value of ["x".repeat(1e6), "\x1b".repeat(1e6), [["y".repeat(1e6)]], 10n ** 500n]) {
      expect(describe(value).length).toBe(80);
      expect(describe(value).endsWith("…")).toBe(true);
    }
    expect(shorten("x".repeat(80))).toBe("x".repeat(80));
    expect(shorten("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
  });

  test("show what they are", () => {
    expect(describe([1, "a", 2n])).toBe('[1, "a", 2n]');
    expect(describe(new Float32Array(1e6))).toBe("[0, 0, 0, 0, 0, 0, 0, 0, …]");
    expect(describe({ a: 1, b: { c: ["x"] } })).toBe('{a: 1, b: {c: ["x"]}}');
    expect(describe(Object.create(null))).toBe("{}");
    expect(describe(Object.assign(new Date(0), { toString: null, valueOf: null }))).toMatch(
      /^(an object|.*1970.*)$/,
    );
    let nested: unknown = 1;
    for (let depth = 0; depth < 1e5; depth++) nested = [nested];
    expect(describe(nested)).toBe("[[[[…]]]]");
  });
});
