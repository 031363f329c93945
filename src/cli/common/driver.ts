/**
 * What drives, by the name given on the command line: `expert` (fastest), `teacher` (calmer: what networks learn
 * from), `random`, a network file, or `zoo:NAME` for a network that ships with the package.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { InvalidOption } from "../../../env/errors.ts";
import type { Policy } from "../../../policies/policy.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Driver } from "../../../recordings/episode.ts";
import { ZOO, zooFile } from "./zoo.ts";

export const DRIVER_HELP = "expert, teacher, random, FILE.safetensors or zoo:NAME";

export interface NamedDriver {
  policy: Policy;
  /** As recordings name it. */
  driver: Driver;
}

/** @throws InvalidOption when nothing has that name; CorruptFile when the file is not a network */
export async function driverByName(name: string): Promise<NamedDriver> {
  if (name === "expert") {
    const { ExpertPolicy } = await import("../../../policies/expert/expert.ts");
    return { policy: new ExpertPolicy(), driver: { kind: "expert", name } };
  }
  if (name === "teacher") {
    const { TeacherPolicy } = await import("../../../policies/expert/teacher.ts");
    return { policy: new TeacherPolicy(), driver: { kind: "expert", name } };
  }
  if (name === "random") {
    const { RandomPolicy } = await import("../../../policies/random.ts");
    return { policy: new RandomPolicy(), driver: { kind: "random", name } };
  }
  if (!isNetworkName(name)) throw new InvalidOption(`"${name}" is no driver: expected ${DRIVER_HELP}`);
  const { network, label, sha256 } = await networkByName(name);
  const { TernaryPolicy } = await import("../../../policies/ternary/policy.ts");
  return {
    policy: await TernaryPolicy.create(network, label),
    driver: { kind: "policy", name: label, sha256 },
  };
}

/** The policy alone: what the threads of an evaluation ask for. */
export async function policyByName(name: string): Promise<Policy> {
  return (await driverByName(name)).policy;
}

export interface NamedNetwork {
  network: TernaryNetwork;
  /** File name without folder and extension. */
  label: string;
  /** Of the file, in hexadecimal. */
  sha256: string;
}

/** Whether the name stands for a network. */
export function isNetworkName(name: string): boolean {
  return name.endsWith(".safetensors") || name.startsWith(ZOO);
}

/** The file that a network's name stands for. */
export function networkPath(name: string): string {
  return name.startsWith(ZOO) ? zooFile(name.slice(ZOO.length)) : name;
}

/** Reads a network: `FILE.safetensors` or `zoo:NAME`. */
export async function networkByName(name: string): Promise<NamedNetwork> {
  if (!isNetworkName(name))
    throw new InvalidOption(`"${name}" is no network: expected FILE.safetensors or zoo:NAME`);
  const [{ MAX_NETWORK_BYTES, readNetwork }, { readBoundedFile }] = await Promise.all([
    import("../../../policies/ternary/safetensors.ts"),
    import("../../../recordings/files/file-source.ts"),
  ]);
  const bytes = readBoundedFile(networkPath(name), MAX_NETWORK_BYTES);
  return {
    network: readNetwork(bytes, basename(name)),
    label: name.startsWith(ZOO) ? name.slice(ZOO.length) : basename(name, ".safetensors"),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
