"""`python -m tritrack_gym`: evaluates ternary networks, and lets a person drive."""

import argparse
import dataclasses
import json
import sys
import time

import gymnasium.error


def main(arguments=None):
    """Runs the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Default: None, those of the process.

    Returns
    -------
    int
        Exit code: 0, or 1 after bad input, which is told in one line.
    """
    parser = argparse.ArgumentParser(prog="python -m tritrack_gym", description=__doc__.split(": ", 1)[1])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser("eval", help="driving reward of a network over many seeds, as `npx tritrack eval`")
    command.add_argument("network", help="car-90, … (one that comes with the package) or FILE.safetensors")
    command.add_argument("--seeds", default="20000-20099", help="tracks, one episode each: numbers and ranges (%(default)s)")
    command.add_argument("--json", action="store_true", help="one JSON object on the last line")
    command.set_defaults(run=_eval)

    command = commands.add_parser("play", help="drive by keyboard (needs pygame) and record it")
    command.add_argument("--seed", type=_seed, default=0, help="first track (%(default)s)")
    command.add_argument("--out", default="recordings", help="folder for the recordings (%(default)s)")
    command.add_argument("--fps", type=_fps, default=50, help="steps a second; fewer are slower (%(default)s)")
    command.set_defaults(run=_play)

    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError, gymnasium.error.Error) as error:
        print(f"tritrack_gym: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tritrack_gym: stopped", file=sys.stderr)
        return 130
    return 0


def _eval(options):
    from .evaluate import evaluate, parse_seeds
    from .networks import load

    seeds = parse_seeds(options.seeds)
    network = load(options.network)
    if network.task != "car":
        raise ValueError(f"{options.network}: expected a car network, got one of {network.task}")
    done = []

    def show(seed, reward):
        done.append(seed)
        print(f"\r{len(done)}/{len(seeds)} episodes, reward {reward:.1f} ", end="", file=sys.stderr, flush=True)

    begin = time.perf_counter()
    is_terminal = sys.stderr.isatty()
    evaluation = evaluate(network, seeds, show if is_terminal else None)
    per_second = round(evaluation.steps / (time.perf_counter() - begin))
    if is_terminal:
        print("\r\x1b[K", end="", file=sys.stderr)
    if options.json:
        print(json.dumps({**dataclasses.asdict(evaluation), "stepsPerSecond": per_second}))
        return
    count = f"{len(seeds)} seed{'' if len(seeds) == 1 else 's'}"
    print(f"{options.network}: {evaluation.mean:.1f} ± {evaluation.sd:.1f} over {count} ({options.seeds})")
    print(f"min {evaluation.min:.1f}, max {evaluation.max:.1f}, laps finished {evaluation.laps} of {evaluation.episodes}")
    print(f"{evaluation.steps} steps, {per_second} steps/s")


def _play(options):
    from .play import play

    play(options.seed, options.out, options.fps)


def _whole(text, least, most):
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text!r:.80}")
    return int(text)


def _seed(text):
    return _whole(text, 0, 10**100)


def _fps(text):
    return _whole(text, 1, 1000)


if __name__ == "__main__":
    sys.exit(main())
