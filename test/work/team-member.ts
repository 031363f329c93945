/** A thread of team.test.ts: in each turn it carries out the command in the shared words. */
import { workerData } from "node:worker_threads";
import { InvalidOption } from "../../env/errors.ts";
import { type TeamPlace, takeTurns } from "../../src/work/team-node.ts";

const { place, data } = workerData as { place: TeamPlace; data: { words: Int32Array; fails?: boolean } };
if (data.fails) throw new InvalidOption("member: expected to be started, got a refusal");
await takeTurns(place, async () => {
  const [what, by] = data.words;
  if (what === 1 && by === place.member) throw new InvalidOption("turn: expected another, got 1");
  if (what === 2 && by === place.member) process.exit();
  if (what === 3 && by === place.member) await new Promise((resolve) => setTimeout(resolve, 1200));
  data.words[2 + place.member] += place.member;
});
