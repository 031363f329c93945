/**
 * The car networks that ship with the package (`zoo:NAME`), as files beside the page: the build puts them there, so
 * that a server and a plain web host give them alike.
 */
const FILES = import.meta.glob<string>("../../../policies/zoo/car*.safetensors", {
  query: "?url",
  import: "default",
  eager: true,
});

/** Addresses by name, such as `car-90`, in the order of the names: its variants (`car-90-cloned`) come behind it. */
export const ZOO: ReadonlyMap<string, string> = new Map(
  Object.entries(FILES)
    .map(([path, url]) => [path.replace(/^.*\/|\.safetensors$/g, ""), url] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);
