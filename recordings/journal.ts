/**
 * The journal of an episode while it is driven, `NAME.episode.part`: JSON Lines that are only ever appended, so that
 * a crash loses at most the last second. The first line is the start of the episode; each line after it holds the
 * steps since the line before (one second of driving), with the hash of the observation after the last of them:
 *
 *     {"format":"tritrack-episode-journal","version":1,"tritrack":"0.1.0","environment":{…},"seed":7,"options":{},
 *      "driver":{…},"actions":{"type":"float32","size":3}}
 *     {"step":0,"steps":50,"actions":"base64…","rewards":"base64…","frameSha256":"…"}
 *     {"step":50,"steps":31,"actions":"base64…","rewards":"base64…","frameSha256":"…","end":"terminated"}
 *
 * If actions begin as `float32` and a later line has one that float32 cannot hold, that line says `"type":"float64"`, and
 * all actions of the recording are then float64.
 *
 * The line with `end` is the last of an orderly episode; a journal without it is an interrupted one. The final
 * `.episode.json` is made from the journal, so the orderly end and recovery after a crash are the same code. A last
 * line without its line feed was torn by a crash and is dropped; any other damage is an error.
 */
import { CorruptFile } from "../env/errors.ts";
import {
  type ActionArray,
  type ActionForm,
  checkDuration,
  EPISODE_ENDS,
  type Episode,
  type EpisodeEnd,
  type EpisodeStart,
  formatSeed,
  MAX_RECORDED_STEPS,
  parseStart,
  versionOf,
} from "./episode.ts";
import { FieldReader, parseJson } from "./fields.ts";
import { encodeBase64 } from "./typed-base64.ts";

/** The field `format` of a journal's first line. */
export const JOURNAL_FORMAT = "tritrack-episode-journal";
/** Newest version of the format; float64 actions came with 2. */
export const JOURNAL_VERSION = 2;
/** End of the file names of journals. */
export const JOURNAL_SUFFIX = ".episode.part";

/** Steps that one line of a journal adds. */
export interface JournalChunk {
  /** Index of the first of them. */
  step: number;
  /** Their actions, one after another. */
  actions: ActionArray;
  /** Their rewards. */
  rewards: Float64Array;
  /** SHA-256, in hexadecimal, of the observation after the last of them. */
  frameSha256: string;
  /** The episode's end, on the last line. Default: the episode goes on. */
  end?: EpisodeEnd | undefined;
}

/** The first line of a journal, with its line feed. */
export function journalStartLine(start: EpisodeStart): string {
  const { tritrack, environment, seed, options, driver, form } = start;
  const line = { tritrack, environment, seed: formatSeed(seed), options, driver, actions: form };
  return `${JSON.stringify({ format: JOURNAL_FORMAT, version: versionOf(form), ...line })}\n`;
}

/**
 * A line of steps, with its line feed.
 * @param form that the journal's first line gives actions
 */
export function journalChunkLine(chunk: JournalChunk, form: ActionForm): string {
  const { step, actions, rewards, frameSha256, end } = chunk;
  return `${JSON.stringify({
    step,
    steps: rewards.length,
    ...(form.type === "float32" && actions instanceof Float64Array ? { type: "float64" } : {}),
    actions: encodeBase64(actions),
    rewards: encodeBase64(rewards),
    frameSha256,
    end,
  })}\n`;
}

/**
 * The episode that a journal holds so far.
 * @param name what error messages call it. Default: "journal"
 * @returns null when the crash came before the first step was written: nothing was driven
 * @throws CorruptFile when anything but a torn last line is wrong
 */
export function parseJournal(text: string, name = "journal"): Episode | null {
  const lines = linesOf(text);
  const head = lines.next().value;
  if (head === undefined) return null;
  const first = new FieldReader(parseJson(head, `${name} line 1`), `${name} line 1`);
  first.format(JOURNAL_FORMAT, JOURNAL_VERSION);
  const start = parseStart(first, first.record("actions"));

  const chunks: JournalChunk[] = [];
  let steps = 0;
  let number = 1;
  for (const line of lines) {
    const where = `${name} line ${++number}`;
    if (chunks.at(-1)?.end) throw new CorruptFile(`${where}: nothing may follow the line with "end"`);
    const read = new FieldReader(parseJson(line, where), where);
    const chunk = parseChunk(read, start, steps);
    steps += chunk.rewards.length;
    checkDuration(steps, start.environment.kwargs, where);
    chunks.push(chunk);
  }
  const last = chunks.at(-1);
  if (!last || steps === 0) return null;

  const isWidened =
    start.form.type === "float32" && chunks.some(({ actions }) => actions instanceof Float64Array);
  const form: ActionForm = isWidened ? { ...start.form, type: "float64" } : start.form;
  const actions = new ARRAYS[form.type](steps * form.size);
  const rewards = new Float64Array(steps);
  for (const chunk of chunks) {
    actions.set(chunk.actions, chunk.step * form.size);
    rewards.set(chunk.rewards, chunk.step);
  }
  return { ...start, form, actions, rewards, end: last.end ?? "interrupted", frameSha256: last.frameSha256 };
}

/** Lines with their line feed, one by one: a file of nothing but line feeds makes no million texts. */
function* linesOf(text: string): Generator<string, undefined, undefined> {
  for (let from = 0; ; ) {
    const end = text.indexOf("\n", from);
    if (end < 0) return;
    yield text.slice(from, end);
    from = end + 1;
  }
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

function parseChunk(read: FieldReader, { form }: EpisodeStart, expectedStep: number): JournalChunk {
  const step = read.integer("step", expectedStep, expectedStep);
  const steps = read.integer("steps", 0, MAX_RECORDED_STEPS - step);
  const isWidened = form.type === "float32" && read.fields.type !== undefined;
  const type = isWidened ? read.oneOf("type", ["float64"]) : form.type;
  return {
    step,
    actions: read.numbers("actions", type, steps * form.size),
    rewards: read.numbers("rewards", "float64", steps),
    frameSha256: read.sha256("frameSha256"),
    end: read.fields.end === undefined ? undefined : read.oneOf("end", EPISODE_ENDS),
  };
}
