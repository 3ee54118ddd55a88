"""Where results go: standard output or a file; and notes, on standard error."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import click

from keras_motif._checks import printable
from keras_motif._files import whole_file
from keras_motif.motifs import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "emit",
    "emit_json",
    "is_quiet",
    "motif_record",
    "note",
    "records",
    "write_lines",
    "write_table",
]

STDOUT = "-"
_BROKEN_PIPE = 141  # 128 + SIGPIPE, as shells report it


def is_quiet() -> bool:
    """Return whether nothing should be said but what went wrong."""
    return bool(click.get_current_context().find_root().params["quiet"])


def note(text: str) -> None:
    """Say something on standard error, unless it should be quiet."""
    if not is_quiet():
        click.echo(printable(text), err=True)


def emit(output: str, name: str, write: Callable[[Path], None]) -> None:
    """Write a result to its file, whole or not at all, or to standard output.

    Args:
        output: The file, or "-". What is no regular file (a pipe, a device) is
            written into, not replaced.
        name: A name for the result on its way to standard output; the suffix may
            tell `write` the format.
        write: Writes the result to a path.

    Raises:
        OSError: It cannot be written.
        SystemExit: Whoever read the result has closed the pipe.
    """
    path = Path(output)
    if output != STDOUT and (path.is_file() or not path.exists()):
        write(path)
        return
    with tempfile.TemporaryDirectory(prefix="keras-motif-") as folder:
        file = Path(folder, name)
        write(file)
        try:
            with file.open("rb") as source:
                if output == STDOUT:
                    _copy_to_stdout(source)
                else:
                    with path.open("wb") as target:
                        shutil.copyfileobj(source, target)
        except BrokenPipeError:
            sys.exit(_BROKEN_PIPE)


def _copy_to_stdout(source: BinaryIO) -> None:
    stdout: TextIO | None = sys.stdout
    if stdout is None:
        raise OSError("Standard output is closed. Name a file as `--output`.")
    try:
        shutil.copyfileobj(source, stdout.buffer)
        stdout.buffer.flush()
    except OSError:
        # What is left in the buffer would fail again as the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        raise


def emit_json(output: str, content: dict[str, Any]) -> None:
    """Write a result as JSON; see `emit`."""

    def write(path: Path) -> None:
        with whole_file(path) as temporary:
            text = json.dumps(content, indent=1, allow_nan=False, default=_plain)
            temporary.write_text(text + "\n", encoding="utf-8")

    emit(output, "result.json", write)


def _plain(value: Any) -> Any:
    """Return arrays and their numbers as JSON can hold them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON.")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dicts, for JSON."""
    return [
        {str(key): value for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def motif_record(motif: Motif) -> dict[str, Any]:
    """Return a motif as JSON holds it."""
    return {
        "name": motif.name,
        "alt_name": motif.alt_name,
        "num_sites": motif.num_sites,
        "consensus": motif.consensus,
        "information": motif.information().tolist(),
        "frequencies": motif.frequencies.tolist(),
    }


def write_table(
    table: pd.DataFrame, path: Path, formats: dict[str, str] | None = None
) -> None:
    """Write a table as tab-separated text, whole or not at all.

    Control characters in names are written escaped.

    Args:
        table: The table; its index is left out.
        path: The file.
        formats: How the numbers of some columns are written, such as ".3g"; others
            are written in full.
    """
    shown = table.copy()
    for column, spec in (formats or {}).items():
        shown[column] = [format(value, spec) for value in table[column].tolist()]
    for name in shown.select_dtypes(["object", "string"]):
        shown[name] = [printable(str(value)) for value in shown[name]]
    with whole_file(path) as temporary:
        shown.to_csv(temporary, sep="\t", index=False, lineterminator="\n")


def write_lines(lines: Iterable[str], path: Path) -> None:
    """Write lines of text, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(
            "".join(f"{printable(line)}\n" for line in lines), encoding="utf-8"
        )
