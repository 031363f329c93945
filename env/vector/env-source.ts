/** The environments that threads make. Functions cannot be sent to a thread, but names can. */
import type { Env } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { make } from "../registry.ts";

/**
 * Source of a vector's environments: `make(id, options)`, or the default export of a module, which gets the index of each
 * environment: `export default async (index: number) => new FrameStack(await make("CarRacing-v3"), 4)`.
 */
export type EnvSource =
  | {
      /** Id of a registered environment. */
      id: string;
      /** Options for `make`. Default: none. */
      options?: Record<string, unknown>;
    }
  | {
      /** URL of the module. */
      module: string | URL;
    };

/** Makes environment number `index`. @throws {@link InvalidOption} on another source, and what making it throws */
export async function makeFrom(source: EnvSource, index: number): Promise<Env> {
  if ("id" in source) return make(source.id, source.options);
  if (!source.module)
    throw new InvalidOption("expected { id, options } or { module } of the environments to make");
  const { default: entry } = await import(String(source.module));
  if (typeof entry === "function") return entry(index);
  throw new InvalidOption(
    `expected a function as the default export of ${source.module}, got ${typeof entry}`,
  );
}
