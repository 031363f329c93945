/** Registers environments that misbehave, for the server's tests. */
import { Discrete } from "../../../env/index.ts";
import { register } from "../../../env/registry.ts";

for (const id of ["Endless-v0", "Hungry-v0"]) {
  register({
    id,
    entryPoint: () => ({
      observationSpace: new Discrete(2),
      actionSpace: new Discrete(2),
      metadata: { renderModes: [], renderFps: 1 },
      renderMode: null,
      spec: null,
      get unwrapped() {
        return this;
      },
      reset: () => ({ observation: 0, info: {} }),
      step() {
        if (id === "Endless-v0") for (;;);
        const kept: number[][] = [];
        while (id === "Hungry-v0") kept.push(Array(1000).fill(kept.length));
        return { observation: 1, reward: 0, terminated: false, truncated: false, info: {} };
      },
      render: () => null,
      close() {},
    }),
  });
}
