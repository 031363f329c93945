/** Threads that take turns: their work, their errors, their deaths. */
import { expect, test } from "vitest";
import { TritrackError, WorkerLost } from "../../env/errors.ts";
import { Team } from "../../src/work/team-node.ts";

const words = new Int32Array(new SharedArrayBuffer(24));

function start(members: number, data: object = {}): Promise<Team> {
  words.fill(0);
  const place = { file: "./team-member", from: import.meta.url };
  return Team.start({ name: "a test thread", members, ...place, data: { words, ...data } });
}

function turn(team: Team, what = 0, by = 0): void {
  words.set([what, by]);
  team.ask();
  team.answers();
}

test("every member does its part of every turn", async () => {
  const team = await start(4);
  for (let i = 0; i < 50; i++) turn(team);
  expect([...words.subarray(3)]).toEqual([50, 100, 150]);
  await team.close();
});

test("a team of one has no threads", async () => {
  const team = await start(1);
  turn(team);
  expect(words.some((word) => word !== 0)).toBe(false);
  await team.close();
});

test("an error of a member is thrown here, and the next turn works", async () => {
  const team = await start(3);
  let error: unknown;
  try {
    turn(team, 1, 2);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(TritrackError);
  expect(error).toMatchObject({ name: "InvalidOption", message: "turn: expected another, got 1" });
  turn(team);
  expect([...words.subarray(3, 5)]).toEqual([2, 2]);
  await team.close();
});

test("a slow member is waited for, and a member that ended is an error", async () => {
  const team = await start(3);
  turn(team, 3, 1);
  expect(words[3]).toBe(1);
  expect(() => turn(team, 2, 2)).toThrow(
    new WorkerLost("a test thread ended without an answer (killed or out of memory)"),
  );
  await team.close();
});

test("a member that does not start ends the start", async () => {
  await expect(start(3, { fails: true })).rejects.toMatchObject({
    message: "member: expected to be started, got a refusal",
  });
});
