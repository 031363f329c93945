/** `tritrack search` in rounds as processes: real drives on a track for each purpose. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectKilledAsWhole, SearchProcesses } from "../search-process.ts";

const options = ["--fitness", "imitation", "--rounds", "1", "--tracks", "1", "--layers", "fc2"];
const search = new SearchProcesses("zoo:car-90-cloned", ...options, "--seed", "3", "--json");
afterAll(() => search.remove());

beforeAll(async () => {
  const { code, stdout } = await search.run("whole");
  expect(code).toBe(0);
  const { task, accepted } = JSON.parse(stdout);
  expect(task).toBe("car");
  expect(accepted).toBeGreaterThan(0);
}, 120_000);

test("two threads and three find the very network", async () => {
  await Promise.all(
    ["2", "3"].map(async (count) => {
      expect((await search.run(count, "--workers", count)).code).toBe(0);
      expect(search.steps(count)).toEqual(search.steps("whole"));
      expect(search.sha256(count)).toBe(search.sha256("whole"));
    }),
  );
});

test("killed again and again, it goes on to the very network, and to no other", async () => {
  await expectKilledAsWhole(
    search,
    [
      ["--tracks", "2", "it had other tracks"],
      ["--seed", "4", "its seed was 3, now it is 4"],
    ],
    (stderr, line) => expect(stderr).toContain(line),
  );
});
