import { expect, test } from "vitest";
import { Random } from "../../../env/random.ts";
import { architectures } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { SwapDrawer } from "../../../policies/ternary/swap.ts";
import { DeltaEngine } from "../../../src/search/engine/delta-engine.ts";
import { asCandidate } from "../../../src/search/engine/fitness-engine.ts";
import { PooledEngine } from "../../../src/search/engine/pooled-engine.ts";
import { jobs } from "../../../src/search/jobs.ts";
import { InlinePool } from "../../../src/work/blobs-node.ts";
import { randomData } from "../search-data.ts";

class CountingPool extends InlinePool {
  count = 0;
  override run(...args: Parameters<InlinePool["run"]>) {
    this.count += args[0].length;
    return super.run(...args);
  }
}

test.each(["mnist", "car"] as const)(
  "%s: what goes to a pool comes back as if measured here",
  async (task) => {
    const network = randomNetwork(architectures[task], 90, 1);
    // Three jobs' worth of digits; frames take long.
    const size = task === "mnist" ? 2100 : 45;
    const data = randomData(architectures[task], size, 3);
    const layer = task === "mnist" ? "fc" : "fc1";
    const inner = await DeltaEngine.create(network, data, [layer]);
    const pool = new CountingPool(jobs);
    const engine = new PooledEngine(inner, data, pool, { conv: 1, dense: 1000 });
    const random = new Random(5);
    const drawer = new SwapDrawer(network, layer);
    const swaps = Array.from({ length: 40 }, () => drawer.draw(random, "same"));
    const candidates = swaps.map(asCandidate);
    for (const [range, jobs] of [
      [[0, size], task === "mnist" ? 3 : 1],
      [[8, size], task === "mnist" ? 3 : 1],
      [[0, 8], 0],
    ] as const) {
      pool.count = 0;
      expect(await engine.score("loss", layer, candidates, range)).toEqual(
        inner.edits("loss", layer, candidates, range),
      );
      expect(pool.count).toBe(jobs);
    }
    await engine.apply(swaps[0]);
    expect(await engine.score("accuracy", layer, candidates)).toEqual(
      inner.edits("accuracy", layer, candidates),
    );
    engine.close();
  },
);
