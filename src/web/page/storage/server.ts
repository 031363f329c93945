/**
 * The server of `tritrack drive` as the page sees it: whether there is one, and requests to its API (`server/site.ts`).
 * The server writes its facts into the page that it serves, so a page from a plain web host asks for nothing in vain.
 */

/** Facts that the server writes into `<meta name="tritrack-server">`. */
export interface ServerFacts {
  /** Folder of the recordings on the server's disk. */
  folder: string;
  /** Names of the networks that the command line was given. */
  networks: string[];
}

/** Header that carries the token of a server which others can reach. */
export const TOKEN_HEADER = "x-tritrack-token";

/** Time after which a server that has not answered counts as gone, milliseconds. */
const PATIENCE = 5000;

/** Key of the token in this tab's storage. */
const TOKEN_KEY = "tritrack-token";

/** The server does not answer: later requests will fail too. */
export class ServerGone extends Error {}

/** The facts of the server that this page came from, or null for a page of static files. */
export function serverFacts(): ServerFacts | null {
  const meta = document.querySelector<HTMLMetaElement>("meta[name=tritrack-server]");
  return meta ? JSON.parse(meta.content) : null;
}

let token: string | null = null;

/**
 * Takes the token out of the address (`?token=…`), so that it is not passed on with a copied link, and keeps it for
 * this tab.
 */
export function takeToken(): void {
  const address = new URL(location.href);
  token = address.searchParams.get("token");
  try {
    if (token) sessionStorage.setItem(TOKEN_KEY, token);
    else token = sessionStorage.getItem(TOKEN_KEY);
  } catch {
    // Storage is blocked: the token lasts until the page closes.
  }
  if (!address.searchParams.has("token")) return;
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

/**
 * Sends a request to the server.
 * @param path such as `api/recordings`, relative to the page
 * @throws ServerGone if the server does not answer within 5 s
 * @throws Error with the server's reason if it refuses
 */
export async function ask(path: string, request: RequestInit = {}): Promise<Response> {
  const headers: Record<string, string> = token ? { [TOKEN_HEADER]: token } : {};
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await fetch(path, { ...request, headers, signal }).catch(() => {
    throw new ServerGone("the server does not answer");
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  throw new Error(error);
}
