"""The program: its commands, its exit codes, and how it says what went wrong."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, NoReturn, TextIO, cast

import click

from keras_motif._checks import printable
from keras_motif.cli._interrupt import leave_at_once, reraise_if_interrupted, unwind

__all__ = ["commands", "run"]

# Each lies in a module of its own, which is imported when it is asked for.
_COMMANDS = (
    *("run", "extract", "match", "report", "scan", "simulate"),
    *("jaspar", "database"),
)


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
        unwind()  # from now on there may be something to clean up
        return cast(click.Command, getattr(module, cmd_name))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (ValueError, TypeError, ImportError, OSError) as error:
            reraise_if_interrupted()
            if ctx.params["debug"] or isinstance(error, BrokenPipeError):
                raise
            raise click.ClickException(_one_line(error)) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  keras-motif run model.keras peaks.fa -o motifs
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


def run(args: Sequence[str] | None) -> NoReturn:
    """Run the program and leave with its exit code; see `cli.main`."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            code = commands.main(
                None if args is None else list(args),
                prog_name="keras-motif",
                standalone_mode=False,
            )
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except click.Abort:
            code = 130
        except Exception:
            reraise_if_interrupted()
            raise
    # What is left is the interpreter's end.
    if sys.stdout is not None:
        sys.stdout.flush()
    leave_at_once()
    sys.exit(code)


def _one_line(error: Exception) -> str:
    """Return what an exception says, without line breaks."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return printable(f"{error.filename}: {error.strerror}.")
    return printable(" ".join(str(error).split())) or type(error).__name__


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning as one line, without the place in the code."""
    click.echo(printable(f"Warning: {' '.join(str(message).split())}"), err=True)
