/** Tests that control characters of a file never reach the terminal. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { EPISODE_SUFFIX, type Episode, formatEpisode } from "../../recordings/episode.ts";
import { errorLine } from "../../src/cli/common/errors.ts";
import inspectCommand from "../../src/cli/inspect.ts";

const HOSTILE = `\x1b]0;owned\x07\x9b31m\u202e${"x".repeat(500)}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

let folder: string;
let shown: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-terminal-"));
  shown = "";
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      shown += text;
      return true;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function inspect(path: string, ...flags: string[]): Promise<string> {
  shown = "";
  const command = inspectCommand().option("--json");
  await command.parseAsync([path, ...flags], { from: "user" });
  return shown;
}

function recording(): Episode {
  return {
    tritrack: HOSTILE,
    environment: { id: HOSTILE, kwargs: { [HOSTILE]: HOSTILE }, maxEpisodeSteps: null },
    seed: 1,
    options: {},
    driver: { kind: "human", name: HOSTILE },
    form: { type: "int32", size: 1 },
    actions: Int32Array.of(0),
    rewards: Float64Array.of(0),
    end: "interrupted",
    frameSha256: "0".repeat(64),
  };
}

test("inspect escapes control characters of a recording, a folder and a network, as text and as JSON", async () => {
  const path = join(folder, `\x1b[2J${EPISODE_SUFFIX}`);
  writeFileSync(path, formatEpisode(recording()));
  writeFileSync(join(folder, `\x1b[3J${EPISODE_SUFFIX}`), `{"format": ${JSON.stringify(HOSTILE)}}`);
  const network = randomNetwork(mnistArchitecture, 90, 1);
  const file = join(folder, "x.safetensors");
  writeFileSync(file, writeNetwork({ ...network, metadata: { [HOSTILE]: HOSTILE } }));
  for (const what of [path, folder, file])
    for (const flags of [[], ["--json"]]) {
      const text = await inspect(what, ...flags);
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toMatch(OBEYED);
      if (flags.length > 0) expect(text).toContain("\\u001b");
      else expect(text).toContain("\\x1b");
    }
});

test("errors of files and of the system are one printable line", () => {
  const missing = Object.assign(new Error(HOSTILE), { code: "ENOENT", path: HOSTILE });
  for (const error of [
    missing,
    new Error(`${HOSTILE}\n${HOSTILE}`),
    new RangeError(`array length ${HOSTILE}`),
  ]) {
    expect(errorLine(error)).not.toMatch(OBEYED);
    expect(errorLine(error)).not.toContain("\n");
  }
});
