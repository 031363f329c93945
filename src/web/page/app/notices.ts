/** Messages that come and go without stopping anything: a drive goes on under them. */
import { create, element } from "./element.ts";

/** Milliseconds that a message stays. */
const STAY = 12_000;

export interface NoticeAction {
  label: string;
  run(): void;
}

/** @param action what can be done about it, such as taking back */
export function notify(text: string, action?: NoticeAction): void {
  show("notice", text, action);
}

/** Something went wrong: it is read out at once, and stays until it is closed. */
export function complain(text: string): void {
  show("notice problem", text);
}

/** Runs what a button asks for; an error is told to the user. */
export function attempt(task: () => Promise<void> | void): void {
  Promise.resolve()
    .then(task)
    .catch((error: Error) => complain(error.message));
}

function show(className: string, text: string, action?: NoticeAction): void {
  const close = create("button", { type: "button", textContent: "✕", ariaLabel: "Close this message" });
  const notice = create("div", { className }, create("p", { textContent: text }));
  const remove = () => notice.remove();
  if (className.includes("problem")) notice.role = "alert";
  else setTimeout(remove, STAY);
  if (action) {
    const button = create("button", { type: "button", textContent: action.label });
    button.addEventListener("click", () => {
      remove();
      action.run();
    });
    notice.append(button);
  }
  close.addEventListener("click", remove);
  notice.append(close);
  const list = element("notices");
  // The same message again takes the old one's place.
  for (const old of [...list.children]) if (old.querySelector("p")?.textContent === text) old.remove();
  list.append(notice);
}
