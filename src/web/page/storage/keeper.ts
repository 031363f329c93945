/**
 * Sees to it that no recording is lost: it goes to the server's folder where there is one; while the server is gone
 * or its disk is full, to this browser's storage, and to the server once it takes it again; and if the browser has no
 * room either, it stays in memory for as long as the page is open.
 */
import { isRecordingName, NAME_RULE } from "./recording-name.ts";
import type { Listed, RecordingStore } from "./store.ts";
import { summarize } from "./summary.ts";

export type Place = "folder" | "browser" | "page";

/** Where the last recording went, and when not to its proper place, why. */
export interface KeeperStatus {
  place: Place;
  problem: string | null;
}

export type Kept = Listed & { place: Place };

/** Pause between attempts to reach a server that is gone. Milliseconds. */
const RETRY = 3000;

export class RecordingKeeper {
  private readonly browser: RecordingStore;
  private readonly server: RecordingStore | null;
  private readonly report: (status: KeeperStatus) => void;
  /** Texts that are to be saved next; only the newest of a name. */
  private readonly waiting = new Map<string, string>();
  /** Texts that found no other place. */
  private readonly stranded = new Map<string, string>();
  /** Saving happens one after another, so that an older text never lands on a newer one. */
  private queue: Promise<void> = Promise.resolve();
  private retrying = false;

  /**
   * @param server null where the page is served by a plain web host
   * @param report called after each save
   */
  constructor(
    browser: RecordingStore,
    server: RecordingStore | null,
    report: (status: KeeperStatus) => void,
  ) {
    this.browser = browser;
    this.server = server;
    this.report = report;
    if (server) this.enqueue(() => this.retry()); // what an earlier visit could not deliver
  }

  /** Saves or replaces a recording. Never fails: `report` tells where it went. */
  save(name: string, text: string): void {
    this.waiting.set(name, text);
    this.enqueue(async () => {
      const newest = this.waiting.get(name);
      if (newest === undefined) return;
      this.waiting.delete(name);
      this.report(await this.keep(name, newest));
    });
  }

  /** Where recordings go when all is well. */
  get home(): Place {
    return this.server ? "folder" : "browser";
  }

  /** Whether closing the page would lose a recording. */
  get holdsAny(): boolean {
    return this.stranded.size > 0;
  }

  /** Resolves when everything saved so far has found its place. */
  settled(): Promise<void> {
    return this.queue;
  }

  /** All recordings, newest name first; one that is in two places is listed where it is newer. */
  async list(): Promise<Kept[]> {
    const all = new Map<string, Kept>();
    const add = (place: Place, listed: Listed[]) => {
      for (const recording of listed) all.set(recording.name, { ...recording, place });
    };
    if (this.server) add("folder", await this.listFolder(this.server));
    add("browser", await this.browser.list().catch(() => []));
    add(
      "page",
      [...this.stranded].map(([name, text]) => summarize(name, text)),
    );
    return [...all.values()].sort((a, b) => (a.name < b.name ? 1 : -1));
  }

  async read({ name, place }: Kept): Promise<string> {
    if (place === "page") return this.stranded.get(name)!;
    return (place === "folder" ? this.server! : this.browser).read(name);
  }

  async remove({ name, place }: Kept): Promise<void> {
    if (place === "page") this.stranded.delete(name);
    else await (place === "folder" ? this.server! : this.browser).remove(name);
  }

  /**
   * Gives a recording another name, where it is. It is copied before the old one goes, so that it is never lost.
   * @throws Error when the name is none, or taken
   */
  async rename(recording: Kept, name: string): Promise<void> {
    if (!isRecordingName(name)) throw new Error(NAME_RULE);
    if ((await this.list()).some((other) => other.name === name))
      throw new Error(`there is another recording named ${name}`);
    const text = await this.read(recording);
    if (recording.place === "page") this.stranded.set(name, text);
    else await (recording.place === "folder" ? this.server! : this.browser).write(name, text);
    await this.remove(recording);
  }

  private enqueue(task: () => Promise<void>): void {
    this.queue = this.queue.then(task);
  }

  private async keep(name: string, text: string): Promise<KeeperStatus> {
    let problem: string | null = null;
    if (this.server) {
      try {
        await this.server.write(name, text);
        this.stranded.delete(name);
        await this.browser.remove(name).catch(() => {}); // a copy too many does no harm
        return { place: "folder", problem };
      } catch (error) {
        problem = (error as Error).message;
        this.retryLater();
      }
    }
    try {
      await this.browser.write(name, text);
      this.stranded.delete(name);
      return { place: "browser", problem };
    } catch (error) {
      this.stranded.set(name, text);
      const full = `this browser's storage takes nothing (${(error as Error)?.message})`;
      return { place: "page", problem: problem ? `${problem}, and ${full}` : full };
    }
  }

  /** Of a server that is gone nothing can be listed: that is told, and asked again. */
  private async listFolder(server: RecordingStore): Promise<Listed[]> {
    try {
      return await server.list();
    } catch (error) {
      this.report({ place: "browser", problem: (error as Error).message });
      this.retryLater();
      return [];
    }
  }

  private retryLater(): void {
    if (this.retrying) return;
    this.retrying = true;
    setTimeout(() => {
      this.retrying = false;
      this.enqueue(() => this.retry());
    }, RETRY);
  }

  private reachable(): Promise<boolean> {
    return this.server!.list().then(
      () => true,
      () => false,
    );
  }

  private async retry(): Promise<void> {
    const names = (await this.browser.list().catch(() => [])).map(({ name }) => name);
    for (const name of new Set([...names, ...this.stranded.keys()])) {
      if (this.waiting.has(name)) continue; // a newer text is on its way
      const status = await this.keep(name, this.stranded.get(name) ?? (await this.browser.read(name)));
      this.report(status);
      if (status.problem) return;
    }
    // All is delivered; whether the server is there is seen by asking.
    if (await this.reachable()) this.report({ place: "folder", problem: null });
    else this.retryLater();
  }
}
