import fc from "fast-check";
import { expect, test } from "vitest";
import { CorruptFile } from "../../env/errors.ts";
import type { Episode } from "../../recordings/episode.ts";
import { journalChunkLine, journalStartLine, parseJournal } from "../../recordings/journal.ts";
import { anyEpisode } from "./fixtures.ts";

/** Steps in a line of the test journals. */
const CHUNK = 25;

/** The journal that a recorder would have written of an episode. */
function journalLines(episode: Episode, orderly = true): string[] {
  const steps = episode.rewards.length;
  const { size } = episode.form;
  const lines = [journalStartLine(episode)];
  for (let step = 0; step < steps; step += CHUNK) {
    const next = Math.min(step + CHUNK, steps);
    lines.push(
      journalChunkLine(
        {
          step,
          actions: episode.actions.slice(step * size, next * size),
          rewards: episode.rewards.slice(step, next),
          frameSha256: episode.frameSha256,
          end: orderly && next === steps ? episode.end : undefined,
        },
        episode.form,
      ),
    );
  }
  return lines;
}

test("an episode comes back from its journal", () => {
  fc.assert(
    fc.property(anyEpisode, (episode) => {
      expect(parseJournal(journalLines(episode).join(""))).toStrictEqual(episode);
    }),
  );
});

test("a journal cut anywhere gives the whole lines before the cut, marked as interrupted", () => {
  fc.assert(
    fc.property(anyEpisode, fc.double({ min: 0, max: 0.999, noNaN: true }), (episode, part) => {
      const text = journalLines(episode, false).join("");
      const kept = text.slice(0, Math.floor(text.length * part));
      const chunks = kept.split("\n").length - 2;
      const recovered = parseJournal(kept);
      if (chunks <= 0) {
        expect(recovered).toBeNull();
        return;
      }
      const steps = Math.min(chunks * CHUNK, episode.rewards.length);
      expect(recovered).toStrictEqual({
        ...episode,
        end: "interrupted",
        actions: episode.actions.slice(0, steps * episode.form.size),
        rewards: episode.rewards.slice(0, steps),
      });
    }),
  );
});

const [sample] = fc.sample(
  anyEpisode.filter(({ rewards }) => rewards.length > 2 * CHUNK),
  { numRuns: 1, seed: 1 },
);
const damaged: [string, (lines: string[]) => string[], RegExp][] = [
  ["a missing line", (lines) => lines.toSpliced(1, 1), /line 2: step: expected a whole number from 0 to 0/],
  ["a line twice", (lines) => lines.toSpliced(1, 0, lines[1]), /line 3: step: expected/],
  [
    "a damaged line in the middle",
    (lines) => lines.with(1, "{\n"),
    /line 2 is not a recording: expected JSON/,
  ],
  [
    "a line after the end",
    (lines) => [...lines, lines[1]],
    /line \d+: nothing may follow the line with "end"/,
  ],
  ["no start", (lines) => lines.slice(1), /line 1 is not a recording: expected "format"/],
];
test.each(damaged)("%s is refused", (_, damage, message) => {
  const text = damage(journalLines(sample)).join("");
  expect(() => parseJournal(text, "x")).toThrow(CorruptFile);
  expect(() => parseJournal(text, "x")).toThrow(message);
});
