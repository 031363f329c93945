/** Stands for box2d-wasm in the built page (vite.config.ts), which leaves that engine out. */
import { InvalidOption } from "../../../../env/errors.ts";

export default function box2d(): never {
  throw new InvalidOption('this page has physics "exact" only');
}
