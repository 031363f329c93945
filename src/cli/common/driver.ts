/**
 * Drivers and networks by the name given on the command line: `expert` (fastest), `teacher` (calmer; networks learn from
 * it), `random`, a network file, or `zoo:NAME` for a network that ships with the package.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { describe } from "../../../env/describe.ts";
import { InvalidOption } from "../../../env/errors.ts";
import { ExpertPolicy } from "../../../policies/expert/expert.ts";
import { TeacherPolicy } from "../../../policies/expert/teacher.ts";
import type { Policy } from "../../../policies/policy.ts";
import { RandomPolicy } from "../../../policies/random.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import { MAX_NETWORK_BYTES, readNetwork } from "../../../policies/ternary/safetensors.ts";
import type { Driver } from "../../../recordings/episode.ts";
import { readBoundedFile } from "../../../recordings/files/file-source.ts";
import { ZOO, zooFile } from "./zoo.ts";

/** The names of drivers, for help texts and messages. */
export const DRIVER_HELP = "expert, teacher, random, FILE.safetensors or zoo:NAME";

/** A driver by its name. */
export interface NamedDriver {
  /** Chooses the actions. */
  policy: Policy;
  /** The driver as recordings name it. */
  driver: Driver;
}

/** A network by its name. */
export interface NamedNetwork {
  /** The network. */
  network: TernaryNetwork;
  /** File name without folder and extension, or the name in the zoo. */
  label: string;
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string;
}

/**
 * A driver by its name.
 * @throws InvalidOption when there is no driver of that name or the network is not for the car
 * @throws CorruptFile when the file is not a network
 */
export async function driverByName(name: string): Promise<NamedDriver> {
  if (name === "expert") return { policy: new ExpertPolicy(), driver: { kind: "expert", name } };
  if (name === "teacher") return { policy: new TeacherPolicy(), driver: { kind: "expert", name } };
  if (name === "random") return { policy: new RandomPolicy(), driver: { kind: "random", name } };
  if (!isNetworkName(name)) throw new InvalidOption(`driver: expected ${DRIVER_HELP}, got ${describe(name)}`);
  const { network, label, sha256 } = await networkByName(name);
  return {
    policy: await TernaryPolicy.create(network, label),
    driver: { kind: "policy", name: label, sha256 },
  };
}

/** The policy of a driver by its name. Threads of an evaluation call it. */
export async function policyByName(name: string): Promise<Policy> {
  return (await driverByName(name)).policy;
}

/** True if a name is that of a network: `FILE.safetensors` or `zoo:NAME`. */
export function isNetworkName(name: string): boolean {
  return name.endsWith(".safetensors") || name.startsWith(ZOO);
}

/**
 * Path of a network's file.
 * @throws InvalidOption when the zoo has no network of that name
 */
export function networkPath(name: string): string {
  return name.startsWith(ZOO) ? zooFile(name.slice(ZOO.length)) : name;
}

/**
 * Reads a network: `FILE.safetensors` or `zoo:NAME`.
 * @throws InvalidOption on any other name
 * @throws CorruptFile when the file is not a network
 */
export async function networkByName(name: string): Promise<NamedNetwork> {
  if (!isNetworkName(name))
    throw new InvalidOption(`network: expected FILE.safetensors or zoo:NAME, got ${describe(name)}`);
  const bytes = readBoundedFile(networkPath(name), MAX_NETWORK_BYTES);
  return {
    network: readNetwork(bytes, basename(name)),
    label: name.startsWith(ZOO) ? name.slice(ZOO.length) : basename(name, ".safetensors"),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
