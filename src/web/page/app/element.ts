/** Access to the elements of index.html, and the making of new ones. */

/**
 * The element of index.html with this id.
 * @throws Error if there is none: a mistake in the page, found when it loads
 */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found as T;
}

/** Makes an element with properties (`className`, `textContent`, …) and children. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** The text of an element, written to the page only when it changes. */
export class TextElement {
  readonly #element: HTMLElement;
  #shown: string;

  /** @param id of the element in index.html */
  constructor(id: string) {
    this.#element = element(id);
    this.#shown = this.#element.textContent ?? "";
  }

  /** Shows a text. */
  set(text: string): void {
    if (text === this.#shown) return;
    this.#shown = text;
    this.#element.textContent = text;
  }
}
