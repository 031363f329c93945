/** The networks that ship with the package: where their files and cards are. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "../../../env/describe.ts";
import { InvalidOption } from "../../../env/errors.ts";
import type { ZooCard } from "../../../policies/zoo/card.ts";

/** Prefix of the name of a network that ships with the package. */
export const ZOO = "zoo:";

const FOLDER = new URL("../../../policies/zoo/", import.meta.url);
const EXTENSION = ".safetensors";

/** Names of the networks that are there, without `zoo:`. */
function zooNames(): string[] {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return files.filter((file) => file.endsWith(EXTENSION)).map((file) => basename(file, EXTENSION));
}

/**
 * The file of `zoo:NAME`. The name is looked up among those that are there, so it cannot be a path.
 * @param name without `zoo:`
 * @throws InvalidOption that lists the names when there is none of this name
 */
export function zooFile(name: string): string {
  const names = zooNames();
  if (names.includes(name)) return fileURLToPath(new URL(name + EXTENSION, FOLDER));
  const known = names.map((other) => ZOO + other).join(", ") || "a network, but the package has none";
  throw new InvalidOption(`network: expected ${known}, got ${describe(ZOO + name)}`);
}

/** The card of a network that is there: how it was made, and its scores. */
export function zooCard(name: string): ZooCard {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
}

/** A card in lines of text. */
export function describeCard(card: ZooCard): string {
  const lines = [`made by: ${card.command} (commit ${card.commit})`];
  if (card.task === "car") {
    for (const [set, { seeds, mean, sd, min, laps, rewards }] of Object.entries(card.scores)) {
      const score = `${mean.toFixed(1)} ± ${sd.toFixed(1)}, min ${min.toFixed(1)}`;
      lines.push(`driving reward, ${set}: ${score}, ${laps} of ${rewards.length} laps (seeds ${seeds})`);
    }
  } else {
    for (const [set, { accuracy, images }] of Object.entries(card.scores)) {
      lines.push(`accuracy, ${set}: ${(100 * accuracy).toFixed(2)} % of ${images} images`);
    }
  }
  return lines.join("\n");
}
