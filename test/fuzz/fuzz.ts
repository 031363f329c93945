/** Gives a parser damaged inputs and counts how it answers. */
import { TritrackError } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { Mutator } from "./mutate.ts";

/** A parser of untrusted bytes. */
export interface Parser {
  name: string;
  /** Inputs of a whole run. */
  inputs: number;
  /** Genuine inputs. */
  samples: readonly Uint8Array[];
  /** True if inputs are text. Default: false. */
  isText?: boolean;
  /**
   * Inputs after which a new process goes on. For a library that keeps some memory of each damaged file, so that the peak
   * is one of files and not of their number.
   */
  processOf?: number;
  /** Reads an input; throws TritrackError if it refuses it. */
  parse(bytes: Uint8Array): unknown;
}

/** Counts of a parser's answers. */
export interface Outcome {
  name: string;
  inputs: number;
  /** Inputs that were refused with an error of ours, and those that still read. */
  refused: number;
  read: number;
  /** Errors of any other kind: the number of the input, and the first line. */
  foreign: string[];
  /** The slowest input: milliseconds, and its number. */
  slowest: number;
  slowestInput: number;
}

/** Error messages longer than this, or with control characters, count as foreign: they would reach the terminal. */
const LONGEST_MESSAGE = 2000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const OBEYED = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Runs a parser over damaged inputs; the same seed gives the same inputs.
 * @param inputs how many
 */
export async function fuzz(parser: Parser, inputs: number, seed: number): Promise<Outcome> {
  const { name, samples, isText = false, parse } = parser;
  const mutator = new Mutator(new Random(seed), samples, isText);
  const outcome: Outcome = { name, inputs, refused: 0, read: 0, foreign: [], slowest: 0, slowestInput: -1 };
  for (const sample of samples) await parse(sample); // genuine ones are read
  for (let input = 0; input < inputs; input++) {
    const bytes = mutator.next();
    const begin = performance.now();
    try {
      await parse(bytes);
      outcome.read++;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isOurs =
        error instanceof TritrackError && message.length <= LONGEST_MESSAGE && !OBEYED.test(message);
      if (isOurs) outcome.refused++;
      else outcome.foreign.push(`input ${input}: ${error instanceof Error ? error.stack : message}`);
    }
    const time = performance.now() - begin;
    if (time > outcome.slowest) [outcome.slowest, outcome.slowestInput] = [time, input];
  }
  for (const sample of samples) await parse(sample); // and still are
  return outcome;
}
