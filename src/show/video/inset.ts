/**
 * What is drawn over a film: who drives, the 96×96 frame that a network sees, its three outputs as bars, and the
 * driving reward so far. Text is drawn once, as pictures that are then copied: to set type for every frame would take
 * longer than to film it.
 */
import type { Frame } from "../../../env/api.ts";
import { escapeHtml } from "../page.ts";
import { svgRenderer } from "../picture.ts";

/** What an inset shows. */
export interface InsetContent {
  name: string;
  /** uint8 [96, 96, 3], or null where nothing is observed. */
  observation: Uint8Array | null;
  /** Steer, gas, brake; null where actions are not continuous. */
  action: ArrayLike<number> | null;
  reward: number;
}

/** RGBA pixels, premultiplied. */
interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** Side of an observation, and how large it is shown, pixels. */
const SIDE = 96;
const SHOWN = 144;
const MARGIN = 8;
const WIDTH = SHOWN + 2 * MARGIN;
const HEIGHT = 254;
const OBSERVATION_TOP = 30;
/** Letters of a name that fit. */
const LETTERS = 20;

/** Bars: where they begin, how large they are, and what they show. */
const BAR = { left: 52, top: 186, pitch: 16, width: WIDTH - MARGIN - 52, height: 10 };
const CONTROLS = [
  { name: "steer", least: -1, color: [230, 159, 0] },
  { name: "gas", least: 0, color: [86, 180, 233] },
  { name: "brake", least: 0, color: [213, 94, 0] },
] as const;
const BAR_BACK = [90, 90, 90] as const;

/** The reward: where it stands, and the width of a digit. */
const REWARD = { left: 64, top: 232, digit: 8 };
const GLYPHS = "0123456789-.";

/** Draws insets into the top left corner of frames. */
export class Inset {
  readonly #rasterize: (svg: string) => Picture;
  readonly #plates = new Map<string, Picture>();
  readonly #glyphs: Map<string, Picture>;

  private constructor(rasterize: (svg: string) => Picture) {
    this.#rasterize = rasterize;
    this.#glyphs = new Map(
      [...GLYPHS].map((glyph) => [
        glyph,
        rasterize(svg(REWARD.digit, 16, text(REWARD.digit / 2, 12, glyph, 'text-anchor="middle"'))),
      ]),
    );
  }

  static async create(): Promise<Inset> {
    return new Inset(await svgRenderer());
  }

  /** Draws over the frame in place; what does not fit into it is cut off. */
  draw(frame: Frame, { name, observation, action, reward }: InsetContent): void {
    blend(frame, this.#plate(name, observation !== null), 0, 0);
    if (observation) enlarge(frame, observation);
    if (action) for (let i = 0; i < CONTROLS.length; i++) drawBar(frame, i, action[i]);
    [...reward.toFixed(1)].forEach((glyph, i) => {
      blend(frame, this.#glyphs.get(glyph)!, REWARD.left + i * REWARD.digit, REWARD.top);
    });
  }

  /** Everything that stays the same while a driver drives. */
  #plate(name: string, observes: boolean): Picture {
    const key = `${observes} ${name}`;
    let plate = this.#plates.get(key);
    if (!plate) {
      const shown = name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
      const lines = [
        `<rect width="${WIDTH}" height="${HEIGHT}" fill="black" fill-opacity="0.62"/>`,
        text(MARGIN, 20, shown, 'font-weight="bold"'),
        observes ? "" : text(MARGIN, 100, "sees no frames"),
        ...CONTROLS.map((control, i) => text(MARGIN, BAR.top + 9 + i * BAR.pitch, control.name)),
        text(MARGIN, REWARD.top + 12, "reward"),
      ];
      plate = this.#rasterize(svg(WIDTH, HEIGHT, lines.join("")));
      this.#plates.set(key, plate);
    }
    return plate;
  }
}

function svg(width: number, height: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="white">${content}</svg>`;
}

function text(x: number, y: number, value: string, style = ""): string {
  return `<text x="${x}" y="${y}" ${style}>${escapeHtml(value)}</text>`;
}

/** A control's value as a bar: from the middle if it can be negative. */
function drawBar(frame: Frame, index: number, value: number): void {
  const { least, color } = CONTROLS[index];
  const place = (v: number) =>
    Math.round((BAR.width * (Math.max(least, Math.min(1, v)) - least)) / (1 - least));
  const top = BAR.top + index * BAR.pitch;
  const [from, to] = [place(Math.min(0, value)), place(Math.max(0, value))];
  fill(frame, BAR.left, top, BAR.width, BAR_BACK);
  fill(frame, BAR.left + from, top, to - from, color);
}

function fill(frame: Frame, left: number, top: number, width: number, color: readonly number[]): void {
  for (let y = top; y < Math.min(top + BAR.height, frame.height); y++)
    for (let x = left; x < Math.min(left + width, frame.width); x++)
      frame.data.set(color, 3 * (y * frame.width + x));
}

function blend(frame: Frame, { width, height, pixels }: Picture, left: number, top: number): void {
  for (let y = 0; y < height && top + y < frame.height; y++)
    for (let x = 0; x < width && left + x < frame.width; x++) {
      const from = 4 * (y * width + x);
      const to = 3 * ((top + y) * frame.width + left + x);
      const rest = 255 - pixels[from + 3];
      for (let c = 0; c < 3; c++)
        frame.data[to + c] = pixels[from + c] + Math.round((frame.data[to + c] * rest) / 255);
    }
}

/** Draws an observation, nearest pixels, `SHOWN` wide. */
function enlarge(frame: Frame, observation: Uint8Array): void {
  for (let y = 0; y < SHOWN && OBSERVATION_TOP + y < frame.height; y++)
    for (let x = 0; x < SHOWN && MARGIN + x < frame.width; x++) {
      const from = 3 * (Math.floor((y * SIDE) / SHOWN) * SIDE + Math.floor((x * SIDE) / SHOWN));
      const to = 3 * ((OBSERVATION_TOP + y) * frame.width + MARGIN + x);
      for (let c = 0; c < 3; c++) frame.data[to + c] = observation[from + c];
    }
}
