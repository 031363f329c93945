/** A thread of engine-threads.ts: a DeltaEngine on its share of the inputs for every engine that is asked for. */

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { looksFor, waitWhile } from "../../../env/thread-node.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { countExamples } from "../../data/examples.ts";
import { DeltaEngine } from "./delta-engine.ts";

import type { Candidate } from "./fitness-engine.ts";
import {
  ANSWERED,
  APPLY,
  ASKED,
  CANDIDATE_WORDS,
  COMMAND,
  COUNT,
  CREATE,
  type CreateMessage,
  DROP,
  ENGINE,
  type EngineSetup,
  FAILED,
  FROM,
  LAYER,
  MEASURE,
  MOST_CANDIDATES,
  measures,
  rangeOf,
  SUM,
  shareOf,
  TO,
} from "./thread-protocol.ts";

const { share, shares, control, candidates, sums, port } = workerData as EngineSetup;
const looks = looksFor(shares);
const engines = new Map<number, DeltaEngine>();

parentPort?.postMessage("ready");
for (let asked = 0; ; asked = (asked + 1) | 0) {
  waitWhile(control, ASKED, asked, { looks });
  try {
    await obey(control[COMMAND]);
  } catch (error) {
    port.postMessage(error instanceof Error ? error.message : String(error));
    Atomics.store(control, FAILED, 1);
  }
  Atomics.add(control, ANSWERED, 1);
  Atomics.notify(control, ANSWERED);
}

async function obey(command: number): Promise<void> {
  const id = control[ENGINE];
  if (command === CREATE) {
    const { network, data, layers, totalWeight } = receiveMessageOnPort(port)!.message as CreateMessage;
    const part = shareOf(data, countExamples(data), share, shares);
    engines.set(id, await DeltaEngine.create(network, part, layers, totalWeight));
    return;
  }
  if (command === DROP) {
    engines.get(id)?.close();
    engines.delete(id);
    return;
  }
  const engine = engines.get(id)!;
  const layer = engine.network.architecture.layers[control[LAYER]]?.name;
  const measure = measures[control[MEASURE]];
  if (command === APPLY) {
    const [remove, add, sign, removedSign] = candidates;
    await engine.apply({ layer, remove, add, sign, removedSign } as Swap);
    return;
  }
  const range = rangeOf([control[FROM], control[TO]], share, shares, engine.size);
  if (command === SUM) sums[share * MOST_CANDIDATES] = engine.sum(measure, range);
  else sums.set(engine.sums(measure, layer, readCandidates(), range), share * MOST_CANDIDATES);
}

function readCandidates(): Candidate[] {
  return Array.from({ length: control[COUNT] }, (_, i) => {
    const at = i * CANDIDATE_WORDS;
    const first = { index: candidates[at], change: candidates[at + 1] };
    const change = candidates[at + 3];
    return change === 0 ? [first] : [first, { index: candidates[at + 2], change }];
  });
}
