/** A plain web host for the tests: files under a prefix, and 404 for everything else. */
import { readFileSync } from "node:fs";
import { createServer, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

/**
 * Serves a folder.
 * @param prefix path of the folder on the host, such as `/some/folder/`
 * @param headers of every answer
 */
export async function serveStatic(root: string, prefix: string, headers: OutgoingHttpHeaders = {}) {
  const server = createServer((request, response) => {
    const path = request.url!.split("?")[0];
    try {
      if (!path.startsWith(prefix)) throw new Error("not here");
      const name = path === prefix ? "index.html" : path.slice(prefix.length);
      const contents = readFileSync(join(root, name));
      const type = TYPES[name.split(".").at(-1)!] ?? "application/octet-stream";
      response.writeHead(200, { ...headers, "content-type": type });
      response.end(contents);
    } catch {
      response.writeHead(404).end("not found");
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
