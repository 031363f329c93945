/** Helpers of the wrappers and vectors whose observations are arrays. */
import { shorten } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { type Arrays, Box, type DType, type TypedArray } from "../spaces.ts";

/**
 * The observation space of an environment, which must be a Box.
 * @param wrapper name of the wrapper, for the error
 * @throws {@link InvalidOption} on another space
 */
export function boxObservations(wrapper: string, env: { observationSpace: unknown }): Box {
  const space = env.observationSpace;
  if (space instanceof Box) return space;
  throw new InvalidOption(
    `${wrapper}: expected an environment with Box observations, got ${shorten(String(space))}`,
  );
}

/** The same for a Box of numbers; wrappers that calculate take none of bigints. */
export function numberObservations(wrapper: string, env: { observationSpace: unknown }): Box {
  const space: Box<DType> = boxObservations(wrapper, env);
  if (space.dtype !== "int64" && space.dtype !== "uint64") return space as Box;
  throw new InvalidOption(`${wrapper}: expected observations of numbers, not of bigints, got ${space}`);
}

/**
 * The same for RGB or grey pictures: uint8, 0 to 255.
 * @param axes numbers of axes that are taken
 */
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

/** An array of zeros, of the same type as another. */
export function emptyLike<T extends TypedArray>(array: T, length: number): T {
  return new (array.constructor as new (length: number) => T)(length);
}

/**
 * An array for one element of a space.
 * @param buffer memory to put it in. Default: its own, filled with zeros.
 * @param byteOffset where in `buffer` it begins, bytes. Default: 0.
 */
export function arrayOf<T extends Arrays[DType]>(
  space: Box<DType>,
  buffer?: ArrayBufferLike,
  byteOffset = 0,
): T {
  const Type = space.low.constructor as new (
    of: ArrayBufferLike | number,
    from?: number,
    length?: number,
  ) => T;
  return buffer ? new Type(buffer, byteOffset, space.size) : new Type(space.size);
}
