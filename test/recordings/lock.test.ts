/** Tests of locks: one writer at a time, and a killed writer's leftovers do not hinder the next. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sweepFolder, sweepTemporaries, temporaryName } from "../../recordings/files/atomic.ts";
import { lockFile, lockFolder } from "../../recordings/files/lock.ts";

let folder: string;
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-lock-"));
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

/** A process that locks the folder, or a part of the work in it. @returns it and the line it says */
async function holder(part?: string): Promise<{ child: ChildProcess; line: string }> {
  const script = join(import.meta.dirname, "hold-lock.ts");
  const args = ["--import", "tsx", script, folder, ...(part === undefined ? [] : [part])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout! }), "line");
  return { child, line };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** The message of the error that a call throws. */
function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

const lockPath = () => join(folder, ".tritrack.lock");
const refusal = (who: string) =>
  `${folder}: expected no other writer, got ${who}; wait until it has ended or choose another place`;

test("a second writer is refused with the first one's process id, and let in once the first gives up", async () => {
  const { child, line } = await holder();
  expect(line).toBe("held");
  expect(messageOf(() => lockFolder(folder))).toBe(refusal(`process ${child.pid}`));
  child.kill("SIGKILL");
  await once(child, "exit");
  const lock = lockFolder(folder);
  expect(messageOf(() => lockFolder(folder))).toBe(refusal("this process"));
  lock.release();
  lock.release();
  lockFolder(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test("exactly one of many processes that meet a stale lock gets it", async () => {
  await kill((await holder()).child);
  expect(existsSync(lockPath())).toBe(true);
  const all = await Promise.all(Array.from({ length: 8 }, () => holder()));
  const [winner, ...others] = all.filter(({ line }) => line === "held");
  expect(others).toEqual([]);
  for (const { line } of all.filter((one) => one !== winner))
    expect(line).toBe(refusal(`process ${winner.child.pid}`));
  expect(readdirSync(folder)).toEqual([".tritrack.lock"]);
});

test.runIf(process.platform === "linux")("a process id that another program took over since is stale", () => {
  const owner = { pid: process.pid, started: "1", host: hostname(), id: "earlier" };
  writeFileSync(lockPath(), JSON.stringify(owner));
  lockFolder(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "the lock of a killed process whose parent does not ask for its end is stale",
  async () => {
    // In a container without an init process such a lock held for ever.
    const script = join(import.meta.dirname, "hold-lock.ts");
    const holding = `"$0" --import tsx "$1" "$2" & echo $!; exec sleep 60`;
    const parent = spawn("sh", ["-c", holding, process.execPath, script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(parent);
    const lines = createInterface({ input: parent.stdout! })[Symbol.asyncIterator]();
    const pid = Number((await lines.next()).value);
    expect((await lines.next()).value).toBe("held");
    process.kill(pid, "SIGKILL");
    const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8");
    while (!stat().includes(") Z ")) await sleep(5);
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  },
);

test("a lock from another host holds, and the message says how to remove it", () => {
  writeFileSync(
    lockPath(),
    JSON.stringify({ pid: 2 ** 22 + 1, started: null, host: "far-\u001b[31m", id: "x" }),
  );
  expect(messageOf(() => lockFolder(folder))).toBe(
    `${folder}: expected no other writer, got process ${2 ** 22 + 1} on host "far-\\u001b[31m"; if it has ended, remove ${lockPath()}`,
  );
  expect(existsSync(lockPath())).toBe(true);
});

test.each([
  ["nothing", ""],
  ["half a lock", '{"pid": 1'],
  ["another file", "x".repeat(10_000)],
  // Regression: the system takes 0 and -1 for groups of processes, some of which always runs.
  ["no process", JSON.stringify({ pid: -1, started: null, host: hostname(), id: "x" })],
])("a lock file that holds %s is replaced", (_, contents) => {
  writeFileSync(lockPath(), contents);
  lockFolder(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test("parts of the work lock beside each other, and exclude the whole", async () => {
  const { child, line } = await holder("share-1-of-2");
  expect(line).toBe("held");
  expect(messageOf(() => lockFolder(folder))).toBe(refusal(`process ${child.pid}`));
  const second = lockFolder(folder, "share-2-of-2");
  expect(messageOf(() => lockFolder(folder, "share-1-of-2"))).toBe(refusal(`process ${child.pid}`));
  await kill(child);
  expect(messageOf(() => lockFolder(folder))).toBe(refusal("this process"));
  second.release();
  const whole = lockFolder(folder);
  expect(messageOf(() => lockFolder(folder, "share-2-of-2"))).toBe(refusal("this process"));
  whole.release();
});

test("an output file of any name has its lock beside it", () => {
  const path = join(folder, "12:30.mp4");
  const lock = lockFile(path);
  expect(readdirSync(folder)).toEqual([".12:30.mp4.lock"]);
  expect(() => lockFile(path)).toThrow(/12:30\.mp4: expected no other writer, got this process; /);
  lockFile(join(folder, "other.mp4")).release();
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  expect(messageOf(() => lockFile(join(folder, "none", "x.mp4")))).toBe(
    `${join(folder, "none", "x.mp4")}: there is no folder ${join(folder, "none")}`,
  );
});

test("temporary files of killed processes are removed, those of living ones and of other hosts stay", () => {
  const path = join(folder, "lap.mp4");
  const own = basename(temporaryName(path));
  // No process has a number above the system's greatest, 2^22.
  const dead = own.replace(/-\d+-/, `-${2 ** 22 + 1}-`);
  const far = dead.replace(/[0-9a-f]{6}-/, (host) => `${host === "000000-" ? "111111-" : "000000-"}`);
  const others = dead.replace("lap.mp4", "other.mp4");
  for (const name of [own, dead, far, others, "mine.tmp"]) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), 1, 1);
  }
  sweepTemporaries(path);
  expect(readdirSync(folder).sort()).toEqual([own, far, others, "mine.tmp"].sort());
  sweepFolder(folder);
  expect(readdirSync(folder).sort()).toEqual([own, far, "mine.tmp"].sort());
});

test.runIf(process.platform === "linux")(
  "where nothing can be written the folder and the reason are named",
  () => {
    let error: NodeJS.ErrnoException = new Error("none");
    try {
      lockFolder("/sys");
    } catch (caught) {
      error = caught as NodeJS.ErrnoException;
    }
    expect(error.path).toBe("/sys");
    expect(["EACCES", "EPERM", "EROFS"]).toContain(error.code);
  },
);

test("the lock goes with the process that ends in order", async () => {
  const code = `import(${JSON.stringify(join(import.meta.dirname, "../../recordings/files/lock.ts"))}).then(({ lockFolder }) => lockFolder(${JSON.stringify(folder)}))`;
  const child = spawn(process.execPath, ["--import", "tsx", "-e", code], { stdio: "inherit" });
  const [status] = await once(child, "exit");
  expect(status).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});
