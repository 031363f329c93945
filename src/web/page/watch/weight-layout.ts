/** How the weights of a layer lie on the page: each unit a grid of kernels, and the units a grid of those. */
import { type Architecture, fanIn } from "../../../../policies/ternary/network.ts";
import { TileGrid } from "./tile-grid.ts";

export interface WeightLayout {
  units: number;
  /** Weights of a unit. */
  fanIn: number;
  /** One unit: a tile for each input channel. */
  unit: TileGrid;
  /** The whole layer: a tile for each unit. */
  layer: TileGrid;
  /** Index, within the layer, of the weight at a place of the whole layer; null in a gap. */
  weightAt(column: number, row: number): number | null;
  /** Index, within its unit, of the weight at a place of the unit; null in a gap. */
  unitWeightAt(column: number, row: number): number | null;
}

/** @param k index of the layer */
export function weightLayout({ layers }: Architecture, k: number): WeightLayout {
  const layer = layers[k];
  const before = layers[k - 1];
  // A dense layer after a convolution reads its pooled maps; after another, single numbers.
  const tiles = layer.kind === "conv" ? layer.in : before.kind === "conv" ? before.out : layer.in;
  const side = Math.sqrt(fanIn(layer) / tiles);
  const unit = new TileGrid(tiles, side, side, side > 1 ? 1 : 0);
  const whole = new TileGrid(layer.out, unit.columns, unit.rows, 2, 1.5);
  const unitWeightAt = (column: number, row: number) => {
    const cell = unit.at(column, row);
    return cell && (cell.tile * side + cell.y) * side + cell.x;
  };
  return {
    units: layer.out,
    fanIn: fanIn(layer),
    unit,
    layer: whole,
    unitWeightAt,
    weightAt: (column, row) => {
      const place = whole.at(column, row);
      const within = place && unitWeightAt(place.x, place.y);
      return place && within !== null ? place.tile * fanIn(layer) + within : null;
    },
  };
}
