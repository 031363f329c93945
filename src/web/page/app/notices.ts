/** Messages in a corner of the page. They stop nothing: an episode goes on underneath. */
import { create, element } from "./element.ts";

/** Time that a message stays, milliseconds. */
const STAY = 12_000;

/** A button within a message. */
export interface NoticeAction {
  /** Text of the button. */
  label: string;
  /** Called when the button is pressed; the message closes. */
  run(): void;
}

/**
 * Shows a message for 12 seconds.
 * @param action button in the message, such as Undo. Default: none.
 */
export function notify(text: string, action?: NoticeAction): void {
  show("notice", text, action);
}

/** Shows an error. Screen readers announce it at once, and it stays until it is closed. */
export function complain(text: string): void {
  show("notice problem", text);
}

/** Runs the task of a button. Its error is shown to the user. */
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
  // A repeated message replaces the earlier one.
  for (const old of [...list.children]) if (old.querySelector("p")?.textContent === text) old.remove();
  list.append(notice);
}
