/** `tritrack search` in rounds as processes: real drives on a track for each purpose. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SearchProcesses } from "../search-process.ts";

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
  let refusals = 0;
  const kills = await search.killed("killed", async () => {
    if (refusals++ > 0) return;
    for (const [option, value, reason] of [
      ["--tracks", "2", "it had other tracks"],
      ["--seed", "4", "its seed was 3, now it is 4"],
    ]) {
      const { code, stdout, stderr } = await search.run("killed", "--resume", option, value);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(`tritrack search: the checkpoint is of another search: ${reason}\n`);
    }
  });
  expect(kills).toBeGreaterThan(0);
  expect(search.sha256("killed")).toBe(search.sha256("whole"));
  expect(search.steps("killed")).toEqual(search.steps("whole"));
  expect(existsSync(search.checkpoint("killed"))).toBe(false);
});
