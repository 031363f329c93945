/** `tritrack/recordings/node`: recordings as files and folders, Minari's datasets, and video. */
export { makeFolder, writeFileAtomic } from "./files/atomic.ts";
export { MAX_RECORDING_BYTES, readEpisode, writeEpisode } from "./files/episode-file.ts";
export { type FileSource, type OpenOptions, openFileSource, readBoundedFile } from "./files/file-source.ts";
export {
  FolderSink,
  type RecordingFolder,
  readRecordings,
  recordingName,
  recoverJournals,
} from "./files/recording-folder.ts";
export {
  type MinariFolder,
  type MinariPlace,
  minariPlace,
  openMinariFolder,
  writeMinariFolder,
} from "./minari/dataset-folder-node.ts";
export { type MinariDataset, type MinariOptions, readMinari, writeMinari } from "./minari/minari.ts";
export { openGif } from "./video/gif.ts";
export { hasFfmpeg, type Mp4Encoder, openMp4 } from "./video/mp4.ts";
export { openVideo, type VideoFormat } from "./video/open-video.ts";
export { encodePng, openPngFolder } from "./video/png.ts";
export { isCubic, RecordVideo, type RecordVideoOptions } from "./video/record-video.ts";
export { checkScale, scaleFrame } from "./video/scale.ts";
export type { VideoOptions, VideoWriter } from "./video/video-writer.ts";
