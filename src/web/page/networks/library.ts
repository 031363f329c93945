/** The networks that can drive here: the zoo's, a random one, and what the user opens or changes. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { InvalidOption } from "../../../../env/errors.ts";
import { carArchitecture, type TernaryNetwork } from "../../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../../../policies/ternary/safetensors.ts";

export interface OpenNetwork {
  name: string;
  network: TernaryNetwork;
  /** Of its file, in hexadecimal. */
  sha256: string;
}

export const NETWORK_SUFFIX = ".safetensors";
/** Always there, also where no network ships: what one looks like that has learnt nothing. */
const UNTRAINED = "random-90 (untrained)";

export class NetworkLibrary {
  private readonly sources = new Map<string, () => Promise<Uint8Array>>();
  private readonly listeners: (() => void)[] = [];

  /** @param addresses of network files by name */
  constructor(addresses: ReadonlyMap<string, string>) {
    for (const [name, url] of addresses) this.sources.set(name, () => load(url, name));
    this.sources.set(UNTRAINED, async () => writeNetwork(randomNetwork(carArchitecture, 90, 1)));
  }

  /** In the order in which they came. */
  get names(): string[] {
    return [...this.sources.keys()];
  }

  /** @throws CorruptFile, or an Error when the file cannot be fetched */
  async open(name: string): Promise<OpenNetwork> {
    return openBytes(name, await this.sources.get(name)!());
  }

  /**
   * Takes a network file in, under its name or, where another has that, with a number behind it.
   * @throws CorruptFile, or InvalidOption when it is no network that drives
   */
  add(fileName: string, bytes: Uint8Array): OpenNetwork {
    const plain = fileName.replace(/\.safetensors$/, "");
    let name = plain;
    for (let copy = 2; this.sources.has(name); copy++) name = `${plain} (${copy})`;
    const opened = openBytes(name, bytes);
    this.sources.set(name, async () => bytes);
    for (const listener of this.listeners) listener();
    return opened;
  }

  /** Calls `change` when a network has come. */
  listen(change: () => void): void {
    this.listeners.push(change);
  }
}

function openBytes(name: string, bytes: Uint8Array): OpenNetwork {
  const network = readNetwork(bytes, name);
  const { task } = network.architecture;
  if (task !== "car") throw new InvalidOption(`${name} is a ${task} network: it cannot drive`);
  return { name, network, sha256: bytesToHex(sha256(bytes)) };
}

async function load(url: string, name: string): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`the network ${name} cannot be fetched: the server does not answer`);
  return new Uint8Array(await response.arrayBuffer());
}
