"""The program: its commands, its exit codes, and how it says what went wrong."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, NoReturn, TextIO, cast

import click

__all__ = ["commands", "main"]

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_TERMINATED = 143  # 128 + SIGTERM


# Each lies in a module of its own, which is imported when it is asked for.
_COMMANDS = ("extract", "match", "report", "scan", "simulate", "jaspar")


class _Commands(click.Group):
    """Commands whose failures are one line on standard error."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the pipeline, not of the alphabet."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, where there is one of the name."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"keras_motif.cli.commands.{cmd_name}")
        return cast(click.Command, getattr(module, cmd_name))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (ValueError, TypeError, ImportError, OSError) as error:
            if ctx.params["debug"] or isinstance(error, BrokenPipeError):
                raise
            raise click.ClickException(_one_line(error)) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  keras-motif simulate -o data.h5
  keras-motif extract --trim model.keras data.h5 -o filters.meme
  keras-motif match filters.meme --db JASPAR2026 -o matches.tsv
  keras-motif report filters.meme -o report.html

Results go to standard output or to the file of --output, all else to standard
error. A file named - is standard input or output. Exit codes: 0 done, 1 failed,
2 wrong usage, 130 interrupted.""",
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what went wrong.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(version("keras-motif"), message="%(prog)s %(version)s")
def commands(quiet: bool, debug: bool) -> None:
    """Turn the filters of a genomics CNN into sequence motifs, and name them."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave with its exit code.

    Args:
        args: The arguments behind the program's name; None takes the process's.
    """
    # Through SystemExit, so that unfinished files go away as with Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            code = commands.main(
                None if args is None else list(args),
                prog_name="keras-motif",
                standalone_mode=False,
            )
        except click.Abort:
            click.echo("Interrupted.", err=True)
            sys.exit(_INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
    sys.exit(code)


def _one_line(error: Exception) -> str:
    """Return what an exception says, without line breaks."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}."
    return " ".join(str(error).split()) or type(error).__name__


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning as one line, without the place in the code."""
    click.echo(f"Warning: {' '.join(str(message).split())}", err=True)
