/** The networks that can drive in the page: those that ship, an untrained one, and those that the user opens or edits. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { InvalidOption } from "../../../../env/errors.ts";
import { carArchitecture, type TernaryNetwork } from "../../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../../../policies/ternary/safetensors.ts";
import { serverFacts } from "../storage/server.ts";

/** A network that has been read from its file. */
export interface OpenNetwork {
  /** Name in the library. */
  name: string;
  /** Weights and architecture. */
  network: TernaryNetwork;
  /** SHA-256 of its file, hexadecimal. */
  sha256: string;
}

/** Networks of the package (`zoo:NAME`). The build puts them beside the page, so every web host has them. */
const ZOO = import.meta.glob<string>("../../../../policies/zoo/car*.safetensors", {
  query: "?url",
  import: "default",
  eager: true,
});

/** Addresses by name: networks of the command line first, then the zoo's in alphabetical order. */
export function networkAddresses(): Map<string, string> {
  const given = (serverFacts()?.networks ?? []).map(
    (name) => [name, `api/networks/${encodeURIComponent(name)}`] as const,
  );
  const zoo = Object.entries(ZOO)
    .map(([path, url]) => [path.replace(/^.*\/|\.safetensors$/g, ""), url] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([...given, ...zoo]);
}

/** Suffix of network files. */
export const NETWORK_SUFFIX = ".safetensors";
/** A random network shows what one looks like that has learnt nothing. */
const UNTRAINED = "random-90 (untrained)";

/** Networks by name. */
export class NetworkLibrary {
  readonly #sources = new Map<string, () => Promise<Uint8Array>>();
  readonly #listeners: (() => void)[] = [];

  /** @param addresses URLs of network files by name */
  constructor(addresses: ReadonlyMap<string, string>) {
    for (const [name, url] of addresses) this.#sources.set(name, () => load(url, name));
    this.#sources.set(UNTRAINED, async () => writeNetwork(randomNetwork(carArchitecture, 90, 1)));
  }

  /** Names in the order in which the networks were added. */
  get names(): string[] {
    return [...this.#sources.keys()];
  }

  /**
   * Reads a network.
   * @param name one of `names`
   * @throws CorruptFile if the file is damaged
   * @throws Error if the file cannot be fetched
   */
  async open(name: string): Promise<OpenNetwork> {
    return openBytes(name, await this.#sources.get(name)!());
  }

  /**
   * Adds a network file under its name, or with a number behind it where the name is taken.
   * @throws CorruptFile if the file is damaged
   * @throws InvalidOption if the network does not drive
   */
  add(fileName: string, bytes: Uint8Array): OpenNetwork {
    const plain = fileName.replace(/\.safetensors$/, "");
    let name = plain;
    for (let copy = 2; this.#sources.has(name); copy++) name = `${plain} (${copy})`;
    const opened = openBytes(name, bytes);
    this.#sources.set(name, async () => bytes);
    for (const listener of this.#listeners) listener();
    return opened;
  }

  /** Calls `change` whenever a network has been added. */
  listen(change: () => void): void {
    this.#listeners.push(change);
  }
}

function openBytes(name: string, bytes: Uint8Array): OpenNetwork {
  const network = readNetwork(bytes, name);
  const { task } = network.architecture;
  if (task !== "car") throw new InvalidOption(`${name}: expected a network that drives, got one for ${task}`);
  return { name, network, sha256: bytesToHex(sha256(bytes)) };
}

async function load(url: string, name: string): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => null);
  if (!response) throw new Error(`cannot fetch the network ${name}: the server does not answer`);
  if (!response.ok)
    throw new Error(`cannot fetch the network ${name}: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
