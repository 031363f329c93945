/**
 * Builds @tensorflow/tfjs-node, an optional dependency, where its install could not download libtensorflow: against the
 * libraries and headers of the wheel tensorflow-cpu 2.15.1 from PyPI. Linux only; needs python3 with pip, make and a C++
 * compiler, and takes node-gyp from npm. The result, 0.6 GB, is in node_modules/@tensorflow/tfjs-node.
 *
 *     npm run build:tfjs-node [-- --wheel FILE.whl]
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const WHEEL = "tensorflow-cpu==2.15.1";
const NODE_GYP = "node-gyp@11";
/** The newest Node-API version that the package's package.json names; it looks for the addon under this name. */
const NAPI_VERSION = 8;

const { values } = parseArgs({ options: { wheel: { type: "string" } } });
const machine = { x64: "x86_64", arm64: "aarch64" }[process.arch];
if (process.platform !== "linux" || !machine)
  fail(`machine: expected Linux on x64 or arm64, got ${process.platform} on ${process.arch}`);
let home;
try {
  home = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-node/package.json"));
} catch {
  fail(
    "@tensorflow/tfjs-node: expected the package, got none; run npm i --ignore-scripts --include=optional @tensorflow/tfjs-node@4.22.0",
  );
}

const scratch = mkdtempSync(join(tmpdir(), "tfjs-node-"));
try {
  const wheel = values.wheel ?? download();
  const lib = join(home, "deps", "lib");
  rmSync(join(home, "deps"), { recursive: true, force: true });
  mkdirSync(lib, { recursive: true });
  unpack(wheel, join(home, "deps"));
  // The linker looks for libtensorflow.so and libtensorflow_framework.so.
  for (const [name, file] of [
    ["libtensorflow.so", "libtensorflow_cc.so.2"],
    ["libtensorflow_framework.so", "libtensorflow_framework.so.2"],
  ])
    symlinkSync(file, join(lib, name));
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, "include", "node", "node_api.h")) ? [`--nodedir=${prefix}`] : [];
  run(
    "npx",
    ["--yes", NODE_GYP, "rebuild", ...headers].concat([
      "--module_name=tfjs_binding",
      `--module_path=${join(home, "lib", `napi-v${NAPI_VERSION}`)}`,
      `--napi_build_version=${NAPI_VERSION}`,
    ]),
    home,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
run(process.execPath, ["-e", "require('util').isArray ??= Array.isArray; require('.')"], home);
console.log("@tensorflow/tfjs-node is built and loads");

/** Downloads the wheel. @returns its path */
function download() {
  console.log(`downloading ${WHEEL} (207 MB)`);
  const platform = `manylinux_2_17_${machine}`;
  const options = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11", "--platform", platform];
  run("python3", ["-m", "pip", "download", "--quiet", ...options, "--dest", scratch, WHEEL]);
  return join(scratch, readdirSync(scratch)[0]);
}

/** Unpacks the two libraries into `lib` and the headers of the C interface into `include`. */
function unpack(wheel, target) {
  const script = `
import pathlib, shutil, sys, zipfile
wheel, target = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
for name in wheel.namelist():
    if name.startswith("tensorflow/libtensorflow_"):
        path = target / "lib" / pathlib.Path(name).name
    elif name.startswith("tensorflow/include/") and name.endswith(".h") and ("/c/" in name or "/platform/" in name):
        path = target / name.removeprefix("tensorflow/").replace("external/local_tsl/", "")
    else:
        continue
    path.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(name) as source, open(path, "wb") as copy:
        shutil.copyfileobj(source, copy)
`;
  run("python3", ["-c", script, wheel, target]);
}

function run(command, args, cwd) {
  try {
    execFileSync(command, args, { cwd, stdio: "inherit" });
  } catch (error) {
    fail(`${command} failed: ${error.message.split("\n")[0]}`);
  }
}

function fail(message) {
  console.error(`build-tfjs-node: ${message}`);
  process.exit(1);
}
