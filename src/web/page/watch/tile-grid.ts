/**
 * A layout of equal tiles in rows with gaps between them: the feature maps of a layer, the kernels of a unit, the units
 * of a layer. All sizes are counted in cells.
 */

/** A cell of a tile. */
export interface Cell {
  /** Index of the tile. */
  tile: number;
  /** Column within the tile. */
  x: number;
  /** Row within the tile. */
  y: number;
}

/** Tiles in rows. */
export class TileGrid {
  /** Width of the whole. */
  readonly columns: number;
  /** Height of the whole. */
  readonly rows: number;
  /** Number of tiles. */
  readonly count: number;
  /** Width of a tile. */
  readonly width: number;
  /** Height of a tile. */
  readonly height: number;
  /** Space between two tiles. */
  readonly gap: number;
  /** Tiles per row. */
  readonly across: number;

  /**
   * @param shape approximate ratio of width to height of the whole; all rows are full. Default: 2.
   */
  constructor(count: number, width: number, height: number, gap: number, shape = 2) {
    this.count = count;
    this.width = width;
    this.height = height;
    this.gap = gap;
    let across = Math.max(1, Math.floor(Math.sqrt((shape * count * height) / width) - 1e-9));
    do across++;
    while (across < count && count % across !== 0);
    this.across = Math.min(across, count);
    this.columns = this.across * (width + gap) - gap;
    this.rows = Math.ceil(count / this.across) * (height + gap) - gap;
  }

  /** Column and row of a tile's first cell. */
  origin(tile: number): readonly [column: number, row: number] {
    const { across, width, height, gap } = this;
    return [(tile % across) * (width + gap), Math.floor(tile / across) * (height + gap)];
  }

  /** The cell at a column and row; null in a gap and outside. */
  at(column: number, row: number): Cell | null {
    const { across, width, height, gap, count } = this;
    if (column < 0 || row < 0 || column >= this.columns) return null;
    const tile = Math.floor(row / (height + gap)) * across + Math.floor(column / (width + gap));
    const x = column % (width + gap);
    const y = row % (height + gap);
    return tile < count && x < width && y < height ? { tile, x, y } : null;
  }
}
