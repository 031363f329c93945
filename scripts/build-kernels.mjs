// Compiles AssemblyScript (`NAME.as.ts` in the rooms below) to a TypeScript module beside it (`NAME.wasm.ts`) whose
// default export is the WebAssembly binary in base64: one form that Node, the browser, bundlers and tests all load the
// same way. In a folder `kernels` every file is a module; elsewhere an `.as.ts` that another of its folder imports is only a
// part of that one. Flags beyond the common ones stand in a file's first line, for example `// asc: --importMemory`. A module that is
// newer than all its parts is not built again; `--force` builds all.
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import asc from "assemblyscript/asc";

const common = ["-O3", "--noAssert", "--enable", "simd", "--enable", "bulk-memory", "--runtime", "stub"];
const rooms = ["env", "policies", "recordings", "src", "test"];
/** Modules that hosts in other languages load: these are also written as `NAME.wasm`. */
const forOtherHosts = ["env/car-racing/core/carracing.as.ts"];

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith(".as.ts")) yield path;
  }
}

/** Files that a source imports or exports from. */
function importsOf(source) {
  const text = readFileSync(source, "utf8");
  return [...text.matchAll(/^(?:import|export|\}).* from "(\.[^"]+)";$/gm)].map(([, path]) =>
    normalize(join(dirname(source), path.endsWith(".ts") ? path : `${path}.ts`)),
  );
}

/** A source and all that it imports, directly or not. */
function partsOf(source, parts = new Set()) {
  if (parts.has(source)) return parts;
  parts.add(source);
  for (const part of importsOf(source)) partsOf(part, parts);
  return parts;
}

function write(file, contents) {
  writeFileSync(`${file}.tmp`, contents);
  renameSync(`${file}.tmp`, file);
}

const force = process.argv.includes("--force");
const self = statSync(new URL(import.meta.url)).mtimeMs;
const all = rooms.filter((room) => existsSync(room)).flatMap((room) => [...sources(room)]);
const parts = new Set(
  all.flatMap((source) => importsOf(source).filter((part) => dirname(part) === dirname(source))),
);
const isModule = (file) => dirname(file).endsWith("kernels") || !parts.has(file);
for (const source of all.filter(isModule)) {
  const target = source.replace(/\.as\.ts$/, ".wasm.ts");
  const newest = Math.max(self, ...[...partsOf(source)].map((part) => statSync(part).mtimeMs));
  if (!force && existsSync(target) && statSync(target).mtimeMs > newest) continue;
  const flags =
    /^\/\/ asc:(.*)$/m.exec(readFileSync(source, "utf8").split("\n", 1)[0])?.[1].trim().split(/\s+/) ?? [];
  const { error, stderr, binary } = await compile(source, [...common, ...flags]);
  if (error) {
    console.error(stderr);
    process.exit(1);
  }
  if (forOtherHosts.includes(source)) write(source.replace(/\.as\.ts$/, ".wasm"), binary);
  const base64 = Buffer.from(binary).toString("base64");
  write(
    target,
    `// Built from ${source.split("/").pop()} by scripts/build-kernels.mjs. Not edited by hand.\nexport default "${base64}";\n`,
  );
  console.log(`${source}: ${binary.length} bytes`);
}

async function compile(source, flags) {
  let binary = null;
  const { error, stderr } = await asc.main([source, "--outFile", "kernel.wasm", ...flags], {
    writeFile: (name, contents) => {
      if (name.endsWith("kernel.wasm")) binary = contents;
    },
  });
  return { error, stderr: stderr.toString(), binary };
}
