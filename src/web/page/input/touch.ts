/**
 * Pads on a touch screen: each element with `data-key` holds that key down for as long as a finger (or mouse) is on
 * it. Several fingers, several keys.
 */

/** @param held the set of key codes that the keyboard also writes to */
export function listenToTouch(pads: Iterable<HTMLElement>, held: Set<string>): void {
  for (const pad of pads) {
    const code = pad.dataset.key!;
    pad.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      pad.setPointerCapture(event.pointerId); // the finger may slide off before it lifts
      held.add(code);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const)
      pad.addEventListener(end, () => held.delete(code));
    pad.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is no menu
  }
}
