/** The score in the panel, white on black, laid out as SDL_ttf does and compared with pygame-ce's text from -9999 to 9999. */
import {
  ADVANCE,
  DIGIT_WIDTH,
  INK_BOTTOM,
  INK_TOP,
  MINUS,
  MINUS_WIDTH,
  PACKED_INK,
} from "./font.as.ts";
import { CUT_OFF, options } from "./options.as.ts";
import { GLYPH_SIZE, GLYPHS, TEXT, TEXT_HEIGHT } from "./raster-memory.as.ts";

/** Most characters that TEXT has room for. */
const MAX_LENGTH: i32 = 24;
/** The text's glyphs from the last to the first. */
const LETTERS: usize = memory.data(32, 16);

/** Width of the text, pixels. */
export let textWidth: i32 = 0;
/** Magnitude of the number that TEXT shows. */
let shown: f64 = -1;
/** True if TEXT shows a minus before it. */
let shownNegative: bool = false;

/** Unpacks the glyphs, once. */
export function initScore(): void {
  let at = PACKED_INK;
  for (let glyph = 0; glyph <= MINUS; glyph++) {
    const size = glyphWidth(glyph) * (INK_BOTTOM - INK_TOP);
    for (let i = 0; i < size; ) {
      const value = load<u8>(at++);
      const run: i32 = value == 0 || value == 255 ? load<u8>(at++) : 1;
      memory.fill(GLYPHS + GLYPH_SIZE * glyph + i, value, run);
      i += run;
    }
  }
}

function glyphWidth(glyph: i32): i32 {
  return glyph == MINUS ? MINUS_WIDTH : DIGIT_WIDTH;
}

/**
 * Writes the bitmap of a score to TEXT: Python's `f"{value:04.0f}"`, where a value that rounds to zero keeps its sign
 * ("-000"), or `"%04i" % value`.
 * @returns true if the text differs from the one before
 */
export function setScore(value: f64): bool {
  const cut = options.scoreText == CUT_OFF;
  // `nearest` takes a half to the even number, as Python does.
  const rounded = cut ? trunc(abs(value)) : nearest(abs(value));
  const negative = cut ? value <= -1 : reinterpret<i64>(value) < 0;
  if (rounded == shown && negative == shownNegative) return false;
  shown = rounded;
  shownNegative = negative;
  layOut(spell(rounded, negative));
  return true;
}

/** Writes the glyphs to LETTERS. @returns how many */
function spell(rounded: f64, negative: bool): i32 {
  let count = 0;
  for (let rest = rounded; rest > 0 && count < MAX_LENGTH - 1; rest = trunc(rest / 10)) {
    store<u8>(LETTERS + count++, u8(u32(rest - 10 * trunc(rest / 10))));
  }
  const least = negative ? 3 : 4;
  while (count < least) store<u8>(LETTERS + count++, 0);
  if (negative) store<u8>(LETTERS + count++, u8(MINUS));
  return count;
}

function layOut(count: i32): void {
  let x = 0;
  for (let i = count - 1; i > 0; i--) x += advance(letter(i), letter(i - 1));
  textWidth = (x >> 6) + glyphWidth(letter(0));
  memory.fill(TEXT, 0, textWidth * TEXT_HEIGHT);
  x = 0;
  for (let i = count - 1; i >= 0; i--) {
    merge(letter(i), x >> 6);
    if (i > 0) x += advance(letter(i), letter(i - 1));
  }
}

@inline
function letter(i: i32): i32 {
  return load<u8>(LETTERS + i);
}

/** Distance from one glyph's left edge to the next one's, 1/64 pixels. */
function advance(glyph: i32, next: i32): i32 {
  return glyph == MINUS ? MINUS_WIDTH * 64 : load<u16>(ADVANCE + 2 * (10 * glyph + next));
}

/** SDL_ttf joins the bits of glyphs that overlap. A glyph before a narrow one may be cut at the text's edge. */
function merge(glyph: i32, x: i32): void {
  const inkWidth = glyphWidth(glyph);
  const visible = min(inkWidth, textWidth - x);
  for (let row = INK_TOP; row < INK_BOTTOM; row++) {
    const to = TEXT + row * textWidth + x;
    const from = GLYPHS + GLYPH_SIZE * glyph + (row - INK_TOP) * inkWidth;
    for (let column = 0; column < visible; column++) {
      store<u8>(to + column, load<u8>(to + column) | load<u8>(from + column));
    }
  }
}
