/**
 * The physics of CarRacing on box2d-wasm 7.0.0, which is Box2D 2.4.1 (Gymnasium's is 2.3.10): an engine of other
 * authors to check the exact one against. It differs from Gymnasium in the last bits from the first step on, since 2.4 adds
 * up masses and solves joints in another order of operations; docs/parity.md says what grows of that.
 *
 * Each engine has a WebAssembly memory of its own. That makes a snapshot exact: it is that memory, whatever Box2D
 * keeps there, warm-starting impulses and contacts included. It restores in any engine of this kind.
 */
import { HULL_POLYGONS, WHEEL_POLYGON, WHEEL_POSITIONS } from "./car-shape.ts";
import { FPS, SIZE, WHEELS } from "./core/constants.ts";
import type { WorldMemory } from "./core.ts";
import { BODY_STRIDE, BodyColumn } from "./view.ts";

type Module = typeof Box2D & EmscriptenModule;

const MAX_CORNERS = 8;
const WHEEL_CATEGORY = 0x20;
const WHEEL_MASK = 0x1;
/** Steering range of every wheel's joint, radians to either side. */
const LIMIT = 0.4;
const MAX_MOTOR_TORQUE = 180 * 900 * SIZE * SIZE;
const VELOCITY_ITERATIONS = 180;
const POSITION_ITERATIONS = 60;

/** User data of bodies: the hull and wheels by their place in `WorldMemory.bodies`, then tile i as FIRST_TILE + i. */
const FIRST_TILE = 1 + WHEELS;

/** Indices of `WorldMemory.counts`. */
const BEGUN = 0;
const HULL_BEGUN = 1;

/** Memory is saved in pages of this many bytes; those that hold only zeros are left out. */
const PAGE = 4096;

/** @param memory where the world reads its inputs and writes its outputs */
export async function createBox2DWorld(memory: WorldMemory): Promise<Box2DWorld> {
  const { default: factory } = await import("box2d-wasm");
  const listeners = nodeListeners();
  const module = (await factory(listeners ? { wasmBinary: listeners.readWasm() } : undefined)) as Module;
  listeners?.removeAdded();
  return new Box2DWorld(module, memory);
}

/**
 * Two things that the glue code of box2d-wasm does badly on Node: it fetches its .wasm by a bare path, and it adds
 * handlers that rethrow every unhandled error. Undefined in a browser, where it finds the file by URL.
 */
function nodeListeners() {
  const node = globalThis.process;
  if (!node?.versions?.node) return undefined;
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set(node.rawListeners(event)));
  return {
    readWasm(): ArrayBuffer {
      const { createRequire } = node.getBuiltinModule("node:module");
      const { readFileSync } = node.getBuiltinModule("node:fs");
      const path = createRequire(import.meta.url).resolve("box2d-wasm/dist/umd/Box2D.simd.wasm");
      return new Uint8Array(readFileSync(path)).buffer;
    },
    removeAdded(): void {
      events.forEach((event, i) => {
        for (const listener of node.rawListeners(event)) {
          if (!before[i].has(listener)) node.removeListener(event, listener as () => void);
        }
      });
    },
  };
}

/** Box2D's world reduced to the five bodies of the car, its four revolute joints and the road tiles as sensors. */
export class Box2DWorld {
  readonly #memory: WorldMemory;
  readonly #module: Module;
  readonly #vector: Box2D.b2Vec2;
  /** Address of room for a polygon's corners. */
  readonly #corners: number;
  #world: Box2D.b2World | null = null;
  #carBodies: Box2D.b2Body[] = [];
  #joints: Box2D.b2RevoluteJoint[] = [];
  readonly #listener: Box2D.JSContactListener;

  /** @see {@link createBox2DWorld} */
  constructor(module: Module, memory: WorldMemory) {
    this.#module = module;
    this.#memory = memory;
    this.#vector = new module.b2Vec2(0, 0);
    this.#corners = module._malloc(MAX_CORNERS * 8);
    this.#listener = new module.JSContactListener();
    this.#listener.BeginContact = (contact) => this.#onContact(contact, 1);
    this.#listener.EndContact = (contact) => this.#onContact(contact, -1);
    this.#listener.PreSolve = () => {};
    this.#listener.PostSolve = () => {};
  }

  /**
   * Makes the world of one episode: a static sensor body for each tile, in order, then the car where `bodies` has it.
   * @param tiles float64 [n, 8]: corners x, y of `road1_l, road1_r, road2_r, road2_l`
   */
  load(tiles: Float64Array): void {
    const { b2World, b2BodyDef, b2RevoluteJointDef, destroy } = this.#module;
    this.#destroyWorld();
    const tileCount = tiles.length / 8;
    const { bodies, touching, counts } = this.#memory;
    counts.fill(0);
    touching.fill(0);

    this.#vector.Set(0, 0);
    const world = new b2World(this.#vector);
    this.#world = world;
    world.SetContactListener(this.#listener);
    const bodyDef = new b2BodyDef();
    const makeBody = (id: number) => {
      const body = world.CreateBody(bodyDef);
      body.GetUserData().set_pointer(id);
      return body;
    };
    for (let i = 0; i < tileCount; i++) {
      this.#addPolygon(makeBody(FIRST_TILE + i), tiles.subarray(8 * i, 8 * i + 8), { sensor: true });
    }

    bodyDef.set_type(this.#module.b2_dynamicBody);
    bodyDef.set_angle(bodies[BodyColumn.angle]);
    this.#vector.Set(bodies[BodyColumn.x], bodies[BodyColumn.y]);
    bodyDef.set_position(this.#vector);
    const hull = makeBody(0);
    this.#carBodies = [hull];
    this.#joints = [];
    for (const polygon of HULL_POLYGONS) this.#addPolygon(hull, scaled(polygon), { density: 1 });
    const jointDef = new b2RevoluteJointDef();
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const [wx, wy] = scaled(WHEEL_POSITIONS[wheel]);
      const place = (1 + wheel) * BODY_STRIDE;
      this.#vector.Set(bodies[place + BodyColumn.x], bodies[place + BodyColumn.y]);
      bodyDef.set_position(this.#vector);
      const body = makeBody(1 + wheel);
      this.#addPolygon(body, scaled(WHEEL_POLYGON), { density: 0.1, wheel: true });
      jointDef.set_bodyA(hull);
      jointDef.set_bodyB(body);
      this.#vector.Set(wx, wy);
      jointDef.set_localAnchorA(this.#vector);
      jointDef.set_enableMotor(true);
      jointDef.set_enableLimit(true);
      jointDef.set_maxMotorTorque(MAX_MOTOR_TORQUE);
      jointDef.set_lowerAngle(-LIMIT);
      jointDef.set_upperAngle(LIMIT);
      this.#joints.push(this.#module.castObject(world.CreateJoint(jointDef), this.#module.b2RevoluteJoint));
      this.#carBodies.push(body);
    }
    destroy(jointDef);
    destroy(bodyDef);
    this.#readBodies();
  }

  #addPolygon(
    body: Box2D.b2Body,
    corners: ArrayLike<number>,
    { density = 0, sensor = false, wheel = false },
  ): void {
    const { b2PolygonShape, b2FixtureDef, destroy, wrapPointer, b2Vec2, HEAPF32 } = this.#module;
    HEAPF32.set(corners, this.#corners >> 2);
    const shape = new b2PolygonShape();
    shape.Set(wrapPointer(this.#corners, b2Vec2), corners.length / 2);
    const def = new b2FixtureDef();
    def.set_shape(shape);
    def.set_density(density);
    def.set_isSensor(sensor);
    if (wheel) {
      def.get_filter().set_categoryBits(WHEEL_CATEGORY);
      def.get_filter().set_maskBits(WHEEL_MASK);
    }
    body.CreateFixture(def);
    destroy(def);
    destroy(shape);
  }

  #onContact(pointer: Box2D.b2Contact | number, change: 1 | -1): void {
    const contact = this.#module.wrapPointer(pointer as number, this.#module.b2Contact);
    const a = contact.GetFixtureA().GetBody().GetUserData().get_pointer();
    const b = contact.GetFixtureB().GetBody().GetUserData().get_pointer();
    const tile = Math.max(a, b) - FIRST_TILE;
    const body = Math.min(a, b);
    const { touching, begun, hullBegun, counts } = this.#memory;
    if (body > 0) {
      touching[body - 1] += change;
      if (change > 0) begun[counts[BEGUN]++] = tile;
    } else if (change > 0) {
      hullBegun[counts[HULL_BEGUN]++] = tile;
    }
  }

  /** `b2World::Step(1/50, 180, 60)` */
  step(): void {
    const { jointAngle, motorSpeed, force, counts } = this.#memory;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const joint = this.#joints[wheel];
      joint.SetMotorSpeed(motorSpeed[wheel]);
      // 2.3's limit acts once it has been passed; 2.4's slows the joint down before it.
      joint.EnableLimit(Math.abs(jointAngle[wheel]) >= LIMIT);
      this.#vector.Set(force[2 * wheel], force[2 * wheel + 1]);
      this.#carBodies[1 + wheel].ApplyForceToCenter(this.#vector, true);
    }
    force.fill(0);
    counts.fill(0);
    this.#world?.Step(1 / FPS, VELOCITY_ITERATIONS, POSITION_ITERATIONS);
    this.#readBodies();
  }

  #readBodies(): void {
    const { getPointer, HEAPF32 } = this.#module;
    const { bodies, jointAngle } = this.#memory;
    for (let i = 0; i <= WHEELS; i++) {
      const body = this.#carBodies[i];
      // b2Transform is position x, y, then sine and cosine.
      const transform = getPointer(body.GetTransform()) >> 2;
      const velocity = getPointer(body.GetLinearVelocity()) >> 2;
      const o = i * BODY_STRIDE;
      bodies[o] = HEAPF32[transform];
      bodies[o + 1] = HEAPF32[transform + 1];
      bodies[o + 2] = body.GetAngle();
      bodies[o + 3] = HEAPF32[velocity];
      bodies[o + 4] = HEAPF32[velocity + 1];
      bodies[o + 5] = body.GetAngularVelocity();
      bodies[o + 6] = HEAPF32[transform + 2];
      bodies[o + 7] = HEAPF32[transform + 3];
    }
    for (let wheel = 0; wheel < WHEELS; wheel++) jointAngle[wheel] = this.#joints[wheel].GetJointAngle();
  }

  /** The whole world: addresses of world, bodies and joints and the tiles touched, then the pages of memory that are not all zero. */
  snapshot(): Uint8Array {
    const { getPointer, HEAPU8 } = this.#module;
    const words = new Float64Array(HEAPU8.buffer);
    const wordsPerPage = PAGE / 8;
    const pages: number[] = [];
    for (let page = 0; page < HEAPU8.length / PAGE; page++) {
      const end = (page + 1) * wordsPerPage;
      let word = page * wordsPerPage;
      // NaN is not zero either.
      while (word < end && words[word] === 0 && !Object.is(words[word], -0)) word++;
      if (word < end) pages.push(page);
    }
    const header = Int32Array.of(
      ...this.#memory.touching,
      getPointer(this.#world as Box2D.b2World),
      ...this.#carBodies.map((body) => getPointer(body)),
      ...this.#joints.map((joint) => getPointer(joint)),
      pages.length,
      ...pages,
    );
    const state = new Uint8Array(header.byteLength + pages.length * PAGE);
    state.set(new Uint8Array(header.buffer));
    pages.forEach((page, i) => {
      state.set(HEAPU8.subarray(page * PAGE, (page + 1) * PAGE), header.byteLength + i * PAGE);
    });
    return state;
  }

  /** Takes the snapshot of any world of this kind. */
  restore(state: Uint8Array): void {
    const { wrapPointer, HEAPU8, b2World, b2Body, b2RevoluteJoint } = this.#module;
    // A copy: a snapshot read from a file need not lie at a multiple of four.
    const header = new Int32Array(state.slice(0, 4 * Math.floor(state.length / 4)).buffer);
    let at = 0;
    for (let wheel = 0; wheel < WHEELS; wheel++) this.#memory.touching[wheel] = header[at++];
    this.#world = wrapPointer(header[at++], b2World);
    this.#carBodies = Array.from({ length: 1 + WHEELS }, () => wrapPointer(header[at++], b2Body));
    this.#joints = Array.from({ length: WHEELS }, () => wrapPointer(header[at++], b2RevoluteJoint));
    const pageCount = header[at++];
    const pages = header.subarray(at, at + pageCount);
    at += pageCount;
    HEAPU8.fill(0);
    pages.forEach((page, i) => {
      HEAPU8.set(state.subarray(4 * at + i * PAGE, 4 * at + (i + 1) * PAGE), page * PAGE);
    });
    this.#memory.counts.fill(0);
    this.#readBodies();
  }

  /** The world's destructor frees its bodies, fixtures and joints; what it allocated goes back to its heap. */
  #destroyWorld(): void {
    if (this.#world) this.#module.destroy(this.#world);
    this.#world = null;
  }

  /** Frees native memory; the world is unusable afterwards. */
  free(): void {
    this.#destroyWorld();
    this.#carBodies = [];
    this.#joints = [];
  }
}

function scaled(corners: readonly number[]): number[] {
  return corners.map((value) => value * SIZE);
}
