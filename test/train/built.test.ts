/** The built package: its training threads are started from JavaScript files, without a TypeScript compiler. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { architectures } from "../../policies/ternary/network.ts";
import { Trainer } from "../../src/train/trainer.ts";

const root = join(import.meta.dirname, "../..");

/** Losses of four steps on two threads; run here and in the built package. */
async function train(trainer: typeof Trainer, { mnist }: typeof architectures) {
  const labels = Uint8Array.from({ length: 32 }, (_, i) => i % 10);
  const pixels = Uint8Array.from({ length: 32 * 784 }, (_, i) => (i * i) % 251);
  const losses: number[] = [];
  const started = await trainer.create(mnist, { seed: 1, threads: 2, backend: "wasm" });
  await started.run(
    { batch: 16, epochs: 2, rate: 1e-2, counts: null, pruneUntil: 0, fixScalesAt: 1 },
    pixels,
    Int32Array.from(labels.keys()),
    { kind: "cross-entropy", labels, temperature: 1 },
    ({ loss }) => {
      losses.push(loss);
    },
  );
  return losses;
}

test("trains on threads to the same losses", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tritrack-built-"));
  try {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    // Type errors are another test's business.
    spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", folder]);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const program = `
      import { architectures } from "./policies/ternary/network.js";
      import { Trainer } from "./src/train/trainer.js";
      ${train}
      console.log(JSON.stringify(await train(Trainer, architectures)));`;
    writeFileSync(join(folder, "train.js"), program);
    const built = execFileSync(process.execPath, [join(folder, "train.js")], { encoding: "utf8" });
    expect(JSON.parse(built)).toEqual(await train(Trainer, architectures));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
