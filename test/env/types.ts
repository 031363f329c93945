/** Tests of types, checked by tsc: code that must compile, and code that must not. Nothing calls these functions. */
import {
  type Box,
  type CarRacingEnv,
  ClipAction,
  type Env,
  FrameStack,
  GrayscaleObservation,
  type Info,
  make,
  NO_ACTION,
  RescaleAction,
  StickyAction,
  SyncVectorEnv,
  TimeAware,
} from "../../env/index.ts";
import type { RemoteVectorEnv } from "../../env/node.ts";
import type { Policy } from "../../policies/policy.ts";

/** Fails to compile unless both types are the same. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const same = <A, B>(isSame: Same<A, B>) => isSame;

export async function neverCalled() {
  const plain = await make("CarRacing-v3");
  // @ts-expect-error: without infoExtras nothing is known of an info
  const speed: number = plain.reset().info.speed;
  same<typeof plain, CarRacingEnv<Info>>(true);

  const own = await make<Float32Array, number>("Own-v1", { any: "option" });
  same<typeof own, Env<Float32Array, number>>(true);
  const reward: number = own.step(3).reward;
  // @ts-expect-error: its actions are numbers
  own.step([3]);
  // @ts-expect-error: its actions are no arrays
  new RescaleAction(own, -1, 1);
  // @ts-expect-error: its actions are no arrays
  new ClipAction(own);
  same<Awaited<ReturnType<typeof make<unknown, unknown>>>, Env<unknown, unknown>>(true);

  const stacked = new FrameStack(new GrayscaleObservation(await make("CarRacing-v3")), 4);
  stacked.step([0, 1, 0]);
  new StickyAction(stacked, 0.25).step([0, 1, 0]);
  new TimeAware(await make("CarRacing-v3")).step([0, 1, 0]);
  new ClipAction(new RescaleAction(new FrameStack(plain, 4), -1, 1)).step(Float64Array.of(0, 1, 0));
  plain.unwrapped.step(NO_ACTION);
  // @ts-expect-error: null is a slip more often than a step without an action
  plain.step(null);
  // @ts-expect-error: an observation of FrameStack is an array
  stacked.reset().observation.obs;

  const vector = new SyncVectorEnv([plain, await make("CarRacing-v3")]);
  const rewards: Float64Array = vector.step([
    [0, 1, 0],
    [0, 1, 0],
  ]).rewards;
  const remote = null as unknown as RemoteVectorEnv<Float32Array, number>;
  remote.step([1, 2]);
  // @ts-expect-error: its actions are numbers
  remote.step(["1"]);

  const policy: Policy = { name: "own", reset() {}, act: () => [0, 1, 0] };
  plain.step(policy.act(new Uint8Array()));
  const chooser: Policy<Float32Array, number> = { name: "own", reset() {}, act: () => 2 };
  // @ts-expect-error: it sees floats
  chooser.act(new Uint8Array());

  const box = null as unknown as Box<"int64">;
  const low: bigint = box.low[0];
  return [speed, reward, rewards, low];
}
