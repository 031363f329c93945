/** The backend that the training tests compute on: wasm, or what `npm run test:tfjs-node` asks for. */
import type { BackendName } from "../../src/train/backend.ts";

export const backend = (process.env.TRITRACK_TEST_BACKEND ?? "wasm") as BackendName;
