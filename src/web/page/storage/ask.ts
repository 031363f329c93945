/** Requests to the small API of `tritrack drive` (`server/server.ts`). */

/** After this long without an answer the server counts as gone. Milliseconds. */
const PATIENCE = 5000;

/**
 * @param path such as `api/recordings`, relative to the page
 * @throws Error with the server's reason, or when it does not answer
 */
export async function ask(path: string, request: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { ...request, signal: AbortSignal.timeout(PATIENCE) }).catch(() => {
    throw new Error("the server does not answer");
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  throw new Error(error);
}
