/** Answers and request bodies of the page's server, with the limits that keep it small whoever sends what. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { TritrackError } from "../../../env/errors.ts";
import { MAX_RECORDING_BYTES } from "../shared/recordings.ts";

/** Bytes of request bodies that are held at once, over all requests. */
const MAX_BODIES = 4 * MAX_RECORDING_BYTES;
/** Answers shorter than this gain nothing by compression, bytes. */
const MIN_COMPRESSED = 1000;

/** Headers of every answer: nobody may frame the page, guess types, or load it into another site. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "img-src 'self' data: blob:",
    "connect-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** A request that is answered with a status and a message instead of being served. */
export class Refusal extends TritrackError {
  /** HTTP status. */
  readonly status: number;

  /** @param status HTTP status, 400 to 599 */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Status and message of the file system's errors. Any other error is the server's own fault. */
const FILE_ERRORS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ENOENT: [404, "there is no such recording"],
  EISDIR: [400, "a folder has the name of this recording"],
  ERR_FS_EISDIR: [400, "a folder has the name of this recording"],
  ENOTEMPTY: [400, "a folder has the name of this recording"],
  ENOSPC: [507, "the disk is full"],
  EFBIG: [507, "the disk takes no larger file"],
  EDQUOT: [507, "the disk quota is used up"],
  EMFILE: [503, "the server has too many open files"],
  ENFILE: [503, "the machine has too many open files"],
  EACCES: [500, "the folder of recordings may not be written"],
  EPERM: [500, "the folder of recordings may not be written"],
  EROFS: [500, "the folder of recordings is read-only"],
};

/** Answers a request that failed. */
export function refuse(request: IncomingMessage, response: ServerResponse, error: Error): void {
  const [status, message] =
    error instanceof Refusal
      ? [error.status, error.message]
      : error instanceof TritrackError
        ? [400, error.message]
        : (FILE_ERRORS[(error as NodeJS.ErrnoException).code ?? ""] ?? [500, "the server failed"]);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of a body that nobody reads is thrown away, so that the client sees the answer.
  if (!request.complete) response.setHeader("connection", "close");
  request.resume();
  sendJson(request, response, status, { error: message });
}

/** Answers with JSON. */
export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
): void {
  send(request, response, status, "application/json", JSON.stringify(value));
}

/**
 * Answers with contents, compressed if the client takes gzip.
 * @param type MIME type
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  contents: string | Uint8Array,
): void {
  const bytes = typeof contents === "string" ? Buffer.from(contents) : contents;
  const packs = bytes.length >= MIN_COMPRESSED && accepts(request, "gzip");
  sendBytes(request, response, status, type, packs ? gzipSync(bytes) : bytes, {
    vary: "accept-encoding",
    "cache-control": "no-cache",
    ...(packs ? { "content-encoding": "gzip" } : {}),
  });
}

/** A file of the page with its compressed forms, each made when it is first asked for. */
export class StaticFile {
  readonly #type: string;
  readonly #bytes: Uint8Array;
  readonly #tag: string;
  readonly #cache: string;
  #gzip: Uint8Array | null = null;
  #brotli: Uint8Array | null = null;

  /**
   * @param type MIME type
   * @param tag entity tag without quotes; changes with the contents
   * @param isImmutable true if the file's address changes with its contents
   */
  constructor(type: string, bytes: Uint8Array, tag: string, isImmutable: boolean) {
    this.#type = type;
    this.#bytes = bytes;
    this.#tag = `"${tag}"`;
    this.#cache = isImmutable ? "max-age=31536000, immutable" : "no-cache";
  }

  /** Answers with the file, or with 304 if the client has it. */
  send(request: IncomingMessage, response: ServerResponse): void {
    const headers = { etag: this.#tag, vary: "accept-encoding", "cache-control": this.#cache };
    if (request.headers["if-none-match"] === this.#tag) {
      sendBytes(request, response, 304, this.#type, new Uint8Array(0), headers);
      return;
    }
    const encoding =
      this.#bytes.length < MIN_COMPRESSED ? null : ["br", "gzip"].find((e) => accepts(request, e));
    sendBytes(request, response, 200, this.#type, this.#packed(encoding ?? null), {
      ...headers,
      ...(encoding ? { "content-encoding": encoding } : {}),
    });
  }

  #packed(encoding: string | null): Uint8Array {
    if (encoding === "gzip") return (this.#gzip ??= gzipSync(this.#bytes));
    if (encoding !== "br") return this.#bytes;
    // Quality 9 takes a tenth of the time of 11 for 3 % more bytes.
    return (this.#brotli ??= brotliCompressSync(this.#bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9 },
    }));
  }
}

/** True if the client takes an encoding. */
function accepts({ headers }: IncomingMessage, encoding: string): boolean {
  const accepted = String(headers["accept-encoding"] ?? "").split(",");
  return accepted.some((part) => {
    const [name, quality] = part.trim().split(/\s*;\s*q=/);
    return name === encoding && Number(quality ?? 1) > 0;
  });
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  bytes: Uint8Array,
  headers: Record<string, string>,
): void {
  const length = status === 304 ? {} : { "content-length": bytes.length };
  response.writeHead(status, { ...HEADERS, ...headers, "content-type": type, ...length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Answers what is not HTTP, or comes too slowly, with the headers of every answer. */
export function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status =
    {
      ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
      HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
    }[error.code ?? ""] ?? "400 Bad Request";
  const headers = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\n${headers.join("")}connection: close\r\n\r\n`);
  else socket.destroy();
}

/** Reads request bodies, with a limit for each and one for all that are held at once. */
export class Bodies {
  #held = 0;

  /**
   * Text of a request's body.
   * @param limit largest size, bytes
   * @throws Refusal 413 if the body is larger, 503 if too many bodies are held
   */
  async read(request: IncomingMessage, limit: number): Promise<string> {
    const tooLarge = new Refusal(413, `the body of a request: expected up to ${limit >> 20} MB, got more`);
    if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge;
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      await new Promise<void>((done, fail) => {
        request.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          this.#held += chunk.length;
          if (bytes > limit) fail(tooLarge);
          else if (this.#held > MAX_BODIES) fail(new Refusal(503, "the server is busy with other uploads"));
          else chunks.push(chunk);
        });
        request.on("end", done);
        request.on("error", fail);
        request.on("close", () => fail(new Refusal(400, "the request ended early")));
      });
      return Buffer.concat(chunks).toString("utf8");
    } finally {
      request.removeAllListeners("data");
      this.#held -= bytes;
    }
  }
}
