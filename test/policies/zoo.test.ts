// The networks that ship with the package: every file is the one its card speaks of, and drives as the card says.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sparsity } from "../../policies/ternary/describe.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { readNetwork } from "../../policies/ternary/safetensors.ts";
import type { ZooCard } from "../../policies/zoo/card.ts";
import { parseSeeds } from "../../src/data/seeds.ts";
import { evaluate } from "../../src/episodes/evaluate.ts";

const folder = new URL("../../policies/zoo/", import.meta.url);
const names = (extension: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length));

test("every network has a card, every card a network", () => {
  expect(names(".json")).toEqual(names(".safetensors"));
  expect(names(".json")).toContain("car-90");
});

test.each(names(".json"))("%s agrees with its card", async (name) => {
  const card: ZooCard = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  const bytes = readFileSync(new URL(`${name}.safetensors`, folder));
  expect(card.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  const network = readNetwork(bytes);
  expect(card.name).toBe(name);
  expect(card.task).toBe(network.architecture.task);
  expect(card.sparsity).toBe(sparsity(network).all);
  expect(card.command).toBe(network.metadata.command);
  expect(card.command).toMatch(/^npx tritrack (train|search) /);
  if (card.task === "mnist") return;
  const { seeds, rewards, mean, min } = card.scores.test;
  const all = parseSeeds(seeds);
  expect(rewards.length).toBe(all.length);
  expect(rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length).toBeCloseTo(mean, 0);
  expect(Math.min(...rewards)).toBe(min);
  // One track, the whole hundred would take a minute: the same bits on every machine.
  const driven = await evaluate(await TernaryPolicy.create(network), { seeds: all.slice(0, 1) });
  expect(Math.round(10 * driven.rewards[0]) / 10).toBe(rewards[0]);
});
