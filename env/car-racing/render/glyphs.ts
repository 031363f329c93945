/**
 * The score in the panel: pygame-ce's default font (freesansbold) at size 42, white on black, laid out as SDL_ttf does.
 * Bitmaps and advances were measured from pygame-ce 2.5.8, and every text from -9999 to 9999 compared with its own.
 */

/** Height of a text in pixels; rows outside of `INK_TOP` … `INK_BOTTOM` are black in every glyph. */
export const TEXT_HEIGHT = 46;
const INK_TOP = 3;
const INK_BOTTOM = 35;
const DIGIT_WIDTH = 23;
const MINUS_WIDTH = 13;
const MINUS = 10;

/**
 * Grey values of "0" … "9" and "-", rows `INK_TOP` to `INK_BOTTOM`, one glyph after another. 0 and 255 are followed by
 * how often they repeat; every other byte is a value of its own.
 */
const INK =
  "AAYBPZPO5/vwz5U+AAwmwv8JwSUACUP3/wvwPAAHNvT/DfElAAUJ3f8G4MXl/wbLAQAEbf8F7UYAAgFY9v8FUgAE0v8FPgAFXP8FtgADIv8FuAAH0/8E+QsAAmD/BWsAB4j/BUEAApD/BTsAB1n/BXAAArb/BRkABzj/BZUAAtL/BQQAByL/BbAAAub/BPIACBP/BcQAAvT/BOkACAr/BdMAAvv/BOQACAP/BdoAAv8F4AAJ/wXeAAL8/wThAAgE/wXbAAL1/wTlAAgJ/wXUAALn/wTuAAgQ/wXFAALU/wT8AAgg/wWzAAK5/wUSAAcz/wWWAAKU/wUxAAdV/wVxAAJk/wVeAAeB/wVAAAIo/wWlAAfL/wT4CQAD2v8E+i8ABVH/BbEABHb/BeI6AANR8/8FSgAEDOT/BtvD5P8GwgAGM/P/DeUgAAdG9v8L6ioACSbE/wmrFwALAT2Vzuj55cqIMAAeADk5/wPgABKu/wPgABFq/wTgAA8Pkf7/BOAACgURLVid8v8G4AAK/wzgAAr/DOAACv8M4AAK/wzgABH/BeAAEf8F4AAR/wXgABH/BeAAEf8F4AAR/wXgABH/BeAAEf8F4AAR/wXgABH/BeAAEf8F4AAR/wXgABH/BeAAEf8F4AAR/wXgABH/BeAAEf8F4AAR/wXgABH/BeAAEf8F4AARgICAgIBwAAcABjeNyOv78Nm9dyYACyi//wqnFwAIQvL/DO0wAAYk8f8O5yEABbX/BvjSxvT/Br8ABCf/Bq0XAAIMjP8GPwADdv8F0AYABZ3/BZkAA6z/BWMABiv/BdEAA83/BSYAB/f/BO8AA9v/BQwAB+T/BPsAA+D/BQAI8/8E7AAQJ/8FzAAQjP8FjgAPQvn/BS4ADkTy/wWrAA5j+v8F5BUADAeY/wbrLQAMJ8//BuIqAAxh9P8GyBkACwyp/weWBgALH9T/BvRaAAwh4v8G3CsADAnX/wbCEQANhv8GuwgADQ31/wXrEQAOYv8G5by8vLy8vLy8vLy8vAADoP8TAAPR/xMAA+r/EwAD+f8TADAABjWAwt3y9+LNlUwHAAoqt/8K3lIACEL0/w2EAAY19/8PcAAEAdT/BvfOwuf/BvYbAANE/waKDQACA1z4/wV7AAON/wWkAAZ5/wW6AAO9/wU7AAYi/wXWAAPS/wUSAAYG/wXSAAPJ6Ojo6OgCAAYU/wWzABBY/wVkAA8X3f8E3wwADAstdOj/BPU7AAzg/wfpOAAN4P8HdQEADeD/CMYaAAzg/wncHQALAgkcRqH+/wW4ABBN+/8FQwAQif8FjwAQK/8FyAACamxsbGxsAQAHCf8F3AAC8v8FDwAHGP8F0wAC1P8FQQAHX/8FtAACnP8FrwAGEd//BXoAAkX/BpQQAAMz0P8F/SMAAgHH/wb5zcLe/wedAAQn7P8P1Q4ABTbx/w3IFwAHGqv/Cu13BAAKKHe92vD77tGiWgwAHQAiXf8G4AAODuf/BuAADpH/B+AADS78/wfgAAwBw/8I4AAMX/8D8f8F4AALD+j/A27/BeAAC5P/A80D/wXgAAow/P8C/TUAAf8F4AAJAcX/A5UAAv8F4AAJYf8D6A8AAv8F4AAIEOn/A1oAA/8F4AAIlf8DvAAE/wXgAAcx/f8C+CYABP8F4AAGAcf/A4EABf8F4AAGY/8D2wgABf8F4AAFEer/A0YABv8F4AAFl/8DqAAH/wXgAAX9/wPOvLy8vLy8vP8F97y8vAAC/xUAAv8VAAL/FQAC/xUADv8F4AAR/wXgABH/BeAAEf8F4AAR/wXgABH/BeAAEYCAgICAcAAbABud/w+wAAbF/w+wAAbs/w+wAAUV/xCwAAU9/wTEvLy8vLy8vLy8vLyBAAVl/wP+CQARjf8D5AAStf8DwAAS3f8DnAARCP3/A3cAES7/BFMQdMDs+ePGfSQACFb/BJLw/wf9jAgABn7/D8kLAAWm/xC3AgAEzv8G8cvG7f8HaQADAfT/BPtxCAACAmXu/wXpBQACHv8FeQAGOPn/BVAAAgIMDAwMDAEAB5f/BZEAEED/BcAAEBv/BdMAEAb/BdgAEBP/BcAAAl5gYGBgVgAIQP8FpwAC7/8E+wQAB5r/BWoAAsf/BUoABjX8/wT+GQACff8F4T0AAwRb8P8FqAADFvL/BuPCy+7/BvAYAARf/w/3SAAGZv3/DPFCAAg+zP8J/q0bAAoBQozK4/f25Lt+IwAHAAcvjMru/fnkx4MwAAsTp/8KpxgACBzb/wzeIwAGCNL/Dt0HAAWL/wbuycz7/wZuAAQX+f8E9mIEAAIXuf8F2wAEgv8FTAAFC93/BRsAA+L/BLcABzp0dHR0dCEAAif/BVQAEGn/BRkAEJT/BPoAEbf/BOsAAkuw6P8B79alUAUABtj/BOIRs/8I0DIABef/BOzT/wr3PQAE8v8R8CMAA/v/CNzD3v8HtQAD+/8G0TAAAznY/wYqAALx/wXlEAAFFuf/BX8AAub/BWQAB3L/BbYAAtb/BREAByf/BdAAArX/BO0ACAv/BdoAApD/BOkACA7/BcYAAmL/BP0JAAcz/wWvAAIb/wVUAAeP/wV8AAPP/wTZCwAFLPf/BS4AA13/Bc0vAANH6P8FzAAEA9P/BtvD4v8G/jkABSnx/w6BAAcx6P8MgwAJHqr/CeJNAAwwg8jl+fLapFcEAB0AL7y8vLy8vLy8vLy8vLy8vLy8vLy8vAAC/xUAAv8VAAL/FQAC/xTfABCQ/wT1LwAPYv8FVwAPLfj/BJcADwfS/wTSCAAPi/8E+jAADzX8/wR/AA8D0f8E2AYAD2z/BUYADw7t/wS0ABB9/wT+LwAPDO3/BKwAEGr/BTgAEM3/BMgAEC//BWUAEIX/BPgOABDQ/wS2ABAb/wVrABBd/wU3ABCU/wT9CgAQy/8E1wAQB/r/BK0AECv/BZwAEFL/BY0AEHn/BX4AEEuAgICAgDkACwAGAUSZ0O366tSeVwYACz3R/wnfVgAJZvz/DIUAB1v/D3gABRjv/wX+18HX/wb7JAAEd/8FrB4AAya3/wWSAATH/wS3AQAFA7n/BNcABOj/BDcABzv/BPYABPz/BAgABwv/BPQABO//BBQABxL/BNUABLX/BFcAB1r/BI0ABE//BOAZAAUW4/8D9RwABa//BOptHwYaYOP/A/pQAAYItP8MzDYACY7/C70jAAcGj/v/DPVKAAUNvf8P+UIABKP/Bd5fGgYebe3/Bd4JAAI+/wXgFAAFI+z/BV0AAp7/BVYAB3P/BacAAtr/BPsIAAck/wXJAAL0/wTmAAgI/wXaAAL1/wT1AAgR/wXHAALc/wUtAAdN/wWrAAKg/wWuAQAFBc7/BWcAAkH/BqodAAMlvP8F+RIAA7j/Bv7Uwtr/B3oABBfg/w+9AwAFG9X/DasHAAcOiPf/CeljAQAKGGWt1+z779ahWAcAHQAGCWGo3PL66sJ+IAAMY+z/CPuSCgAIA6L/DMwVAAel/w7KCAAFXv8G/dfE5v8GjwAEC+n/BcYmAAIBTur/BPshAANV/wXiDgAFLfj/BJgAA6T/BWkAB4//BOsCAALT/wUYAAc8/wU5AALq/wTwAAgX/wVvAAL7/wTlAAgF/wWUAALw/wT4AAgZ/wW4AALX/wUjAAdM/wXHAAKk/wV7AAex/wXTAAJb/wX1KwAFW/8G3QACCu3/BfNwGggpjP3/BtYAA2v/EssAAwKx/wv9/wXBAAQLwv8J/mn/BasABQN89P8G7lcQ/wWHAAcLW5Crtp9mEAABKv8FYgAQUP8FMQAQj/8E6gEAAkugoKCgoEkABgbl/wSlAANk/wW4AAZ7/wVBAAMo/waODwACCXv9/wTPAAW//wb40cjy/wZKAAUq9f8OlgAHQ/D/DKcDAAgpvP8J8G4BAAs8jMzn+vbesGcNAB4A0f8LAAL/CwAC/wsAAv8LAAL/CwAC/wsAgw==";

/**
 * Advance from the origin of one digit (row) to that of the next (column), width plus kerning, in 1/64 pixel. Advances
 * add up before they are cut to whole pixels. After a minus sign nothing is kerned.
 */
const ADVANCE: readonly (readonly number[])[] = [
  [1628, 1472, 1668, 1674, 1472, 1684, 1472, 1472, 1647, 1687],
  [1472, 1244, 1472, 1472, 1472, 1472, 1472, 1297, 1472, 1472],
  [1698, 1472, 1472, 1660, 1472, 1472, 1679, 1472, 1660, 1717],
  [1660, 1472, 1636, 1706, 1472, 1709, 1649, 1472, 1679, 1682],
  [1711, 1472, 1631, 1719, 1472, 1711, 1703, 1472, 1733, 1687],
  [1472, 1472, 1472, 1668, 1472, 1679, 1472, 1472, 1641, 1679],
  [1649, 1472, 1472, 1692, 1472, 1706, 1639, 1472, 1668, 1690],
  [1472, 1472, 1472, 1472, 1305, 1472, 1472, 1472, 1472, 1472],
  [1647, 1472, 1657, 1690, 1472, 1700, 1636, 1472, 1663, 1703],
  [1472, 1472, 1660, 1647, 1472, 1657, 1472, 1472, 1472, 1660],
];
const MINUS_ADVANCE = MINUS_WIDTH * 64;

function unpackInk(): Uint8Array[] {
  const packed = Uint8Array.from(atob(INK), (c) => c.charCodeAt(0));
  const glyphs: Uint8Array[] = [];
  let at = 0;
  for (let glyph = 0; glyph <= MINUS; glyph++) {
    const ink = new Uint8Array(glyphWidth(glyph) * (INK_BOTTOM - INK_TOP));
    for (let i = 0; i < ink.length; ) {
      const value = packed[at++];
      const run = value === 0 || value === 255 ? packed[at++] : 1;
      ink.fill(value, i, i + run);
      i += run;
    }
    glyphs.push(ink);
  }
  return glyphs;
}

function glyphWidth(glyph: number): number {
  return glyph === MINUS ? MINUS_WIDTH : DIGIT_WIDTH;
}

/** Nearest whole number, an exact half to the even one, as Python's `{:.0f}`. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The bitmap of a score, laid out anew only when its text changes. */
export class ScoreBitmap {
  /** Pixels. */
  width = 0;
  /** Grey values, row-major: the first `TEXT_HEIGHT` rows of `width` are the text. */
  grey = new Uint8Array(0);
  /** Another number when the text is another. */
  version = 0;
  private rounded = -1;
  private negative = false;
  private readonly ink = unpackInk();
  /** The text's glyphs from the last to the first. */
  private readonly glyphs = new Uint8Array(400);

  /** Shows Python's `f"{value:04.0f}"`; a negative value keeps its sign when it rounds to zero ("-000"). */
  set(value: number): void {
    const rounded = roundHalfEven(Math.abs(value));
    const negative = value < 0 || Object.is(value, -0);
    if (rounded === this.rounded && negative === this.negative) return;
    this.rounded = rounded;
    this.negative = negative;
    this.version++;
    const { glyphs } = this;
    let count = 0;
    for (let rest = rounded; rest > 0; rest = Math.trunc(rest / 10)) glyphs[count++] = rest % 10;
    while (count < (negative ? 3 : 4)) glyphs[count++] = 0;
    if (negative) glyphs[count++] = MINUS;

    const last = count - 1;
    let x = 0;
    for (let i = last; i > 0; i--) x += advance(glyphs[i], glyphs[i - 1]);
    this.width = (x >> 6) + glyphWidth(glyphs[0]);
    const size = this.width * TEXT_HEIGHT;
    if (this.grey.length < size) this.grey = new Uint8Array(size);
    else this.grey.fill(0);
    x = 0;
    for (let i = last; i >= 0; i--) {
      this.merge(glyphs[i], x >> 6);
      if (i > 0) x += advance(glyphs[i], glyphs[i - 1]);
    }
  }

  /** Where glyphs overlap SDL_ttf joins their bits. A glyph before a narrow one may be cut at the text's edge. */
  private merge(glyph: number, x: number): void {
    const { grey, width } = this;
    const ink = this.ink[glyph];
    const inkWidth = glyphWidth(glyph);
    const visible = Math.min(inkWidth, width - x);
    for (let row = INK_TOP; row < INK_BOTTOM; row++) {
      const to = row * width + x;
      const from = (row - INK_TOP) * inkWidth;
      for (let column = 0; column < visible; column++) grey[to + column] |= ink[from + column];
    }
  }
}

/** From one glyph's left edge to the next one's, 1/64 pixels. */
function advance(glyph: number, next: number): number {
  return glyph === MINUS ? MINUS_ADVANCE : ADVANCE[glyph][next];
}
