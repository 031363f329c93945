/**
 * Network files: the safetensors format (8 bytes of little-endian header length, a JSON header, raw tensors;
 * github.com/huggingface/safetensors) with one int8 tensor a layer under its name, shaped as PyTorch shapes it.
 * What is no tensor travels as `__metadata__`, whose values are strings: format version, task, divisors, sparsity,
 * and what the network says of itself (how it was made, scores).
 *
 * Bytes are not trusted: whatever does not read as such a file throws `CorruptFile`.
 */
import { CorruptFile } from "../../env/errors.ts";
import { isRecord } from "../../env/is-record.ts";
import { sparsity } from "./describe.ts";
import {
  architectures,
  checkNetwork,
  InvalidNetwork,
  type TernaryNetwork,
  weightCount,
  weightShape,
} from "./network.ts";

const FORMAT = "tritrack-ternary";
const VERSION = "1";
/** Metadata that the writer makes; the rest is the network's own. */
const RESERVED = ["format", "version", "task", "divisors", "sparsity"];

/** The file's bytes. The same network gives the same bytes. Throws `InvalidNetwork` on a network that is none. */
export function writeNetwork(network: TernaryNetwork): Uint8Array {
  checkNetwork(network);
  const { layers, task } = network.architecture;
  const divisors = Object.fromEntries(layers.map(({ name }) => [name, network.divisors[name]]));
  const own = Object.entries(network.metadata).filter(([key]) => !RESERVED.includes(key));
  const header: Record<string, unknown> = {
    __metadata__: {
      format: FORMAT,
      version: VERSION,
      task,
      divisors: JSON.stringify(divisors),
      sparsity: JSON.stringify(sparsity(network)),
      ...Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
  let end = 0;
  for (const layer of layers) {
    const begin = end;
    end += weightCount(layer);
    header[layer.name] = { dtype: "I8", shape: weightShape(layer), data_offsets: [begin, end] };
  }
  let text = new TextEncoder().encode(JSON.stringify(header));
  // Readers map tensors in place: the header is padded with spaces to a multiple of 8.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  padded.set(text);
  text = padded;
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const layer of layers) {
    const weights = network.weights[layer.name];
    bytes.set(new Uint8Array(weights.buffer, weights.byteOffset, weights.length), at);
    at += weights.length;
  }
  return bytes;
}

/**
 * Reads a network file; throws `CorruptFile` on anything else.
 * @param what how an error calls the file, for example its path
 */
export function readNetwork(bytes: Uint8Array, what = "network file"): TernaryNetwork {
  const corrupt = (why: string) => new CorruptFile(`${what}: ${why}`);
  if (bytes.length < 8) throw corrupt(`${bytes.length} bytes, expected a safetensors header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(bytes.length - 8))
    throw corrupt("the safetensors header passes the end of the file");
  const data = bytes.subarray(8 + Number(headerLength));
  const header = parseObject(new TextDecoder().decode(bytes.subarray(8, 8 + Number(headerLength))));
  const metadata = asObject(header?.__metadata__);
  if (!header || !metadata) throw corrupt("no safetensors header with metadata");
  if (metadata.format !== FORMAT) throw corrupt(`format "${metadata.format}", expected "${FORMAT}"`);
  if (metadata.version !== VERSION) throw corrupt(`format version ${metadata.version}, expected ${VERSION}`);
  const { task } = metadata;
  if (task !== "car" && task !== "mnist") throw corrupt(`task "${task}", expected "car" or "mnist"`);
  const divisors = typeof metadata.divisors === "string" ? parseObject(metadata.divisors) : undefined;
  if (!divisors) throw corrupt("no divisors in its metadata");

  const architecture = architectures[task];
  const network: TernaryNetwork = { architecture, weights: {}, divisors: {}, metadata: {} };
  const names = architecture.layers.map((layer) => layer.name);
  const stranger = Object.keys(header).find((key) => key !== "__metadata__" && !names.includes(key));
  if (stranger !== undefined) throw corrupt(`tensor "${stranger}", expected ${names.join(", ")}`);
  for (const layer of architecture.layers) {
    const tensor = asObject(header[layer.name]);
    const shape = JSON.stringify(weightShape(layer));
    if (tensor?.dtype !== "I8" || JSON.stringify(tensor.shape) !== shape)
      throw corrupt(`tensor "${layer.name}" is missing or not int8 ${shape}`);
    const [begin, end] = Array.isArray(tensor.data_offsets) ? tensor.data_offsets : [];
    if (!(Number.isInteger(begin) && begin >= 0 && end === begin + weightCount(layer) && end <= data.length))
      throw corrupt(`tensor "${layer.name}" lies outside of the file`);
    network.weights[layer.name] = Int8Array.from(data.subarray(begin, end), (byte) => (byte << 24) >> 24);
    network.divisors[layer.name] = divisors[layer.name] as number;
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (RESERVED.includes(key)) continue;
    if (typeof value !== "string") throw corrupt(`metadata "${key}" is no string`);
    network.metadata[key] = value;
  }
  try {
    checkNetwork(network);
  } catch (error) {
    throw error instanceof InvalidNetwork ? corrupt(error.message) : error;
  }
  return network;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
