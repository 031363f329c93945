/** Dark or light: as the system has it, or as the button says. The choice is kept in this browser. */
import { element } from "./element.ts";
import { remember, remembered } from "./memory.ts";

const THEMES = ["system", "dark", "light"] as const;
type Theme = (typeof THEMES)[number];

export function listenToTheme(): void {
  const button = element("theme");
  let theme: Theme = THEMES.find((name) => name === remembered("theme")) ?? "system";
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
