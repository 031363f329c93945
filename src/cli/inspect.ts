/** `tritrack inspect`: shows what a recording, a folder of recordings or a network file holds. */
import { existsSync, statSync } from "node:fs";
import { Command } from "commander";
import { describe, printable, shorten } from "../../env/describe.ts";
import { InvalidOption, TritrackError } from "../../env/errors.ts";
import { describe as describeLayers, sparsity } from "../../policies/ternary/describe.ts";
import { samples, totalFrames } from "../../recordings/dataset.ts";
import { correctedSteps, type Episode, totalReward } from "../../recordings/episode.ts";
import { readEpisode } from "../../recordings/files/episode-file.ts";
import { readRecordings } from "../../recordings/files/recording-folder.ts";
import { isNetworkName, networkByName } from "./common/driver.ts";
import { counted, examples, print, table } from "./common/output.ts";
import { describeCard, ZOO, zooCard } from "./common/zoo.ts";

interface Options {
  verify?: boolean;
  json?: boolean;
}

/** Most ranges of corrected steps that are listed. */
const SHOWN_RANGES = 8;

/** Makes the command: its arguments, options, examples and action. */
export default function inspectCommand(): Command {
  return new Command()
    .argument("<file>", "NAME.episode.json, a folder of recordings, FILE.safetensors or zoo:NAME")
    .option("--verify", "replay the recordings and check every reward and the last frame")
    .addHelpText(
      "after",
      examples(
        ["a recording, checked by a replay", "inspect demos/expert-7.episode.json --verify"],
        ["layers, sparsity and history of a network", "inspect car.safetensors"],
        ["all recordings of a folder", "inspect demos"],
      ),
    )
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  if (isNetworkName(file)) return inspectNetwork(file, options);
  if (!existsSync(file)) throw new TritrackError(`there is no file or folder ${file}`);
  if (statSync(file).isDirectory()) return inspectFolder(file, options);
  if (/\.episode\.(json|part)$/.test(file)) return inspectRecording(file, options);
  throw new InvalidOption(
    `file: expected NAME.episode.json, a folder or FILE.safetensors, got ${describe(file)}`,
  );
}

async function inspectRecording(file: string, options: Options): Promise<void> {
  const episode = readEpisode(file);
  const verified = options.verify ? await verifyAll([episode]) : undefined;
  const { tritrack, environment, seed, driver, end, frameSha256 } = episode;
  const summary = { ...summarize(episode), tritrack, environment, frameSha256, verified };
  const kwargs =
    Object.keys(environment.kwargs).length > 0 ? ` ${shorten(JSON.stringify(environment.kwargs))}` : "";
  const lines = [
    `recording of ${shorten(environment.id)}${kwargs}, seed ${seed}, by tritrack ${shorten(tritrack)}`,
    `driver     ${driver.kind} ${shorten(driver.name)}${driver.noise ? `, noise ${driver.noise}` : ""}`,
    `steps      ${summary.steps} (${end})`,
    `reward     ${summary.reward.toFixed(1)}`,
    ...(episode.corrections ? [`corrected  ${describeCorrections(episode)}`] : []),
    `last frame sha256 ${frameSha256}`,
  ];
  if (verified) lines.push("replayed: every reward and the last frame are equal");
  print(options.json, { file, ...summary }, lines.join("\n"));
}

async function inspectFolder(folder: string, options: Options): Promise<void> {
  const { recordings, skipped } = readRecordings(folder);
  const episodes = recordings.map(({ episode }) => episode);
  const verified = options.verify ? await verifyAll(episodes) : undefined;
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  const rows = recordings.map(({ path, episode }) => ({ path, ...summarize(episode) }));
  const frames = totalFrames(episodes);
  // Few folders have corrected recordings; only those get the column.
  const isCorrected = rows.some((row) => row.correctedSteps > 0);
  const ends = (row: (typeof rows)[number]) => (isCorrected ? [row.correctedSteps, row.end] : [row.end]);
  const text = [
    ...(rows.length > 0
      ? [
          table([
            ["recording", "driver", "steps", "reward", ...(isCorrected ? ["corrected"] : []), "end"],
            ...rows.map((row) => [
              row.path,
              shorten(row.driver.name),
              row.steps,
              row.reward.toFixed(1),
              ...ends(row),
            ]),
          ]),
        ]
      : []),
    `${counted(rows.length, "recording")}, ${frames} frames${skipped.length ? `, ${skipped.length} skipped` : ""}`,
  ].join("\n");
  print(options.json, { folder, recordings: rows, frames, skipped, verified }, text);
}

async function inspectNetwork(file: string, options: Options): Promise<void> {
  const { network, sha256 } = await networkByName(file);
  const layers = describeLayers(network);
  const overall = sparsity(network).all;
  const { metadata } = network;
  const card = file.startsWith(ZOO) ? zooCard(file.slice(ZOO.length)) : undefined;
  const { task } = network.architecture;
  const text = [
    `ternary ${task === "mnist" ? "MNIST" : task} network, ${overall.toFixed(1)} % sparse, sha256 ${sha256}`,
    table([
      ["layer", "weights", "+1", "-1", "sparsity", "scale", "additions"],
      ...layers.map((layer) => [
        layer.name,
        layer.weights,
        layer.plus,
        layer.minus,
        `${layer.sparsity.toFixed(1)} %`,
        `1/${layer.divisor}`,
        layer.additions,
      ]),
    ]),
    ...(card
      ? [describeCard(card)]
      : Object.entries(metadata).map(([key, value]) => `${printable(key)}: ${printable(value)}`)),
  ].join("\n");
  print(options.json, { file, task, sparsity: overall, sha256, layers, metadata, card }, text);
}

/** The numbers of a recording, for `--json` and tables. */
function summarize(episode: Episode) {
  const { seed, driver, end, rewards, corrections = [] } = episode;
  const reward = totalReward(episode);
  return {
    seed,
    driver,
    end,
    steps: rewards.length,
    reward,
    corrections,
    correctedSteps: correctedSteps(episode),
  };
}

/** The corrected steps, such as "84 of 700 steps by a person: 120–163, 300–339". */
function describeCorrections(episode: Episode): string {
  const ranges = (episode.corrections ?? []).map(([first, end]) => `${first}–${end - 1}`);
  const shown = ranges.length > SHOWN_RANGES ? [...ranges.slice(0, SHOWN_RANGES), "…"] : ranges;
  return `${correctedSteps(episode)} of ${episode.rewards.length} steps by a person: ${shown.join(", ")}`;
}

/**
 * Replays all recordings.
 * @throws ReplayMismatch at the first that differs
 */
async function verifyAll(episodes: readonly Episode[]): Promise<true> {
  for await (const _ of samples(episodes));
  return true;
}
