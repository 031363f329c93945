/**
 * Decides which requests the page's server answers. Any site in the user's browser can reach a loopback port, so a request counts only if
 * it names this server as its host (which defeats rebound DNS names) and comes from this page (which defeats other
 * sites). A server that other machines can reach also demands its token for everything that writes.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { hostname, networkInterfaces } from "node:os";
import { TritrackError } from "../../../env/errors.ts";
import { isLoopback } from "../../../env/http-node.ts";
import { Refusal } from "./http.ts";

/** Header that carries the token; `page/storage/server.ts` sends it. */
const TOKEN_HEADER = "x-tritrack-token";

/** Checks requests. */
export class Guard {
  readonly #hosts: ReadonlySet<string> | null;
  readonly #origins: ReadonlySet<string>;
  readonly #token: string | null;

  /**
   * @param host address that the server listens on
   * @param origins further origins, such as `https://drive.example.org` of a proxy in front
   * @param token needed to write; null where only this machine reaches the server
   * @throws TritrackError if an origin is not one
   */
  constructor(host: string, origins: readonly string[], token: string | null) {
    this.#origins = new Set(origins.map(originOf));
    const allowed = [...this.#origins].map((origin) => new URL(origin).hostname);
    this.#hosts = new Set([...allowed, ...(isLoopback(host) ? [] : ownNames(host))]);
    this.#token = token;
  }

  /**
   * Lets a request pass.
   * @throws Refusal 403 for a foreign host or origin, 401 for a write without the token
   */
  check({ method, headers }: IncomingMessage): void {
    const host = headers.host ?? "";
    const name = host
      .replace(/:\d+$/, "")
      .replace(/^\[|\]$/g, "")
      .toLowerCase();
    if (!isLoopback(name) && !this.#hosts?.has(name))
      throw new Refusal(403, `this server does not answer to ${shortened(host)}; allow it with --origin`);
    const { origin } = headers;
    if (origin !== undefined && origin !== `http://${host}` && !this.#origins.has(origin))
      throw new Refusal(
        403,
        `this server does not answer pages of ${shortened(origin)}; allow them with --origin`,
      );
    if (
      this.#token !== null &&
      method !== "GET" &&
      method !== "HEAD" &&
      !isEqual(headers[TOKEN_HEADER], this.#token)
    )
      throw new Refusal(401, "writing needs the token; open the address that tritrack drive printed");
  }
}

/** Names and addresses by which a machine is reached in its network. */
function ownNames(host: string): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const name = hostname().toLowerCase();
  return [
    host.toLowerCase(),
    name,
    `${name}.local`,
    ...addresses.map(({ address }) => address.toLowerCase()),
  ];
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin =
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.hash;
  if (!isOrigin)
    throw new TritrackError(
      `--origin: expected an origin such as https://example.org, got ${shortened(text)}`,
    );
  return url.origin;
}

/** Compares in a time that says nothing about where two texts differ. */
function isEqual(given: string | string[] | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(String(given ?? "")), digest(token));
}

/** A value from outside, cut to 80 characters and without control characters. */
function shortened(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
