/** Replaces box2d-wasm in the built page (vite.config.ts): the page offers exact physics only. */
import { InvalidOption } from "../../../../env/errors.ts";

/** @throws InvalidOption always */
export default function box2d(): never {
  throw new InvalidOption('physics: expected "exact" in this page, got "box2d-wasm"');
}
