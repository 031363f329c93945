/**
 * One step of Box2D 2.3's world (`b2World::Step`) for the car and the road: contacts, then the island of five bodies, then
 * the contacts' boxes. docs/parity.md says how it is compared with Gymnasium's.
 *
 * Each `beginWorld` is a new world. Gymnasium keeps one world over its resets, of which only the order of contacts that
 * begin in one and the same step survives: it can differ there, while states and rewards do not.
 */
import { body } from "./body.as.ts";
import { beginContacts, collide, collideHull, keepTransforms, synchronize } from "./contacts.as.ts";
import { solveIsland } from "./island.as.ts";
import { FORCE_AT, HULL_CENTER, HULL_LOCAL_CENTER, JOINT_ANGLE_AT } from "./layout.ts";

/** Completes a new world, of which tiles, car and the bodies' places and angles are in memory. */
export function beginWorld(): void {
  for (let i = 0; i < 5; i++) body(i).rotate();
  const hull = body(0);
  const x = load<f32>(HULL_LOCAL_CENTER);
  const y = load<f32>(HULL_LOCAL_CENTER + 4);
  store<f32>(HULL_CENTER, hull.cos * x - hull.sin * y + hull.x);
  store<f32>(HULL_CENTER + 4, hull.sin * x + hull.cos * y + hull.y);
  beginContacts();
  storeJointAngles();
}

export function stepWorld(): void {
  collide();
  collideHull();
  keepTransforms();
  solveIsland();
  synchronize();
  storeJointAngles();
  memory.fill(FORCE_AT, 0, 32);
}

function storeJointAngles(): void {
  for (let i = 0; i < 4; i++) store<f32>(JOINT_ANGLE_AT + 4 * i, body(1 + i).angle - body(0).angle);
}
