/** The networks that `tritrack drive` was given on its command line. */

/** Addresses by name; none where the page comes from a plain web host. */
export async function serverNetworks(): Promise<Map<string, string>> {
  try {
    const { networks } = await (await fetch("api/networks")).json();
    return new Map(networks.map((name: string) => [name, `api/networks/${encodeURIComponent(name)}`]));
  } catch {
    return new Map();
  }
}
