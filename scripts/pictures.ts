/**
 * Draws the README's picture (`npm run pictures`): the 600×400 view of the expert mid-lap and, enlarged beside it,
 * the 96×96 frame that a network sees.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { make } from "../env/index.ts";
import { TeacherPolicy } from "../policies/expert/teacher.ts";
import { encodePng } from "../recordings/video/png.ts";

const SEED = 3;
const STEPS = 190;
/** Pixels of the picture for one of the frame. */
const ENLARGED = 4;
const GAP = 16;

const env = await make("CarRacing-v3", { renderMode: "rgb_array" });
const policy = new TeacherPolicy();
let { observation } = env.reset({ seed: SEED });
policy.reset(env);
for (let step = 0; step < STEPS; step++) observation = env.step(policy.act()).observation;
const view = env.render()!;

const side = 96 * ENLARGED;
const width = view.width + GAP + side;
const { height } = view;
const data = new Uint8Array(width * height * 3).fill(255);
for (let y = 0; y < height; y++) {
  data.set(view.data.subarray(y * view.width * 3, (y + 1) * view.width * 3), y * width * 3);
  const row = Math.floor((y - (height - side) / 2) / ENLARGED);
  if (row < 0 || row >= 96) continue;
  for (let x = 0; x < side; x++) {
    const from = (row * 96 + Math.floor(x / ENLARGED)) * 3;
    data.set(observation.subarray(from, from + 3), (y * width + view.width + GAP + x) * 3);
  }
}
mkdirSync("docs/images", { recursive: true });
writeFileSync("docs/images/view.png", encodePng({ width, height, data }));
