/**
 * The inset in the corner of a video: the driver's name, the 96×96 frame that a network sees, the three outputs as bars
 * and the driving reward so far.
 *
 * Text is drawn once into pictures that are then copied: drawing letters anew for every frame would take longer than
 * everything else in it.
 */
import type { Frame } from "../../../env/api.ts";
import { OBSERVATION_SIZE as SIDE } from "../../../env/car-racing/view.ts";
import { escapeHtml } from "../pages/page.ts";
import { type RgbaPicture, svgRenderer } from "../rasterize.ts";

/** Contents of one inset. */
export interface InsetContent {
  /** Name of the driver; a long one is cut. */
  name: string;
  /** uint8 [96, 96, 3], or null where nothing is observed. */
  observation: Uint8Array | null;
  /** Steer from -1 to 1, gas and brake from 0 to 1; null where actions are not continuous. */
  action: ArrayLike<number> | null;
  /** Driving reward so far. */
  reward: number;
}

/** Side of an observation in the inset, pixels. */
const SHOWN = 144;

/** Size of the inset and places in it, pixels. */
const MARGIN = 8;
const WIDTH = SHOWN + 2 * MARGIN;
const HEIGHT = 254;
const OBSERVATION_TOP = 30;
/** Most letters of a name. */
const LETTERS = 20;

/** Place and size of the bars, pixels; `pitch` is the distance from one bar to the next. */
const BAR = { left: 52, top: 186, pitch: 16, width: WIDTH - MARGIN - 52, height: 10 };
const BAR_BACK = [90, 90, 90] as const;

/** The controls in the order of an action, their least values (the greatest is 1) and colours. */
const CONTROLS = [
  { name: "steer", least: -1, color: [230, 159, 0] },
  { name: "gas", least: 0, color: [86, 180, 233] },
  { name: "brake", least: 0, color: [213, 94, 0] },
] as const;

/** Place of the reward and width of a digit, pixels. */
const REWARD = { left: 64, top: 232, digit: 8 };
const GLYPHS = "0123456789-.";

/** Draws insets into the top left corner of frames. */
export class Inset {
  readonly #rasterize: (svg: string) => RgbaPicture;
  readonly #plates = new Map<string, RgbaPicture>();
  readonly #glyphs: Map<string, RgbaPicture>;

  private constructor(rasterize: (svg: string) => RgbaPicture) {
    this.#rasterize = rasterize;
    this.#glyphs = new Map(
      [...GLYPHS].map((glyph) => [
        glyph,
        rasterize(svg(REWARD.digit, 16, text(REWARD.digit / 2, 12, glyph, 'text-anchor="middle"'))),
      ]),
    );
  }

  /** Loads the typeface. */
  static async create(): Promise<Inset> {
    return new Inset(await svgRenderer());
  }

  /** Draws over the frame in place; parts that lie outside a small frame are cut off. */
  draw(frame: Frame, { name, observation, action, reward }: InsetContent): void {
    blend(frame, this.#plate(name, observation !== null), 0, 0);
    if (observation) enlarge(frame, observation);
    if (action) for (let i = 0; i < CONTROLS.length; i++) drawBar(frame, i, action[i]);
    [...reward.toFixed(1)].forEach((glyph, i) => {
      blend(frame, this.#glyphs.get(glyph)!, REWARD.left + i * REWARD.digit, REWARD.top);
    });
  }

  /** The parts that stay the same during an episode: background, name and labels. */
  #plate(name: string, observes: boolean): RgbaPicture {
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

/** Draws a control's value as a bar, which starts in the middle if the control can be negative. */
function drawBar(frame: Frame, index: number, value: number): void {
  const { least, color } = CONTROLS[index];
  const place = (v: number) =>
    Math.round((BAR.width * (Math.max(least, Math.min(1, v)) - least)) / (1 - least));
  const top = BAR.top + index * BAR.pitch;
  const [from, to] = [place(Math.min(0, value)), place(Math.max(0, value))];
  fill(frame, BAR.left, top, BAR.width, BAR_BACK);
  fill(frame, BAR.left + from, top, to - from, color);
}

/** Fills a rectangle as high as a bar. */
function fill(frame: Frame, left: number, top: number, width: number, color: readonly number[]): void {
  for (let y = top; y < Math.min(top + BAR.height, frame.height); y++)
    for (let x = left; x < Math.min(left + width, frame.width); x++)
      frame.data.set(color, 3 * (y * frame.width + x));
}

/** Draws a picture over the frame: premultiplied "over", pixel by pixel. */
function blend(frame: Frame, { width, height, pixels }: RgbaPicture, left: number, top: number): void {
  for (let y = 0; y < height && top + y < frame.height; y++)
    for (let x = 0; x < width && left + x < frame.width; x++) {
      const from = 4 * (y * width + x);
      const to = 3 * ((top + y) * frame.width + left + x);
      const rest = 255 - pixels[from + 3];
      for (let c = 0; c < 3; c++)
        frame.data[to + c] = pixels[from + c] + Math.round((frame.data[to + c] * rest) / 255);
    }
}

/** Draws an observation `SHOWN` pixels wide; each pixel takes the nearest one's colour. */
function enlarge(frame: Frame, observation: Uint8Array): void {
  for (let y = 0; y < SHOWN && OBSERVATION_TOP + y < frame.height; y++)
    for (let x = 0; x < SHOWN && MARGIN + x < frame.width; x++) {
      const from = 3 * (Math.floor((y * SIDE) / SHOWN) * SIDE + Math.floor((x * SIDE) / SHOWN));
      const to = 3 * ((OBSERVATION_TOP + y) * frame.width + MARGIN + x);
      for (let c = 0; c < 3; c++) frame.data[to + c] = observation[from + c];
    }
}
