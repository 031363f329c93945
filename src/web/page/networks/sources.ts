/** Addresses of the network files that come with the page and with the command line. */
import { serverFacts } from "../storage/server.ts";

/** Networks of the package (`zoo:NAME`). The build puts them beside the page, so every web host has them. */
const ZOO = import.meta.glob<string>("../../../../policies/zoo/car*.safetensors", {
  query: "?url",
  import: "default",
  eager: true,
});

/** Addresses by name: networks of the command line first, then the zoo's in alphabetical order. */
export function networkAddresses(): Map<string, string> {
  const given = (serverFacts()?.networks ?? []).map(
    (name) => [name, `api/networks/${encodeURIComponent(name)}`] as const,
  );
  const zoo = Object.entries(ZOO)
    .map(([path, url]) => [path.replace(/^.*\/|\.safetensors$/g, ""), url] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([...given, ...zoo]);
}
