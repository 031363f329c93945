/** A thread of `threads-node.ts`: for every engine that is asked for, a DeltaEngine on its share of the inputs. */

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { looksFor, waitWhile } from "../../../env/thread-node.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { countExamples } from "../../data/examples.ts";
import { readCandidates } from "./candidates.ts";
import { DeltaEngine } from "./delta-engine.ts";

import { measures } from "./fitness.ts";
import {
  ANSWERED,
  APPLY,
  ASKED,
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
  rangeOf,
  SUM,
  shareOf,
  TO,
} from "./thread-protocol-node.ts";

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
  else
    sums.set(
      engine.sums(measure, layer, readCandidates(candidates, control[COUNT]), range),
      share * MOST_CANDIDATES,
    );
}
