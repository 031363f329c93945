/**
 * Loads the WebAssembly modules that scripts/build-kernels.mjs embeds as base64, the same way in Node and the browser. A
 * compiled module is kept, so a second instance costs microseconds.
 */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** The imports of a module: those given, and `abort`, which AssemblyScript may ask for. */
function withAbort(imports: WebAssembly.Imports): WebAssembly.Imports {
  const abort = () => {
    throw new Error("a WebAssembly kernel aborted");
  };
  return { ...imports, env: { abort, ...imports.env } };
}

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
    module = WebAssembly.compile(bytesOf(base64));
    compiled.set(base64, module);
  }
  return (await WebAssembly.instantiate(await module, withAbort(imports))).exports as Exports;
}

/** The same for callers that cannot wait; it compiles anew, and a page's main thread is held up for that time. */
export function instantiateKernelNow<Exports>(base64: string, imports: WebAssembly.Imports = {}): Exports {
  const module = new WebAssembly.Module(bytesOf(base64));
  return new WebAssembly.Instance(module, withAbort(imports)).exports as Exports;
}
