/**
 * Keeps every recording safe. A recording is written to this browser's storage at once and, where there is a server, to
 * its folder as well; the browser's copy goes when the server has the recording. A server that is gone, frozen or out of
 * disk gets it later, also on a later visit. If the browser has no room either, the recording stays in memory for as
 * long as the page is open.
 */
import {
  isRecordingName,
  type Listed,
  NAME_RULE,
  type RecordingStore,
  summarize,
} from "../../shared/recordings.ts";
import { ServerGone } from "./server.ts";

/** Place of a recording: the server's folder, this browser, or this page's memory only. */
export type Place = "folder" | "browser" | "page";

/** Present place of new recordings. */
export interface KeeperStatus {
  /** Place of the last recording. */
  place: Place;
  /** Reason why the last recording is not where it belongs, or null. */
  problem: string | null;
}

/** A listed recording and its place. */
export type Kept = Listed & { place: Place };

/** A text that is not yet where it belongs. */
interface Pending {
  text: string;
  inBrowser: boolean;
  /** The browser's error, if it took no copy. */
  failure: string | null;
}

/** Pause between two attempts to deliver, milliseconds. */
const RETRY = 3000;
/**
 * Bytes a second of one recording that go to the server while it grows. A long one is sent every few seconds only,
 * because its text is sent whole; the browser has every second of it.
 */
const RATE = 50_000;

/** Saves, lists, renames and deletes recordings wherever they are. */
export class RecordingKeeper {
  readonly #browser: RecordingStore;
  readonly #server: RecordingStore | null;
  readonly #report: (status: KeeperStatus) => void;
  readonly #elsewhere: () => Promise<(name: string) => boolean>;
  /** The newest text of each name that is not where it belongs and not left to the browser. */
  readonly #pending = new Map<string, Pending>();
  /** Writes to the browser follow one another, so that an older text never replaces a newer one. */
  #local: Promise<void> = Promise.resolve();
  /** So do writes to the server, which may take seconds when it is frozen. */
  #remote: Promise<void> = Promise.resolve();
  #retrying = false;
  /** Time at which each recording was last sent to the server, milliseconds. */
  readonly #sent = new Map<string, number>();

  /**
   * @param server null where the page is served by a plain web host
   * @param report called when the place of the recordings may have changed
   * @param elsewhere gives a test for recordings that another tab is writing. Default: none is.
   */
  constructor(
    browser: RecordingStore,
    server: RecordingStore | null,
    report: (status: KeeperStatus) => void,
    elsewhere: () => Promise<(name: string) => boolean> = async () => () => false,
  ) {
    this.#browser = browser;
    this.#server = server;
    this.#report = report;
    this.#elsewhere = elsewhere;
    if (server) this.#deliverAll(server); // recordings of an earlier visit
  }

  /**
   * Saves or replaces a recording. Never fails: `report` says where it went.
   * @param growing true if the episode is still being driven and will be saved again. Default: false.
   */
  save(name: string, text: string, growing = false): void {
    this.#pending.set(name, { text, inBrowser: false, failure: null });
    this.#local = this.#local.then(() => this.#writeLocally(name));
    const since = Date.now() - (this.#sent.get(name) ?? 0);
    const isSoon = growing && 1000 * text.length > RATE * since;
    // A server that failed is asked again by the timer only.
    if (this.#server && !this.#retrying && !isSoon) this.#deliver(this.#server, name);
  }

  /** The place where recordings belong. */
  get home(): Place {
    return this.#server ? "folder" : "browser";
  }

  /** True if closing the page would lose a recording. */
  get holdsAny(): boolean {
    return [...this.#pending.values()].some(({ failure }) => failure !== null);
  }

  /** Resolves when everything saved so far has found a place. */
  async settled(): Promise<void> {
    let local: Promise<void>;
    let remote: Promise<void>;
    do {
      [local, remote] = [this.#local, this.#remote];
      await Promise.all([local, remote]);
    } while (local !== this.#local || remote !== this.#remote);
  }

  /** All recordings, latest name first. One that is in two places is listed where it is newer. */
  async list(): Promise<Kept[]> {
    const all = new Map<string, Kept>();
    const add = (place: Place, listed: Listed[]) => {
      for (const recording of listed) all.set(recording.name, { ...recording, place });
    };
    if (this.#server) add("folder", await this.#listFolder(this.#server));
    add("browser", await this.#browser.list().catch(() => []));
    const held = [...this.#pending].filter(([, { failure }]) => failure !== null);
    add(
      "page",
      held.map(([name, { text }]) => summarize(name, text)),
    );
    return [...all.values()].sort((a, b) => (a.name < b.name ? 1 : -1));
  }

  /** Text of a recording. Rejects if it is gone. */
  async read({ name, place }: Kept): Promise<string> {
    if (place === "page") return this.#pending.get(name)!.text;
    return (place === "folder" ? this.#server! : this.#browser).read(name);
  }

  /** Deletes a recording. Rejects if its place refuses. */
  async remove({ name, place }: Kept): Promise<void> {
    this.#pending.delete(name);
    if (place === "folder") await this.#server!.remove(name);
    const copy = this.#browser.remove(name);
    if (place === "browser") await copy;
    else await copy.catch(() => {}); // it may have no copy, or be blocked
  }

  /**
   * Gives a recording another name in its place. It is copied before the old one goes, so that it is never lost.
   * @throws Error if the name is not valid, or taken
   */
  async rename(recording: Kept, name: string): Promise<void> {
    if (!isRecordingName(name)) throw new Error(NAME_RULE);
    if ((await this.list()).some((other) => other.name === name))
      throw new Error(`there is another recording named ${name}`);
    const text = await this.read(recording);
    if (recording.place === "page") this.save(name, text);
    else await (recording.place === "folder" ? this.#server! : this.#browser).write(name, text);
    await this.remove(recording);
  }

  async #writeLocally(name: string): Promise<void> {
    const pending = this.#pending.get(name);
    if (!pending || pending.inBrowser) return;
    try {
      await this.#browser.write(name, pending.text);
      pending.inBrowser = true;
      pending.failure = null;
    } catch (error) {
      pending.failure = `this browser's storage takes nothing (${(error as Error)?.message})`;
    }
    if (this.#server) {
      if (pending.failure && !this.#retrying) this.#deliver(this.#server, name); // it has no other place
      return;
    }
    if (pending.inBrowser && this.#pending.get(name) === pending) this.#pending.delete(name);
    this.#report({ place: pending.failure ? "page" : "browser", problem: pending.failure });
  }

  /** Brings the newest text of a name to the server, after those before it. */
  #deliver(server: RecordingStore, name: string): void {
    this.#remote = this.#remote.then(async () => {
      const pending = this.#pending.get(name);
      if (pending && !this.#retrying) await this.#attempt(server, name, pending);
    });
  }

  /** Delivers one recording. Returns false if the server does not answer at all. */
  async #attempt(server: RecordingStore, name: string, pending: Pending): Promise<boolean> {
    this.#sent.set(name, Date.now());
    try {
      await server.write(name, pending.text);
      const isNewest = this.#pending.get(name) === pending;
      if (isNewest) this.#pending.delete(name);
      this.#local = this.#local.then(async () => {
        // A copy too many does no harm, so a failure here is ignored.
        if (!this.#pending.has(name)) await this.#browser.remove(name).catch(() => {});
      });
      this.#report({ place: "folder", problem: null });
      return true;
    } catch (error) {
      await this.#local; // the browser's copy, if it takes one
      const newest = this.#pending.get(name) ?? pending;
      if (newest.inBrowser && this.#pending.get(name) === newest) this.#pending.delete(name);
      const { message } = error as Error;
      const problem = newest.failure ? `${message}, and ${newest.failure}` : message;
      this.#report({ place: newest.failure ? "page" : "browser", problem });
      this.#retryLater(server);
      return !(error instanceof ServerGone);
    }
  }

  /** Delivers everything that waits in this page and in this browser. */
  #deliverAll(server: RecordingStore): void {
    this.#remote = this.#remote.then(async () => {
      const elsewhere = await this.#elsewhere();
      const listed = (await this.#browser.list().catch(() => [])).map(({ name }) => name);
      const names = [...new Set([...this.#pending.keys(), ...listed])];
      for (const name of names.filter((name) => !elsewhere(name))) {
        const text = await this.#browser.read(name).catch(() => null);
        const waiting =
          this.#pending.get(name) ?? (text === null ? null : { text, inBrowser: true, failure: null });
        if (waiting && !(await this.#attempt(server, name, waiting))) return;
      }
      if (this.#retrying) return;
      // Nothing waits, so a request has to find out if the server answers.
      if (await isReachable(server)) this.#report({ place: "folder", problem: null });
      else this.#retryLater(server);
    });
  }

  async #listFolder(server: RecordingStore): Promise<Listed[]> {
    try {
      return await server.list();
    } catch (error) {
      this.#report({ place: "browser", problem: (error as Error).message });
      this.#retryLater(server);
      return [];
    }
  }

  #retryLater(server: RecordingStore): void {
    if (this.#retrying) return;
    this.#retrying = true;
    setTimeout(() => {
      this.#retrying = false;
      this.#deliverAll(server);
    }, RETRY);
  }
}

function isReachable(server: RecordingStore): Promise<boolean> {
  return server.list().then(
    () => true,
    () => false,
  );
}
