/**
 * Says where recordings go: a line on the Recordings screen, a line after each episode, and on every screen a banner
 * while something is wrong. The banner lies over the page, so that it does not move the view of a car that is driven.
 */
import { element } from "../app/element.ts";
import type { KeeperStatus } from "./keeper.ts";

/**
 * Shows where recordings go.
 * @param folder of the server, or undefined without one
 */
export function showStorage({ place, problem }: KeeperStatus, folder: string | undefined): void {
  const banner = element("storage-problem");
  banner.hidden = problem === null;
  if (place === "page")
    banner.textContent = `Recordings are in this page only: ${problem}. Download them before you close it.`;
  else if (problem)
    banner.textContent = `You can drive on. Recordings are saved in this browser and go to ${folder} as soon as possible: ${problem}.`;
  const home = folder === undefined ? "this browser" : folder;
  element("storage").textContent = `Recordings are saved automatically in ${home}.`;
  element("saved-text").textContent =
    place === "page" ? "Not saved." : `Saved in ${place === "folder" ? home : "this browser"}.`;
}
