/** Runs the training tests on tfjs-node, or says that it skips them where tfjs-node is not installed or does not load. */
import { spawnSync } from "node:child_process";
import util from "node:util";

// tfjs-node 4.22 calls two functions that Node 23 removed; this can go with a release of tfjs-node that does not.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
try {
  await import("@tensorflow/tfjs-node");
} catch (error) {
  console.log(`skipped: @tensorflow/tfjs-node does not load here (${error.message.split("\n", 1)[0]})`);
  console.log("npm run build:tfjs-node builds it where its library cannot be downloaded");
  process.exit(0);
}
const env = { ...process.env, TRITRACK_TEST_BACKEND: "tensorflow", TF_CPP_MIN_LOG_LEVEL: "2" };
const { status } = spawnSync("npx", ["vitest", "run", "test/train"], { stdio: "inherit", env });
process.exit(status ?? 1);
