/** `tritrack/recordings/node`: recordings as files and folders, and video. */
export * from "./files/atomic.ts";
export * from "./files/episode-file.ts";
export * from "./files/file-source.ts";
export * from "./files/recording-folder.ts";
export * from "./video/gif.ts";
export * from "./video/mp4.ts";
export * from "./video/open-video.ts";
export * from "./video/png.ts";
export * from "./video/record-video.ts";
export * from "./video/scale.ts";
export * from "./video/video-writer.ts";
