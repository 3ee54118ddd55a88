"""The options that the scripts share, and where their results go."""

import argparse
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
PICTURES = Path(__file__).parents[2] / "docs" / "images"
MODELS = ["cnn_2", "cnn_50", "cnn_deep"]
ACTIVATIONS = ["relu", "exponential"]


def parser(doc):
    """Return a parser that describes a script by its docstring's first line."""
    return argparse.ArgumentParser(description=doc.splitlines()[0])


def training_parser(doc, *, seeds, epochs=100, patience=15, num_sequences=30_000):
    """Return a parser of a script that trains networks.

    `num_sequences` is None where the sequences aren't simulated.
    """
    options = parser(doc)
    options.add_argument("--seeds", nargs="+", type=int, default=seeds)
    options.add_argument("--epochs", type=int, default=epochs, help="at most")
    text = "epochs without gain"
    options.add_argument("--patience", type=int, default=patience, help=text)
    if num_sequences is not None:
        options.add_argument("--num-sequences", type=int, default=num_sequences)
    options.add_argument("--trials", type=Path, help="TSV of the finished trials")
    options.add_argument("--table", type=Path, help="TSV of their means")
    options.add_argument("--smoke", action="store_true", help="tiny, to see it run")
    return options


def reading_parser(doc, *, networks, table):
    """Return a parser of a script that reads networks which another one trained."""
    options = parser(doc)
    options.add_argument("--networks", type=Path, default=Path(networks))
    options.add_argument("--num-sequences", type=int, default=30_000)
    options.add_argument("--table", type=Path, default=RESULTS / table)
    return options


def shrink(args, folder):
    """Make a run tiny, with its results in a folder, where `--smoke` asks for it.

    Returns:
        The folder of the results.
    """
    if not args.smoke:
        return RESULTS
    args.num_sequences, args.epochs, args.seeds = 300, 1, [1]
    return folder


def name_results(args, folder, name):
    """Name the files of results that no option named: trials, their means, the plot.

    Args:
        args: The script's options.
        folder: What `shrink` returned.
        name: How they begin.
    """
    args.trials = args.trials or folder / f"{name}_trials.tsv"
    args.table = args.table or folder / f"{name}.tsv"
    if "plot" in args:
        pictures = folder if args.smoke else PICTURES
        args.plot = args.plot or pictures / f"{name}.png"
