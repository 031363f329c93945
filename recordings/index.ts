/** `tritrack/recordings`: what was driven. Runs in a browser; files and video are in `tritrack/recordings/node`. */
export * from "./dataset.ts";
export * from "./episode.ts";
export * from "./journal.ts";
export * from "./player.ts";
export * from "./recorder.ts";
export { VERSION } from "./version.ts";
