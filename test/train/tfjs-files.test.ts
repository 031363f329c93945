/** tfjs's own format and safetensors hold the same network. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { architectures } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { toTernaryNetwork } from "../../src/train/model.ts";
import { loadTfjs, saveTfjs } from "../../src/train/tfjs-files.ts";

const folder = mkdtempSync(join(tmpdir(), "tritrack-tfjs-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(["mnist", "car"] as const)("%s: safetensors → tfjs → safetensors, byte for byte", async (task) => {
  const bytes = writeNetwork(randomNetwork(architectures[task], 90, 3));
  const network = readNetwork(bytes, "network");
  const target = join(folder, task, "model");
  await saveTfjs(network, target);
  const model = await loadTfjs(target);
  const again = toTernaryNetwork(model, architectures[task], network.metadata);
  expect(writeNetwork(again)).toEqual(bytes);
  const { weightsManifest, format } = JSON.parse(readFileSync(join(target, "model.json"), "utf8"));
  expect(format).toBe("layers-model");
  expect(weightsManifest[0].weights.length).toBe(architectures[task].layers.length);
});

test("a folder without a model is refused in one line", async () => {
  await expect(loadTfjs(folder)).rejects.toThrow(/: expected a tfjs model, got no model.json$/);
  writeFileSync(join(folder, "model.json"), "{}");
  await expect(loadTfjs(folder)).rejects.toThrow(/: expected a tfjs LayersModel, got another/);
});
