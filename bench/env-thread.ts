/** A thread of bench/env.ts that drives on its own: takes names of drives, answers with steps a second. */
import { parentPort } from "node:worker_threads";
import { make } from "../env/index.ts";
import { loadGolden } from "../test/golden.ts";
import { drive } from "./env-drive.ts";

const env = await make("CarRacing-v3", { reuseObservations: true });
parentPort?.on("message", (name: string) => parentPort?.postMessage(drive(env, loadGolden(name), 5)));
