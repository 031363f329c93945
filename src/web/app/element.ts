/** Elements of index.html by their id; a name that is not there is a mistake of ours and throws at the start. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found as T;
}
