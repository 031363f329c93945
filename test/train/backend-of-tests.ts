/** The backend that the training tests compute on: wasm, or the one that `npm run test:tfjs-node` sets. */
import type { BackendName } from "../../src/train/backend.ts";

export const backend = (process.env.TRITRACK_TEST_BACKEND ?? "wasm") as BackendName;
