/** Candidates as whole numbers in memory, for threads and other machines: index, change, index, change of each. */
import { CorruptFile } from "../../../env/errors.ts";
import type { Candidate } from "./fitness-engine.ts";

/** Words of a candidate; the last two are 0 where there is no second edit. */
export const CANDIDATE_WORDS = 4;

/** Writes candidates from the beginning of `words`. */
export function writeCandidates(candidates: readonly Candidate[], words: Int32Array): void {
  candidates.forEach(([a, b], i) => {
    const at = i * CANDIDATE_WORDS;
    words[at] = a.index;
    words[at + 1] = a.change;
    words[at + 2] = b ? b.index : 0;
    words[at + 3] = b ? b.change : 0;
  });
}

/** Reads `count` candidates from the beginning of `words`. */
export function readCandidates(words: Int32Array, count: number): Candidate[] {
  return Array.from({ length: count }, (_, i) => {
    const at = i * CANDIDATE_WORDS;
    const first = { index: words[at], change: words[at + 1] };
    const change = words[at + 3];
    return change === 0 ? [first] : [first, { index: words[at + 2], change }];
  });
}

/** The bytes of candidates, for a job. */
export function candidateBytes(candidates: readonly Candidate[]): Uint8Array {
  const words = new Int32Array(candidates.length * CANDIDATE_WORDS);
  writeCandidates(candidates, words);
  return new Uint8Array(words.buffer);
}

/** Candidates of one job at most: a search sends 4096. */
const MOST_IN_A_JOB = 2 ** 16;

/**
 * Candidates out of bytes that may come from elsewhere.
 * @param weights number of weights of the layer that the candidates change: indices stay below it
 * @throws {@link CorruptFile} on bytes that are no candidates, or too many
 */
export function candidatesOf(bytes: Uint8Array, weights: number): Candidate[] {
  const most = MOST_IN_A_JOB * CANDIDATE_WORDS * 4;
  if (bytes.length % (CANDIDATE_WORDS * 4) !== 0 || bytes.length > most)
    throw new CorruptFile(`candidates: expected a multiple of 16 bytes up to ${most}, got ${bytes.length}`);
  const candidates = readCandidates(
    new Int32Array(new Uint8Array(bytes).buffer),
    bytes.length / (CANDIDATE_WORDS * 4),
  );
  for (const { index, change } of candidates.flat() as { index: number; change: number }[])
    if (index < 0 || index >= weights || Math.abs(change) > 2)
      throw new CorruptFile(
        `candidate: expected a change of a weight from 0 to ${weights - 1} by 2 at most, got weight ${index} by ${change}`,
      );
  return candidates;
}
