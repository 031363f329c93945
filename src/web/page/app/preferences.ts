/**
 * Choices that this browser remembers for the page, in localStorage. Browsers that block storage forget them when the
 * page closes.
 */
import { element } from "./element.ts";

const PREFIX = "tritrack-";
const fallback = new Map<string, string>();

/** The value last remembered under a key, or null. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key) ?? fallback.get(key) ?? null;
  } catch {
    return fallback.get(key) ?? null;
  }
}

/** Remembers a value under a key. Never fails. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
    fallback.delete(key);
  } catch {
    fallback.set(key, value); // storage is blocked or full
  }
}

const THEMES = ["system", "dark", "light"] as const;

/** Applies the remembered theme and lets the button in the header change it. */
export function listenToTheme(): void {
  const button = element("theme");
  let theme = THEMES.find((name) => name === remembered("theme")) ?? "system";
  const apply = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remember("theme", theme);
    apply();
  });
  apply();
}
