/**
 * Writes into a folder, for the Python tests: random networks of both tasks (NAME.safetensors, NAME.onnx), pictures
 * (car.bin, mnist.bin) and what this package computes for them (NAME.sums.bin, int32).
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../env/random.ts";
import { CROP_BYTES, cropPanel } from "../../policies/ternary/crop.ts";
import { inferBatch } from "../../policies/ternary/forward.ts";
import { carArchitecture, mnistArchitecture, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { writeOnnx } from "../../policies/ternary/onnx.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";

const PICTURES = 1000;
const FRAME_BYTES = 96 * 96 * 3;
const folder = process.argv[2];

const networks: Record<string, TernaryNetwork> = {
  "car-90": randomNetwork(carArchitecture, 90, 1),
  "car-0": randomNetwork(carArchitecture, 0, 2),
  "mnist-90": randomNetwork(mnistArchitecture, 90, 3),
  "mnist-0": randomNetwork(mnistArchitecture, 0, 4),
};
// Convolutions of +1 alone and divisors so large that sums pass 2^24, which float32 would round.
for (const [name, divisors] of Object.entries<Record<string, number>>({
  "car-90": { "1.0": 150, "2.0": 600, fc1: 1, fc2: 1 },
  "mnist-90": { "1.0": 200, "2.0": 16, fc: 1 },
})) {
  const { weights, ...rest } = networks[name];
  const plus = (layer: string) => weights[layer].slice().fill(1);
  const wide = { ...rest, divisors, weights: { ...weights, "1.0": plus("1.0"), "2.0": plus("2.0") } };
  networks[`${name}-wide`] = wide;
}

const random = new Random(5);
/** Every second one is bright. */
const pictures = (bytes: number) =>
  Uint8Array.from({ length: PICTURES * bytes }, (_, i) =>
    Math.floor(i / bytes) % 2 === 0 ? random.integers(256) : random.integers(200, 256),
  );
const frames = pictures(FRAME_BYTES);
const crops = new Uint8Array(PICTURES * CROP_BYTES);
for (let i = 0; i < PICTURES; i++)
  cropPanel(frames.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES), crops, i * CROP_BYTES);
const digits = pictures(28 * 28);
writeFileSync(join(folder, "car.bin"), frames);
writeFileSync(join(folder, "mnist.bin"), digits);

for (const [name, network] of Object.entries(networks)) {
  const sums = await inferBatch(network, name.startsWith("car") ? crops : digits);
  writeFileSync(join(folder, `${name}.safetensors`), writeNetwork(network));
  writeFileSync(join(folder, `${name}.onnx`), writeOnnx(network));
  writeFileSync(join(folder, `${name}.sums.bin`), new Uint8Array(sums.buffer));
}
console.log(JSON.stringify(Object.keys(networks)));
