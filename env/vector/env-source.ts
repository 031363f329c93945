/** How a thread is told which environments to make: functions cannot be sent to it, names can. */
import type { Env } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { make } from "../registry.ts";

/**
 * `make(id, options)` for every environment; or the URL of a module whose default export makes environment `index`,
 * wrapped as one likes: `export default async (index: number) => new FrameStack(await make("CarRacing-v3"), 4)`.
 */
export type EnvSource = { id: string; options?: Record<string, unknown> } | { module: string | URL };

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
