/**
 * Tiles of equal size in rows, with gaps between them, counted in cells: the feature maps of a layer, the kernels of
 * a unit, the units of a layer. Says where each cell lies, and which one lies at a place.
 */
export interface Cell {
  tile: number;
  x: number;
  y: number;
}

export class TileGrid {
  readonly columns: number;
  readonly rows: number;

  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly across: number;

  /**
   * @param width of a tile, cells
   * @param shape how much wider than high the whole is to be, about; rows are all full
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

  /** What lies at a column and row: null in a gap and outside. */
  at(column: number, row: number): Cell | null {
    const { across, width, height, gap, count } = this;
    if (column < 0 || row < 0 || column >= this.columns) return null;
    const tile = Math.floor(row / (height + gap)) * across + Math.floor(column / (width + gap));
    const x = column % (width + gap);
    const y = row % (height + gap);
    return tile < count && x < width && y < height ? { tile, x, y } : null;
  }
}
