/**
 * Tells this tab from other tabs of the page. The names of its recordings have a tag, and a lock is held while the tab is
 * open, so that other tabs leave its recordings alone.
 */

const LOCK = "tritrack-tab-";

/** Four letters and digits. Two tabs that start an episode within the same millisecond still name it differently. */
export const TAB_TAG = [...crypto.getRandomValues(new Uint8Array(4))]
  .map((byte) => (byte % 36).toString(36))
  .join("");

/** Holds this tab's lock until the tab closes. Pages without a secure context have no locks and go without. */
export function holdTabLock(): void {
  navigator.locks?.request(LOCK + TAB_TAG, () => new Promise(() => {})).catch(() => {});
}

/** A test for names of recordings: true if another open tab may still be writing it. */
export async function writtenElsewhere(): Promise<(name: string) => boolean> {
  const held = (await navigator.locks?.query().catch(() => null))?.held ?? [];
  const tags = held
    .map(({ name }) => name ?? "")
    .filter((name) => name.startsWith(LOCK))
    .map((name) => name.slice(LOCK.length))
    .filter((tag) => tag !== TAB_TAG);
  return (name) => tags.some((tag) => name.includes(`-${tag}-seed-`));
}
