/**
 * Runs Python with the packages that tests and benchmarks of the bridges need.
 *
 *     node scripts/python.mjs -m pytest test/python
 *
 * The virtual environment is built in .python/ from pinned versions, once, and again when these or Python change.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const HOME = resolve(".python");
const REQUIREMENTS = "test/python/requirements.txt";
// PyTorch without CUDA is 200 MB instead of 3 GB. It comes from the index that pip is set up with, or from PyTorch's own.
const TORCH = "2.13.0";
const TORCH_INDEX = "https://download.pytorch.org/whl/cpu";

if (!existsSync("dist/src/cli/main.js"))
  fail('dist/src/cli/main.js: expected the built package, got none; run "npm run build"');

function fail(message) {
  console.error(`python: ${message}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options }).status === 0;
}

let version;
try {
  version = execFileSync("python3", ["-c", "import sys; print(*sys.version_info[:2], sep='.')"], {
    encoding: "utf8",
  }).trim();
} catch {
  fail(
    "python3: expected Python 3.11 or newer with its venv module, got none; Debian: apt install python3-venv",
  );
}
const [major, minor] = version.split(".").map(Number);
if (major < 3 || (major === 3 && minor < 11)) fail(`python3: expected Python 3.11 or newer, got ${version}`);

const key = createHash("sha256")
  .update(version)
  .update(TORCH)
  .update(readFileSync(REQUIREMENTS))
  .digest("hex")
  .slice(0, 12);
const venv = join(HOME, key);
const python = join(venv, "bin", "python");
const ready = join(venv, "ready");
const pip = (...args) => run(python, ["-m", "pip", "--disable-pip-version-check", "install", "-q", ...args]);

if (!existsSync(ready)) {
  mkdirSync(HOME, { recursive: true });
  for (const old of readdirSync(HOME)) rmSync(join(HOME, old), { recursive: true });
  console.error(`python: building ${venv} …`);
  if (!run("python3", ["-m", "venv", venv]))
    fail("python3: expected its venv module, got none; Debian: apt install python3-venv");
  const torch =
    pip(`torch==${TORCH}+cpu`) ||
    pip(`torch==${TORCH}`, "--index-url", TORCH_INDEX) ||
    pip(`torch==${TORCH}`);
  if (!torch || !pip("-r", REQUIREMENTS)) fail(`pip could not install the packages of ${REQUIREMENTS}`);
  writeFileSync(ready, "");
}
// The package itself is installed as its users install it, from a copy, because a build leaves folders behind.
const copy = join(venv, "tritrack-gym");
rmSync(copy, { recursive: true, force: true });
cpSync("python", copy, { recursive: true });
if (!pip("--no-deps", "--no-build-isolation", "--force-reinstall", copy))
  fail("pip could not install ./python");

const env = {
  ...process.env,
  TRITRACK_COMMAND: process.env.TRITRACK_COMMAND ?? `${process.execPath} dist/src/cli/main.js`,
  SDL_VIDEODRIVER: "dummy",
  PYGAME_HIDE_SUPPORT_PROMPT: "1",
};
process.exit(spawnSync(python, process.argv.slice(2), { stdio: "inherit", env }).status ?? 1);
