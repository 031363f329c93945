/** Worker that drives episodes of experts: receives an `ExpertTask` and a number, and answers with both and the episode. */
import { driveExpert, type ExpertTask } from "./experts.ts";

self.addEventListener("message", async ({ data }: MessageEvent<{ id: number; task: ExpertTask }>) => {
  const { id, task } = data;
  try {
    self.postMessage({ id, episode: await driveExpert(task) });
  } catch (error) {
    self.postMessage({ id, error: (error as Error).message });
  }
});
