/**
 * Recordings in this browser (IndexedDB): all of them where there is no server, and those that the server could not
 * take until it can. Writes are durable when their promise resolves.
 */
import type { Listed, RecordingStore } from "./store.ts";
import { summarize } from "./summary.ts";

const DATABASE = "tritrack";
const TABLE = "recordings";

export class BrowserStore implements RecordingStore {
  private readonly database = openDatabase();

  async list(): Promise<Listed[]> {
    const table = await this.table("readonly");
    const [names, texts] = await Promise.all([result(table.getAllKeys()), result(table.getAll())]);
    return names.map((name, i) => summarize(String(name), texts[i]));
  }

  async read(name: string): Promise<string> {
    const text: string | undefined = await result((await this.table("readonly")).get(name));
    if (text === undefined) throw new Error("there is no such recording");
    return text;
  }

  async write(name: string, text: string): Promise<void> {
    await committed((await this.table("readwrite")).put(text, name));
  }

  async remove(name: string): Promise<void> {
    await committed((await this.table("readwrite")).delete(name));
  }

  private async table(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    return (await this.database).transaction(TABLE, mode, { durability: "strict" }).objectStore(TABLE);
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return result(request);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

/** Resolves when the request's transaction is on disk, not when the request succeeded. */
function committed(request: IDBRequest): Promise<void> {
  const transaction = request.transaction!;
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
  });
}
