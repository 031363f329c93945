// Compiles every AssemblyScript kernel (`<room>/**/kernels/NAME.as.ts`) to a TypeScript module beside it
// (`NAME.wasm.ts`) whose default export is the WebAssembly binary in base64: one form that Node, the browser,
// bundlers and tests all load the same way. Flags a kernel needs beyond the common ones stand in its first
// line, for example `// asc: --importMemory`. A kernel that is newer than its source is not built again;
// `--force` builds all.
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const common = ["-O3", "--noAssert", "--enable", "simd", "--enable", "bulk-memory", "--runtime", "stub"];
const rooms = ["env", "policies", "recordings", "src"];

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith(".as.ts")) yield path;
  }
}

const force = process.argv.includes("--force");
const self = statSync(new URL(import.meta.url)).mtimeMs;
for (const source of rooms.filter((room) => existsSync(room)).flatMap((room) => [...sources(room)])) {
  const target = source.replace(/\.as\.ts$/, ".wasm.ts");
  const newest = Math.max(self, statSync(source).mtimeMs);
  if (!force && existsSync(target) && statSync(target).mtimeMs > newest) continue;
  const flags =
    /^\/\/ asc:(.*)$/m.exec(readFileSync(source, "utf8").split("\n", 1)[0])?.[1].trim().split(/\s+/) ?? [];
  const { error, stderr, binary } = await compile(source, [...common, ...flags]);
  if (error) {
    console.error(stderr);
    process.exit(1);
  }
  const base64 = Buffer.from(binary).toString("base64");
  const text = `// Built from ${source.split("/").pop()} by scripts/build-kernels.mjs. Not edited by hand.\nexport default "${base64}";\n`;
  writeFileSync(`${target}.tmp`, text);
  renameSync(`${target}.tmp`, target);
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
