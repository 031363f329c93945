/**
 * Helpers that every HTTP server of the package shares: which addresses are this machine alone, how a port is opened, how its
 * address is written, and the headers that each answer carries. The environments' server (remote/server-node.ts) and
 * the page's use it; what they serve, and to whom, is theirs. Node only.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { TritrackError } from "./errors.ts";

/**
 * Headers of every answer: a browser takes the stated content type, and shows the answer in no frame of any page.
 * Policies of several headers add up, so a server may send a longer `content-security-policy` in place of this one as
 * long as it names `frame-ancestors 'none'` too.
 */
export const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "frame-ancestors 'none'",
} as const;

/** True for the addresses that only this machine reaches: "localhost", "::1" and 127.0.0.0/8. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * The host in a `Host` header, without its port and without the brackets of IPv6: "[::1]:80" is "::1". It is in lower
 * case, and "" where the header is missing.
 */
export function hostOf(header: string | undefined): string {
  return (header ?? "")
    .replace(/:\d*$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
}

/**
 * The address of a server for a client on this machine: `scheme://host:port`. Servers on all interfaces are named
 * 127.0.0.1, and IPv6 addresses stand in brackets.
 * @param host the address that the server was told to listen on
 */
export function urlOf(scheme: "http" | "ws", host: string, port: number): string {
  const named = host === "0.0.0.0" || host === "::" || host === "" ? "127.0.0.1" : host;
  return `${scheme}://${isIP(named) === 6 ? `[${named}]` : named}:${port}`;
}

/**
 * Opens a server's port.
 * @param port 0 takes any free one
 * @returns the port that it listens on
 * @throws {@link TritrackError} in one line when the port is taken or the address is not this machine's
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) =>
      reject(new TritrackError(`cannot listen on ${host} port ${port}: ${reasonOf(error)}`));
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "EADDRINUSE":
      return "the port is taken";
    case "EACCES":
      return "this user may not open that port; choose one from 1024 up";
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "this machine has no such address";
    default:
      return message;
  }
}

/** True if two texts are equal. The time taken does not depend on where they differ, so that tokens cannot be guessed. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
