"""Options of the commands that read a model's filters on sequences."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

__all__ = ["PLACE", "reading_options"]

# Options that say what to read.
PLACE = ("layer", "inputs", "receptive_field", "unknown")


def _name_or_index(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | int | None:
    """Return a whole number as an index, all else as a name."""
    is_index = value is not None and re.fullmatch("-?[0-9]+", value)
    return int(value) if value is not None and is_index else value


def _layers(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> str | int | list[str | int | None] | None:
    """Return one layer as it is, several as a list, and None for none."""
    found = [_name_or_index(ctx, param, value) for value in values]
    return found if len(found) > 1 else (found or [None])[0]


def _field(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """Return whole numbers that commas part."""
    if value is None:
        return None
    if not re.fullmatch(r"-?[0-9]+(,-?[0-9]+){1,2}", value):
        raise click.BadParameter(
            "expected START,SIZE or START,SIZE,STRIDE in bases, such as 0,19. "
            f"Received {value!r}."
        )
    return tuple(int(part) for part in value.split(","))


def _number(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> float | None:
    return None if value is None else float(value)


_OPTIONS = (
    click.option(
        "--layer",
        metavar="NAME|INDEX",
        multiple=True,
        callback=_layers,
        help="Whose filters; given more than once, of several layers. By default the "
        "first layer that sees more than one base, and its activation.",
    ),
    click.option(
        "--inputs",
        metavar="NAME|INDEX",
        callback=_name_or_index,
        help="Which input takes the sequences, in a model of several.",
    ),
    click.option(
        "--receptive-field",
        metavar="START,SIZE[,STRIDE]",
        callback=_field,
        help="What position 0 of the layer sees, in bases, where it can't be found "
        "out.",
    ),
    click.option(
        "--unknown",
        type=click.Choice(["0", "0.25"]),
        callback=_number,
        help="What the model is given for each base of an N, as in its training; "
        "default: what the sequences hold, 0 in FASTA files.",
    ),
    click.option(
        "--threshold",
        type=float,
        default=0.5,
        show_default=True,
        help="Share of the largest activation that makes a site, from 0 up to 1.",
    ),
    click.option(
        "--threshold-of",
        type=click.Choice(["observed", "achievable"]),
        default="observed",
        show_default=True,
        help="The largest over these sequences, or over all possible ones.",
    ),
    click.option(
        "--select",
        type=click.Choice(["all", "best"]),
        default="all",
        show_default=True,
        help="All positions above the threshold, or each sequence's best.",
    ),
    click.option(
        "--window", type=int, help="Width of the motifs; default: the receptive field."
    ),
    click.option(
        "--reverse-complement", is_flag=True, help="Search the other strand as well."
    ),
    click.option("--weighted", is_flag=True, help="Weigh sites by their activation."),
    click.option(
        "--length",
        type=click.IntRange(min=1),
        help="Fill shorter sequences with N to so many bases, and cut longer ones to "
        "it; default: what the model takes.",
    ),
    click.option(
        "--tile",
        is_flag=True,
        help="Read longer sequences in pieces, each window once.",
    ),
    click.option("--batch-size", type=int, help="Sequences per batch."),
    click.option(
        "--weights",
        metavar="FILE",
        help="Weights to load into MODEL, .weights.h5 or .h5, where it comes without.",
    ),
    click.option(
        "--import",
        "packages",
        multiple=True,
        metavar="PACKAGE",
        help="A package or module that defines the model's own layers or functions.",
    ),
)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what to read, and how."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
