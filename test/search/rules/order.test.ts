import { expect, test } from "vitest";
import { carArchitecture, mnistArchitecture } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { neighbourCost } from "../../../src/search/engine/neighbour-cost.ts";
import { advance, doneShare, firstCursor, type Order, type Plan } from "../../../src/search/rules/order.ts";

/** The layers of the first steps, as names, and the shares done after each. */
function steps(order: Order, yields: (layer: number, step: number) => number, count: number) {
  const plan: Plan = { order, layers: ["fc", "2.0", "1.0"], neighbourhoods: 2, rounds: 2 };
  const costs = [1, 4, 200];
  const cursor = firstCursor(plan, costs);
  const layers: string[] = [];
  const done: number[] = [];
  while (layers.length < count && cursor.round < plan.rounds) {
    layers.push(plan.layers[cursor.layer]);
    advance(cursor, plan, costs, false, yields(cursor.layer, layers.length));
    done.push(doneShare(cursor, plan));
  }
  return { layers, done };
}

test("fixed makes all steps of a layer, alternating one in each in turn", () => {
  const none = () => 0;
  const round = ["fc", "fc", "2.0", "2.0", "1.0", "1.0"];
  expect(steps("fixed", none, 100).layers).toEqual([...round, ...round]);
  const turns = ["fc", "2.0", "1.0"];
  expect(steps("alternating", none, 100).layers).toEqual([...turns, ...turns, ...turns, ...turns]);
  for (const order of ["fixed", "alternating", "yield"] as const) {
    const { done } = steps(order, none, 100);
    expect(done.length).toBe(12);
    done.forEach((share, i) => {
      expect(share).toBeCloseTo((i + 1) / 12, 12);
    });
  }
});

test("a layer whose steps end early makes room for the next", () => {
  const plan: Plan = { order: "fixed", layers: ["fc", "2.0"], neighbourhoods: 10, rounds: 1 };
  const cursor = firstCursor(plan, [1, 1]);
  advance(cursor, plan, [1, 1], true, 0);
  expect(cursor).toEqual({ round: 0, layer: 1, neighbourhood: 0 });
  advance(cursor, plan, [1, 1], true, 0);
  expect(cursor.round).toBe(1);
});

test("yield begins with the cheapest layer, stays while it gains, and comes back to those it left", () => {
  // fc gains less with every step, as it does; the others always the same.
  const { layers } = steps("yield", (layer, step) => (layer === 0 ? 1 / step ** 3 : 0.02), 12);
  expect(layers.slice(0, 2)).toEqual(["fc", "fc"]);
  expect(layers).toContain("2.0");
  expect(layers.lastIndexOf("fc")).toBeGreaterThan(layers.indexOf("2.0"));
});

test("yield tries every layer where none gains anything", () => {
  const { layers } = steps("yield", (layer) => (layer === 2 ? 0.1 : 0), 5);
  expect(layers).toEqual(["fc", "2.0", "1.0", "1.0", "1.0"]);
});

test("a neighbour costs more the further its layer lies from the outputs", () => {
  for (const architecture of [mnistArchitecture, carArchitecture]) {
    const network = randomNetwork(architecture, 90, 1);
    const costs = architecture.layers.map((layer) => neighbourCost(network, layer.name));
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    expect(costs[0]).toBeGreaterThan(10 * costs[1]);
  }
});
