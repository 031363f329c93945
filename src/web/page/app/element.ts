/** Elements of index.html by their id; a name that is not there is a mistake of ours and throws at the start. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found as T;
}

/** A new element with attributes (`className`, `textContent`, …) and children. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

/** An element's text that is written only when it is another. */
export class TextElement {
  private readonly element: HTMLElement;
  private shown: string;

  constructor(id: string) {
    this.element = element(id);
    this.shown = this.element.textContent ?? "";
  }

  set(text: string): void {
    if (text === this.shown) return;
    this.shown = text;
    this.element.textContent = text;
  }
}
