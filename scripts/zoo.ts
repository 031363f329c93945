/**
 * Takes a trained network into the zoo: measures it, writes its file and card, and lists all cards in the zoo's README
 * and, in short, in the package's.
 *
 *     npm run zoo -- NAME FILE.safetensors [COMMIT]
 *
 * COMMIT is the code that trained the network. Default: the commit that is checked out. Without arguments only the lists
 * are written again.
 *
 * Tracks 20000-20099 (and MNIST's test images) are reported on here and nowhere else, so this is run once, on the
 * network that was chosen.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { writeLines } from "../bench/common.ts";
import { sparsity } from "../policies/ternary/describe.ts";
import type { TernaryNetwork } from "../policies/ternary/network.ts";
import { TernaryPolicy } from "../policies/ternary/policy.ts";
import { readNetwork } from "../policies/ternary/safetensors.ts";
import type { CarScores, MnistScores, ZooCard } from "../policies/zoo/card.ts";
import { writeFileAtomic } from "../recordings/files/atomic.ts";
import type { MnistExamples } from "../src/data/examples.ts";
import { loadMnist } from "../src/data/mnist-node.ts";
import { parseSeeds } from "../src/data/seeds.ts";
import { TEST_SEEDS, VALIDATION_SEEDS } from "../src/data/tracks.ts";
import { evaluate } from "../src/episodes/evaluate.ts";
import { measureNetwork } from "../src/search/engine/delta-engine.ts";

const ZOO = "policies/zoo";

/** Driving reward on some tracks, rounded to tenths. */
async function driveTracks(network: TernaryNetwork, seeds: string): Promise<CarScores> {
  const policy = await TernaryPolicy.create(network);
  const { mean, sd, min, max, laps, rewards } = await evaluate(policy, { seeds: parseSeeds(seeds) });
  const tenth = (value: number) => Math.round(10 * value) / 10;
  return {
    seeds,
    mean: tenth(mean),
    sd: tenth(sd),
    min: tenth(min),
    max: tenth(max),
    laps,
    rewards: rewards.map(tenth),
  };
}

/** Accuracy on a set of images. */
async function classify(network: TernaryNetwork, test: MnistExamples): Promise<MnistScores> {
  const accuracy = await measureNetwork(network, test, "accuracy");
  return { images: test.labels.length, accuracy };
}

/** Measures a network. @param commit of the code that trained it */
async function makeCard(name: string, bytes: Uint8Array, commit: string): Promise<ZooCard> {
  const network = readNetwork(bytes, name);
  const { command } = network.metadata;
  if (!command)
    throw new Error(`${name}: expected the command that made it, got none; train it with "tritrack train"`);
  const about = {
    name,
    sparsity: sparsity(network).all,
    command,
    commit,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
  if (network.architecture.task === "mnist") {
    const { validation, test } = loadMnist();
    const scores = { validation: await classify(network, validation), test: await classify(network, test) };
    return { ...about, task: "mnist", scores };
  }
  const scores = {
    validation: await driveTracks(network, VALIDATION_SEEDS),
    test: await driveTracks(network, TEST_SEEDS),
  };
  return { ...about, task: "car", scores };
}

/** A row of the table in the zoo's README. */
function row(card: ZooCard): string {
  const { name, sparsity, command, commit } = card;
  const made = `\`${command}\` (${commit})`;
  if (card.task === "mnist") {
    const { validation, test } = card.scores;
    const share = ({ accuracy }: MnistScores) => `${(100 * accuracy).toFixed(2)} %`;
    return `| ${name} | ${sparsity} % | ${share(validation)} | ${share(test)} | | ${made} |`;
  }
  const { validation, test } = card.scores;
  const reward = ({ mean, sd }: CarScores) => `${mean.toFixed(1)} ± ${sd.toFixed(1)}`;
  return `| ${name} | ${sparsity} % | ${reward(validation)} | ${reward(test)} | ${test.min.toFixed(1)}; ${test.laps} | ${made} |`;
}

/** A row of the table in the package's README: scores on the test tracks or images. */
function shortRow(card: ZooCard): string {
  const start = `| \`zoo:${card.name}\` | ${card.sparsity} % |`;
  if (card.task === "mnist")
    return `${start} ${(100 * card.scores.test.accuracy).toFixed(2)} % of 10,000 digits | | |`;
  const { mean, sd, min, laps } = card.scores.test;
  return `${start} ${mean.toFixed(1)} ± ${sd.toFixed(1)} | ${min.toFixed(1)} | ${laps} |`;
}

const head = () => execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
const [name, file, commit = head()] = process.argv.slice(2);
if (name) {
  if (!file) throw new Error("arguments: expected NAME FILE.safetensors [COMMIT], got no file");
  const bytes = readFileSync(file);
  const card = await makeCard(name, bytes, commit.slice(0, 7));
  writeFileAtomic(`${ZOO}/${name}.safetensors`, bytes);
  writeFileAtomic(`${ZOO}/${name}.json`, `${JSON.stringify(card)}\n`);
}
const cards = readdirSync(ZOO)
  .filter((entry) => entry.endsWith(".json"))
  .map((entry): ZooCard => JSON.parse(readFileSync(`${ZOO}/${entry}`, "utf8")));
writeLines(`${ZOO}/README.md`, "cards", [
  "| network | sparsity | validation | test | test: worst; laps of 100 | made by |",
  "| --- | --- | --- | --- | --- | --- |",
  ...cards.map(row),
]);
writeLines("README.md", "cards", [
  "| network | sparsity | test | worst track | laps of 100 |",
  "| --- | --- | --- | --- | --- |",
  ...cards.map(shortRow),
]);
