"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from keras_motif.matching import DISTANCES

__all__ = [
    "background_option",
    "check_output",
    "json_option",
    "match_options",
    "naming_options",
    "output_option",
]

STDOUT = "-"

background_option = click.option(
    "--background",
    type=float,
    nargs=4,
    metavar="A C G T",
    help="Frequencies of the bases; default: those of the file of MOTIFS, else equal.",
)
_DATABASE = click.option(
    "--database",
    "--db",
    "databases",
    multiple=True,
    default=("JASPAR2026",),
    show_default=True,
    metavar="FILE|NAME",
    help="What to compare with: motif file, JASPAR release or database that was "
    "added; several are pooled.",
)
_STRANDS = click.option(
    "--one-strand/--both-strands",
    default=None,
    help="Leave out the targets' reverse complements, or don't; default: leave "
    "them out where a MEME file is of RNA.",
)
_EXCLUDE = click.option(
    "--exclude",
    multiple=True,
    metavar="ID|FACTOR",
    help="A target to leave out everywhere: an id, with or without version, or a "
    "factor.",
)
_VERDICT = click.option(
    "--verdict",
    type=click.Choice(["convincing", "tomtom"]),
    default="convincing",
    show_default=True,
    help="Which matches count in the shares that are told.",
)
_RELEVANT = click.option(
    "--relevant",
    multiple=True,
    metavar="FACTOR|ID|FACTOR=ID,...",
    help="Expected targets, as SRF or MA0083; the shares of the motifs that match "
    "one, and of the targets that are matched, are told.",
)
_MATCH_OPTIONS = (
    _DATABASE,
    click.option(
        "--threshold",
        type=float,
        default=0.1,
        show_default=True,
        help="The largest value to report.",
    ),
    click.option(
        "--threshold-on",
        type=click.Choice(["evalue", "qvalue", "pvalue"]),
        default="evalue",
        show_default=True,
        help="What the threshold is on.",
    ),
    click.option(
        "--distance",
        type=click.Choice(tuple(DISTANCES)),
        default="ed",
        show_default=True,
        help="How columns are compared.",
    ),
    click.option(
        "--min-overlap",
        type=int,
        default=1,
        show_default=True,
        help="Fewest aligned positions.",
    ),
    click.option("--internal", is_flag=True, help="One motif must lie in the other."),
    _STRANDS,
    click.option(
        "--pseudocount",
        type=float,
        default=0.1,
        show_default=True,
        help="Sites added to each position.",
    ),
    background_option,
    _EXCLUDE,
    _VERDICT,
    click.option(
        "--shuffles",
        type=click.IntRange(min=0),
        metavar="N",
        show_default="10; fewer of more than 150 motifs",
        help="Tell what share would be named by chance, of N shuffles each; takes N "
        "times as long as matching. 0 for none.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        show_default="as many as the process may use, 8 at most",
        help="Threads that compare motifs.",
    ),
    _RELEVANT,
)
_NAMING_OPTIONS = (_DATABASE, _STRANDS, _EXCLUDE, _VERDICT, _RELEVANT)


def match_options(min_bits: float | None) -> Callable[[Any], Any]:
    """Return a decorator that adds the options of matching."""
    bits = click.option(
        "--min-bits",
        type=float,
        default=min_bits,
        show_default=True if min_bits is not None else "all are compared",
        help="Compare only motifs with a position above so many bits.",
    )

    def decorate(command: Any) -> Any:
        for option in reversed((*_MATCH_OPTIONS, bits)):
            command = option(command)
        return command

    return decorate


def naming_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add those options of matching that the callback has too."""
    for option in reversed(_NAMING_OPTIONS):
        command = option(command)
    return command


def check_output(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | None:
    """Raise before any work is done if a file to write has no folder, or is one."""
    if value in (None, STDOUT):
        return value
    path = Path(value)
    if path.is_dir():
        raise click.BadParameter(f"{value!r} is a folder.", ctx, param)
    if not path.absolute().parent.is_dir():
        raise click.BadParameter(
            f"the folder {str(path.parent)!r} does not exist.", ctx, param
        )
    return value


def output_option(
    what: str, *, required: bool = False, default: str = STDOUT
) -> Callable[..., Any]:
    """Return the option `--output`; a file or standard output where it isn't required.

    Args:
        what: What goes there.
        required: Whether it must be given.
        default: Where it goes by default.
    """
    ending = "standard output by default"
    if required or default != STDOUT:
        ending = "or - for standard output"
    settings: dict[str, Any] = {"required": True} if required else {"default": default}
    if default != STDOUT:
        settings["show_default"] = True
    return click.option(
        "--output",
        "-o",
        metavar="FILE",
        callback=check_output,
        help=f"Where {what} goes; {ending}.",
        **settings,
    )


def json_option(what: str) -> Callable[..., Any]:
    """Return the flag `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=what)
