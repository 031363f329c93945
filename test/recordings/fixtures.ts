/** Made-up episodes and pictures for the tests of the formats. */
import fc from "fast-check";
import type { Frame } from "../../env/api.ts";
import type { ActionArray, ActionForm, Episode, EpisodeEnd } from "../../recordings/episode.ts";

/** Objects as JSON.parse makes them. */
const plain = { noNullPrototype: true } as const;
const finite = { noNaN: true, noDefaultInfinity: true } as const;
const kwargs = fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.boolean(), fc.integer(), fc.string()), {
  maxKeys: 3,
  ...plain,
});
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);

function actionsOf(type: ActionForm["type"], length: number): fc.Arbitrary<ActionArray> {
  const exactly = { minLength: length, maxLength: length };
  if (type === "int32") return fc.int32Array(exactly);
  return type === "float32"
    ? fc.float32Array({ ...exactly, ...finite })
    : fc.float64Array({ ...exactly, ...finite });
}

/** Any episode that a recorder can make. */
export const anyEpisode: fc.Arbitrary<Episode> = fc
  .record({
    steps: fc.integer({ min: 1, max: 120 }),
    size: fc.integer({ min: 1, max: 4 }),
    type: fc.constantFrom("float32" as const, "float64" as const, "int32" as const),
  })
  .chain(({ steps, size, type }) =>
    fc.record(
      {
        tritrack: fc.constant("0.1.0"),
        environment: fc.record(
          { id: fc.string(), kwargs, maxEpisodeSteps: fc.option(fc.integer({ min: 1 })) },
          plain,
        ),
        seed: fc.oneof(
          fc.nat({ max: Number.MAX_SAFE_INTEGER }),
          fc.bigInt({ min: 2n ** 53n, max: 2n ** 128n }),
        ),
        options: kwargs,
        driver: fc.record(
          {
            kind: fc.constantFrom("human" as const, "expert" as const, "random" as const, "policy" as const),
            name: fc.string(),
            sha256,
            noise: fc.double({ min: 0, max: 10, ...finite }),
          },
          { requiredKeys: ["kind", "name"], ...plain },
        ),
        form: fc.constant(type === "int32" ? { type, size: 1 } : { type, size }),
        actions: actionsOf(type, type === "int32" ? steps : steps * size),
        rewards: fc.float64Array({ minLength: steps, maxLength: steps, ...finite }),
        end: fc.constantFrom<EpisodeEnd>("terminated", "truncated", "interrupted"),
        frameSha256: sha256,
      },
      plain,
    ),
  );

/** A picture with a bright square that moves 2 pixels a frame over a gradient. */
export function movingSquare(index: number, width = 64, height = 48): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = Math.abs(x - 8 - 2 * index) < 6 && Math.abs(y - height / 2) < 6;
      data.set(inside ? [250, 220, 40] : [30, Math.floor((x / width) * 200), 90], (y * width + x) * 3);
    }
  return { width, height, data };
}
