/** Recordings from the user's disk, chosen or dropped anywhere on the page. */
import { element } from "../view/element.ts";

/** @param take called for each file, one after another; its error is told to the user, and the next file comes */
export function listenToFiles(take: (file: File) => Promise<void>): void {
  const takeAll = async (files: Iterable<File>) => {
    for (const file of files) await take(file).catch((error: Error) => alert(error.message));
  };
  const input = element<HTMLInputElement>("upload");
  input.addEventListener("change", async () => {
    await takeAll([...input.files!]);
    input.value = ""; // so that the same file can be chosen again
  });
  // Without this the browser would leave the page to show the file.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    takeAll([...(event.dataTransfer?.files ?? [])]);
  });
}
