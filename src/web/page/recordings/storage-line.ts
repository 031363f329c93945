/** The line that says where recordings go, and stands out when that is not where they should go. */

import { element } from "../app/element.ts";
import type { KeeperStatus } from "../storage/keeper.ts";

/** @param folder the server's, where there is one */
export function showStorage({ place, problem }: KeeperStatus, folder: string | undefined): void {
  const line = element("storage");
  line.classList.toggle("problem", problem !== null);
  if (place === "folder") line.textContent = `Recordings are saved in ${folder}.`;
  else if (place === "page")
    line.textContent = `Recordings are in this page only: ${problem}. Download them before you close it.`;
  else if (problem)
    line.textContent = `Drive on: recordings are kept in this browser, and saved in ${folder} when that works again (${problem}).`;
  else line.textContent = "Recordings are kept in this browser: download those you want elsewhere.";
}
