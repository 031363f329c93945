/**
 * Recordings in this browser (IndexedDB): all of them where there is no server, otherwise those that the server has not
 * taken yet. A browser that blocks storage rejects every call.
 */
import { type Listed, type RecordingStore, summarize } from "../../shared/recordings.ts";

const DATABASE = "tritrack";
const TABLE = "recordings";

/** This browser's storage as a store. A write is durable when its promise resolves. */
export class BrowserStore implements RecordingStore {
  readonly #isHome: boolean;
  #database: Promise<IDBDatabase> | null = null;
  #hasAsked = false;

  /** @param isHome true if recordings belong here: the browser is then asked not to clear them when space is short */
  constructor(isHome: boolean) {
    this.#isHome = isHome;
  }

  /** See {@link RecordingStore.list}. */
  async list(): Promise<Listed[]> {
    const table = await this.#table("readonly");
    const [names, texts] = await Promise.all([result(table.getAllKeys()), result(table.getAll())]);
    return names.map((name, i) => summarize(String(name), texts[i]));
  }

  /** See {@link RecordingStore.read}. */
  async read(name: string): Promise<string> {
    const text: string | undefined = await result((await this.#table("readonly")).get(name));
    if (text === undefined) throw new Error(`there is no recording ${name}`);
    return text;
  }

  /** See {@link RecordingStore.write}. */
  async write(name: string, text: string): Promise<void> {
    await committed((await this.#table("readwrite")).put(text, name));
    if (!this.#isHome || this.#hasAsked) return;
    this.#hasAsked = true;
    // Firefox asks the user, who now has something to lose; insecure addresses have no such storage.
    navigator.storage?.persist?.().catch(() => {});
  }

  /** See {@link RecordingStore.remove}. */
  async remove(name: string): Promise<void> {
    await committed((await this.#table("readwrite")).delete(name));
  }

  async #table(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    const database = await (this.#database ??= openDatabase());
    return database.transaction(TABLE, mode, { durability: "strict" }).objectStore(TABLE);
  }
}

/** Asynchronous, so that a browser which throws on the mere mention of `indexedDB` gives a rejected promise. */
async function openDatabase(): Promise<IDBDatabase> {
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

/** Resolves when the request's transaction is on disk; the request itself succeeds earlier. */
function committed(request: IDBRequest): Promise<void> {
  const transaction = request.transaction!;
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
  });
}
