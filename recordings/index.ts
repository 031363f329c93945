/**
 * `tritrack/recordings`: recorded episodes, how they are made, replayed, and exchanged with NumPy. Runs in a browser; files,
 * Minari and video are in `tritrack/recordings/node`.
 */
export { type ByteSource, sourceOfBytes } from "./byte-source.ts";
export { type Sample, samples, totalFrames } from "./dataset.ts";
export {
  ACTION_TYPES,
  type ActionArray,
  type ActionForm,
  actionAt,
  correctedSteps,
  DRIVER_KINDS,
  type Driver,
  EPISODE_ENDS,
  EPISODE_FORMAT,
  EPISODE_SUFFIX,
  EPISODE_VERSION,
  type Episode,
  type EpisodeEnd,
  type EpisodeStart,
  formatEpisode,
  hashObservation,
  isCorrected,
  MAX_RECORDED_STEPS,
  parseEpisode,
  type StepRange,
  totalReward,
} from "./episode.ts";
export { JOURNAL_FORMAT, JOURNAL_SUFFIX, JOURNAL_VERSION, parseJournal } from "./journal.ts";
export { episodeFromNpz, episodeToNpz } from "./npz/episode.ts";
export {
  makeRecordedEnv,
  ReplayMismatch,
  type ReplayStep,
  replay,
  stepsPerSecond,
  verify,
} from "./player.ts";
export { Recorder, type RecorderOptions, type RecordingSink } from "./recorder.ts";
export { VERSION } from "./version.ts";
