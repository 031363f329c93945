// asc: --use abort=
/** The core, with exports of the parts that tests try one by one. */
export * from "../../../env/car-racing/core/carracing.as";
export { brake, gas, resetCar, steer, stepCar } from "../../../env/car-racing/core/car.as";
export { cosine as cosf, sincos, sine as sinf } from "../../../env/car-racing/core/float-trigonometry.as";
export { atan2, cosine, roughAtan2, sinCos, sine } from "../../../env/car-racing/core/math.as";
export { fill, flip } from "../../../env/car-racing/core/raster.as";
export { POINTS, TEXT } from "../../../env/car-racing/core/raster-memory.as";
export { line, polygon } from "../../../env/car-racing/core/raster-polygons.as";
export { smoothQuad } from "../../../env/car-racing/core/raster-quads.as";
export { observePicture, renderPicture } from "../../../env/car-racing/core/raster-shrink.as";
export { text } from "../../../env/car-racing/core/raster-text.as";
export { paintScene } from "../../../env/car-racing/core/scene.as";
export { setScore, textWidth } from "../../../env/car-racing/core/score.as";
export { convexHull, makeTile } from "../../../env/car-racing/core/shapes.as";
export { placeTrack, writeCircle } from "../../../env/car-racing/core/track.as";
export { beginWorld, stepWorld } from "../../../env/car-racing/core/world.as";
/** End of the compiler's static data. The memory that is laid out by hand begins above it. */
export const STATIC_END: i32 = <i32>__heap_base;
