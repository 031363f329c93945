/** Records episodes into the folder named by the argument until it is killed; the crash test runs it as a process. */
import { make } from "../../env/index.ts";
import { FolderSink } from "../../recordings/files/recording-folder.ts";
import { Recorder } from "../../recordings/recorder.ts";

const sink = new FolderSink(process.argv[2]);
const env = new Recorder(await make("CarRacing-v3"), { driver: { kind: "human", name: "crash" }, sink });
env.reset({ seed: 5 });
for (;;) env.step([0.1, 0.2, 0]);
