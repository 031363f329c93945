/** The layout of a layer's weights on the page: each unit is a grid of kernels, and the layer is a grid of units. */
import { type Architecture, fanIn } from "../../../../policies/ternary/network.ts";
import { TileGrid } from "./tile-grid.ts";

/** Places of the weights of a layer. */
export interface WeightLayout {
  /** Number of units. */
  units: number;
  /** Weights per unit. */
  fanIn: number;
  /** One unit: a tile for each input channel. */
  unit: TileGrid;
  /** The whole layer: a tile for each unit. */
  layer: TileGrid;
  /** Index within the layer of the weight at a place of the whole layer; null in a gap. */
  weightAt(column: number, row: number): number | null;
  /** Index within its unit of the weight at a place of the unit; null in a gap. */
  unitWeightAt(column: number, row: number): number | null;
}

/**
 * The layout of a layer.
 * @param k index of the layer
 */
export function weightLayout({ layers }: Architecture, k: number): WeightLayout {
  const layer = layers[k];
  const before = layers[k - 1];
  // A dense layer reads pooled maps after a convolution, and single numbers after a dense layer.
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
