/**
 * Loads the WebAssembly kernels that scripts/build-kernels.mjs embeds as base64, the same way in Node and the
 * browser. A compiled module is kept, so a second instance costs microseconds.
 */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

/**
 * @param base64 default export of a `NAME.wasm.ts`
 * @returns the exports of a fresh instance: its memory is shared with no other
 */
export async function instantiateKernel<Exports>(
  base64: string,
  imports: WebAssembly.Imports = {},
): Promise<Exports> {
  let module = compiled.get(base64);
  if (!module) {
    module = WebAssembly.compile(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
    compiled.set(base64, module);
  }
  const abort = () => {
    throw new Error("a WebAssembly kernel aborted");
  };
  const instance = await WebAssembly.instantiate(await module, {
    ...imports,
    env: { abort, ...imports.env },
  });
  return instance.exports as Exports;
}
