/** Tests of the view for people: before a drive it shows the whole of any track. */
import { expect, test } from "vitest";
import { CarRacing } from "../../env/index.ts";
import { overview } from "../../src/web/page/stage/scene.ts";

test.each([
  [960, 640],
  [374, 250],
])(
  "every tile of every track is on a view of %i × %i, and one side is nearly filled",
  async (width, height) => {
    const car = await CarRacing.create({ observations: false });
    for (let seed = 0; seed < 20; seed++) {
      car.reset({ seed });
      const angle = car.bodyState()[2];
      const { zoom, place } = overview(car.track, angle, width, height);
      const places = Array.from({ length: car.track.length / 4 }, (_, i) =>
        place(car.track[4 * i + 2], car.track[4 * i + 3]),
      );
      const [columns, rows] = [places.map(([column]) => column), places.map(([, row]) => row)];
      for (const [places, side] of [
        [columns, width],
        [rows, height],
      ] as const) {
        // The middle of the road keeps away from the edge by more than the road's half width, 6.7 units.
        expect(Math.min(...places)).toBeGreaterThan(7 * zoom);
        expect(Math.max(...places)).toBeLessThan(side - 7 * zoom);
      }
      const filled = Math.max(
        ...[columns, rows].map((all, k) => (Math.max(...all) - Math.min(...all)) / [width, height][k]),
      );
      expect(filled).toBeGreaterThan(0.8);
      // Ahead of the car is up.
      const [x, y] = car.bodyState();
      expect(place(x - Math.sin(angle), y + Math.cos(angle))[1]).toBeCloseTo(place(x, y)[1] - zoom, 9);
    }
    car.close();
  },
);
