// A host of the core in JavaScript without tritrack: node host.mjs carracing.wasm SEED ACTIONS. See docs/core.md.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

class CarRacing {
  constructor(module, { domainRandomize = false } = {}) {
    this.core = new WebAssembly.Instance(module).exports;
    this.memory = new DataView(this.core.memory.buffer);
    this.observation = new Uint8Array(this.core.memory.buffer, this.core.OBSERVATION.value, 96 * 96 * 3);
    this.memory.setInt32(this.core.OPTIONS.value + 16, Number(domainRandomize), true);
    if (this.core.create() !== 0) throw new Error("an option is out of its range");
  }

  reset(seed) {
    let words = 0;
    for (let rest = BigInt(seed); rest > 0n; rest >>= 32n) {
      this.memory.setUint32(this.core.SEED.value + 4 * words++, Number(rest & 0xffffffffn), true);
    }
    if (this.core.seed(words) !== 0 || this.core.reset(1) !== 0) throw new Error("the seed is too long");
    return this.observation;
  }

  step(steer, gas, brake) {
    const flags = this.core.step(steer, gas, brake);
    const reward = this.memory.getFloat64(this.core.EPISODE.value, true);
    return { observation: this.observation, reward, terminated: (flags & 1) > 0, truncated: (flags & 2) > 0 };
  }
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const [file, seed, ...actions] = process.argv.slice(2);
const env = new CarRacing(new WebAssembly.Module(readFileSync(file)));
console.log(sha256(env.reset(seed)));
for (const action of actions) {
  const { observation, reward, terminated, truncated } = env.step(...action.split(",").map(Number));
  console.log(sha256(observation), reward, terminated, truncated);
}
