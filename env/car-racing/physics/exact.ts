/**
 * The exact engine, and the default: Box2D 2.3's world step for the car and the road, float32 for float32 the same
 * bits as Gymnasium's. This file fills and reads the memory of the solver, which is a WebAssembly kernel
 * (kernels/solver.as.ts) or, slower and for comparison, its twin in TypeScript (kernels/solver-twin.ts).
 *
 * Each `load` begins as a new `b2World` would. Gymnasium keeps one world over its resets, of which only the order of
 * contacts that begin in one and the same step survives: it can differ there, while states and rewards do not.
 */
import { TritrackError } from "../../errors.ts";
import { instantiateKernel } from "../../wasm.ts";
import { SIZE, WHEEL_POSITIONS } from "../car-shape.ts";
import kernel from "../kernels/solver.wasm.ts";
import * as at from "../kernels/solver-layout.ts";
import { createSolverTwin, type Solver } from "../kernels/solver-twin.ts";
import { convexHull, hullShape, wheelShape } from "./exact-shapes.ts";
import { BODY_STRIDE, BodyColumn, type Physics } from "./physics.ts";

export interface ExactPhysicsOptions {
  /** Run the twin in plain TypeScript: the same bits, some fifty times slower. Default false. */
  twin?: boolean;
}

/** Loads the engine. Its world is empty until `load`. */
export async function createExactPhysics({ twin = false }: ExactPhysicsOptions = {}): Promise<Physics> {
  return new SolverPhysics(twin ? createSolverTwin() : await instantiateKernel<Solver>(kernel));
}

const PAGE = 65536;
const corners = new Float32Array(8);

class SolverPhysics implements Physics {
  readonly name = "exact";
  bodies!: Float32Array;
  jointAngle!: Float32Array;
  touching!: Int32Array;
  begun!: Int32Array;
  hullBegun!: Int32Array;
  motorSpeed!: Float32Array;
  force!: Float32Array;
  readonly #solver: Solver;
  #ints!: Int32Array;
  #bytes!: Uint8Array;
  #floats!: Float32Array;

  constructor(solver: Solver) {
    this.#solver = solver;
    this.#reserve(0);
    this.#writeCar();
  }

  get begunCount(): number {
    return this.#ints[at.BEGUN_COUNT >> 2];
  }

  /** A tile that was touched before, by the hull or a wheel, does not count again: it is painted already. */
  get hullBegunCount(): number {
    return this.#ints[at.HULL_BEGUN_COUNT >> 2];
  }

  load(tiles: Float64Array, angle: number, x: number, y: number): void {
    const count = tiles.length / 8;
    this.#reserve(count);
    this.#bytes.fill(0, at.HULL_BEGUN_COUNT, at.CAR);
    this.#bytes.fill(0, at.TILES, at.contactsOffset(count));
    this.#ints[at.TILE_COUNT >> 2] = count;
    this.#place(0, x, y, angle);
    WHEEL_POSITIONS.forEach(([wx, wy], wheel) => {
      this.#place(1 + wheel, x + wx * SIZE, y + wy * SIZE, angle);
    });
    for (let i = 0; i < count; i++) {
      const tile = (at.TILES + at.TILE_BYTES * i) >> 2;
      for (let k = 0; k < 8; k++) corners[k] = tiles[8 * i + k];
      this.#ints[tile + (at.TILE_VERTICES >> 2)] = convexHull(corners, this.#floats, tile);
    }
    this.#solver.begin();
  }

  step(): void {
    this.#solver.step();
  }

  snapshot(): Uint8Array {
    const end = at.contactsOffset(this.#ints[at.TILE_COUNT >> 2]) + 4 * this.#ints[at.CONTACT_COUNT >> 2];
    return this.#bytes.slice(at.STATE, end);
  }

  /** Takes the snapshot of any engine of this kind, kernel or twin, whatever track it was made on. */
  restore(state: Uint8Array): void {
    const header = new DataView(state.buffer, state.byteOffset, state.byteLength);
    const tiles = state.length < at.TILES - at.STATE ? -1 : header.getInt32(at.TILE_COUNT - at.STATE, true);
    const contacts = tiles < 0 ? -1 : header.getInt32(at.CONTACT_COUNT - at.STATE, true);
    if (contacts < 0 || state.length !== at.contactsOffset(tiles) + 4 * contacts - at.STATE) {
      throw new TritrackError("expected a snapshot of the exact engine, as its snapshot() returns it");
    }
    this.#reserve(tiles);
    this.#bytes.set(state, at.STATE);
    this.#ints[at.BEGUN_COUNT >> 2] = 0;
    this.#ints[at.HULL_BEGUN_COUNT >> 2] = 0;
  }

  free(): void {
    // The memory is the garbage collector's.
  }

  /** Makes the memory large enough for `tiles` tiles; views are new only where they must be. */
  #reserve(tiles: number): void {
    const { memory } = this.#solver;
    const missing = at.memorySize(tiles) - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const { buffer } = memory;
    const grown = buffer !== this.#bytes?.buffer;
    if (grown) {
      this.#bytes = new Uint8Array(buffer);
      this.#ints = new Int32Array(buffer);
      this.#floats = new Float32Array(buffer);
      this.bodies = new Float32Array(buffer, at.BODIES, 5 * BODY_STRIDE);
      this.jointAngle = new Float32Array(buffer, at.JOINT_ANGLE, 4);
      this.touching = new Int32Array(buffer, at.TOUCHING, 4);
      this.motorSpeed = new Float32Array(buffer, at.MOTOR_SPEED, 4);
      this.force = new Float32Array(buffer, at.FORCE, 8);
    }
    if (grown || this.hullBegun.length !== tiles) {
      this.begun = new Int32Array(buffer, at.begunOffset(tiles), 4 * tiles);
      this.hullBegun = new Int32Array(buffer, at.hullBegunOffset(tiles), tiles);
    }
  }

  #place(body: number, x: number, y: number, angle: number): void {
    const offset = body * BODY_STRIDE;
    this.bodies[offset + BodyColumn.x] = x;
    this.bodies[offset + BodyColumn.y] = y;
    this.bodies[offset + BodyColumn.angle] = angle;
  }

  #writeCar(): void {
    const write = (offset: number, ...values: number[]) => this.#floats.set(values, offset >> 2);
    write(at.HULL_INV_MASS, hullShape.inverseMass);
    write(at.HULL_INV_INERTIA, hullShape.inverseInertia);
    write(at.WHEEL_INV_MASS, wheelShape.inverseMass);
    write(at.WHEEL_INV_INERTIA, wheelShape.inverseInertia);
    write(at.HULL_LOCAL_CENTER, hullShape.centerX, hullShape.centerY);
    WHEEL_POSITIONS.forEach(([x, y], wheel) => {
      const anchorX = Math.fround(x * SIZE) - hullShape.centerX;
      const anchorY = Math.fround(y * SIZE) - hullShape.centerY;
      write(at.ANCHOR + 8 * wheel, anchorX, anchorY);
    });
    [...hullShape.polygons, ...wheelShape.polygons].forEach((polygon, i) => {
      const offset = at.POLYGONS + at.POLYGON_BYTES * i;
      this.#floats.set(polygon, offset >> 2);
      this.#ints[(offset + at.POLYGON_COUNT) >> 2] = polygon.length / 2;
    });
  }
}
