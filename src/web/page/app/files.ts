/** Files from the user's disk, chosen in a field or dropped on the page, and downloads to it. */
import { complain } from "./notices.ts";

/**
 * Takes files one after another. An error is shown to the user, and the next file follows.
 * @param inputs file fields; files may also be dropped anywhere on the page
 * @param take called for each file
 */
export function listenToFiles(inputs: Iterable<HTMLInputElement>, take: (file: File) => Promise<void>): void {
  const takeAll = async (files: Iterable<File>) => {
    for (const file of files) await take(file).catch((error: Error) => complain(error.message));
  };
  for (const input of inputs)
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

/**
 * Offers a file to the user to save.
 * @param type MIME type
 */
export function download(name: string, contents: string | Uint8Array<ArrayBuffer>, type: string): void {
  const url = URL.createObjectURL(new Blob([contents], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
