/** What wrappers of array observations share. */
import { shorten } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Box, type TypedArray } from "../spaces.ts";

/** The environment's observation space as a Box. @throws {@link InvalidOption} naming the wrapper */
export function boxObservations(wrapper: string, env: { observationSpace: unknown }): Box {
  const space = env.observationSpace;
  if (space instanceof Box) return space;
  throw new InvalidOption(
    `${wrapper}: expected an environment with Box observations, got ${shorten(String(space))}`,
  );
}

/** The same, of RGB or grey pictures: uint8, 0 to 255, of the given numbers of axes. */
export function pictureObservations(
  wrapper: string,
  env: { observationSpace: unknown },
  axes: number[],
): Box {
  const space = boxObservations(wrapper, env);
  if (space.dtype === "uint8" && axes.includes(space.shape.length)) return space;
  throw new InvalidOption(
    `${wrapper}: expected pictures of uint8 with ${axes.join(" or ")} axes, got ${shorten(String(space))}`,
  );
}

/** An empty array of the same type. */
export function emptyLike<T extends TypedArray>(array: T, length: number): T {
  return new (array.constructor as new (length: number) => T)(length);
}

/** An array for one element of a space: of zeros, or over memory that is given. */
export function arrayOf<T extends TypedArray>(space: Box, buffer?: ArrayBufferLike, byteOffset = 0): T {
  const Type = space.low.constructor as new (
    of: ArrayBufferLike | number,
    from?: number,
    length?: number,
  ) => T;
  return buffer ? new Type(buffer, byteOffset, space.size) : new Type(space.size);
}
