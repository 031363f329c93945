/** The built page in memory. Only its files can be asked for, so no address leads out of its folder. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TritrackError } from "../../../env/errors.ts";
import { StaticFile } from "./http.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
};

/**
 * Loads the page.
 * @param root folder of the built page; symbolic links in it are skipped
 * @param facts written into `<meta name="tritrack-server">` of index.html, where the page finds them
 * @returns files by URL path
 * @throws TritrackError if there is no such folder
 */
export function loadPage(root: string, facts: object): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  let entries: { name: string; parentPath: string; isFile(): boolean }[];
  try {
    entries = readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    throw new TritrackError(`the page is not built: there is no folder ${root} (run "npm run build:web")`);
  }
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(root.length).replaceAll("\\", "/");
    const raw = readFileSync(file);
    const contents = path === "/index.html" ? withFacts(raw.toString("utf8"), facts) : raw;
    const tag = createHash("sha256").update(contents).digest("base64url").slice(0, 22);
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    files.set(path, new StaticFile(type, contents, tag, path.startsWith("/assets/")));
  }
  const index = files.get("/index.html");
  if (index) files.set("/", index);
  return files;
}

/** Folder of the page that `npm run build:web` writes, seen from the sources and from `dist/src/web/server` alike. */
export function builtPage(): string {
  const built = import.meta.url.includes("/dist/src/") ? "../../../web" : "../../../dist/web";
  return fileURLToPath(new URL(built, import.meta.url));
}

function withFacts(html: string, facts: object): Buffer {
  const escaped = JSON.stringify(facts).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  return Buffer.from(
    html.replace("<title>", () => `<meta name="tritrack-server" content="${escaped}" /><title>`),
  );
}
