/**
 * The errors that environments throw, under Gymnasium's names. Each message is one line that says what was expected.
 * After an error the environment is still usable.
 */
import { printable } from "./describe.ts";

/** Longest message, characters: one that quotes something longer by mistake is cut. */
const MAX_MESSAGE = 2000;

/**
 * Base of all errors that tritrack throws on purpose: bad input, broken files, wrong order of calls. Control characters
 * in the message are written as escapes, so that it is safe to print whatever it quotes.
 */
export class TritrackError extends Error {
  /** @param message one line that says what was expected */
  constructor(message: string) {
    super(printable(message.slice(0, MAX_MESSAGE)));
    this.name = new.target.name;
  }
}
/** An action of the wrong type, length or range (`gymnasium.error.InvalidAction`). */
export class InvalidAction extends TritrackError {}
/** `step` or `render` before the first `reset` (`gymnasium.error.ResetNeeded`). */
export class ResetNeeded extends TritrackError {}
/** A call after `close` (`gymnasium.error.ClosedEnvironmentError`). */
export class ClosedEnvironment extends TritrackError {}
/** An id that no environment is registered under (`gymnasium.error.UnregisteredEnv`). */
export class UnregisteredEnv extends TritrackError {}
/** An option that an environment does not take, or a value outside of its range. */
export class InvalidOption extends TritrackError {}
/** A file that is truncated, of another format or version, or with contents out of bounds. */
export class CorruptFile extends TritrackError {}
/** A thread that ended before it answered: killed, out of memory, or by its own `process.exit`. */
export class WorkerLost extends TritrackError {}
/** A request that does not fit into memory. */
export class OutOfMemory extends TritrackError {}
