/** `tritrack search` in rounds as processes: real drives and a real race, on a track for each purpose. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectKilledAsWhole, SearchProcesses } from "../search/search-process.ts";

const options = ["--fitness", "both", "--rounds", "1", "--tracks", "1", "--layers", "fc2"];
const search = new SearchProcesses("zoo:car-90-cloned", ...options, "--seed", "0", "--json");
afterAll(() => search.remove());

beforeAll(async () => {
  const { code, stdout } = await search.run("whole");
  expect(code).toBe(0);
  const { task, accepted } = JSON.parse(stdout);
  expect(task).toBe("car");
  expect(accepted).toBeGreaterThan(0);
  expect(search.steps("whole").at(-1)).toMatchObject({ kind: "round", race: { candidates: 1, tracks: 1 } });
}, 120_000);

test("three threads find exactly the same network", async () => {
  expect((await search.run("threads", "--workers", "3")).code).toBe(0);
  expect(search.steps("threads")).toEqual(search.steps("whole"));
  expect(search.sha256("threads")).toBe(search.sha256("whole"));
});

/** Lines of the log before the race: the start, the frames of its own episodes, a sweep in each of three cycles. */
const BEFORE_THE_RACE = 5;

test("a search ended by Ctrl-C in a sweep and killed in the race resumes to exactly the same network", async () => {
  const held = await expectKilledAsWhole(
    search,
    [
      { signal: "SIGINT", steps: 3, after: 0 },
      { signal: "SIGKILL", steps: BEFORE_THE_RACE, after: 100 },
    ],
    [
      ["--tracks", "2", "it had other tracks"],
      ["--seed", "4", "its seed was 0, now it is 4"],
    ],
    (stderr, line) => expect(stderr).toContain(line),
  );
  expect(held.at(-1)).toBe(BEFORE_THE_RACE);
});
