"""What a callback will do, in words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from keras_motif.motifs import MemeFile, Motif

__all__ = ["plan"]


def plan(
    name: str,
    *,
    sequences: Any,
    layer: Any,
    database: Any,
    every: int | None,
    output_dir: object,
    num_done: int,
) -> str:
    """Return what a callback will do: what it reads, when, and what comes of it.

    Args:
        name: The callback's class.
        sequences: What it reads the filters on.
        layer: Whose filters.
        database: What it matches against.
        every: After how many epochs each.
        output_dir: Where its files go; None for nowhere.
        num_done: How many extractions there were.
    """
    whose = "the first layer of motifs" if layer is None else _layer(layer)
    when = "when training ends"
    if every is not None:
        epochs = "each epoch" if every == 1 else f"epochs 1, {1 + every}, ..."
        when = f"after {epochs} and {when}"
    where = "writes no files" if output_dir is None else f"writes into {output_dir}"
    done = ""
    if num_done:
        done = f"; {num_done} extraction{'s' * (num_done > 1)} so far"
    return (
        f"<{name}: reads the filters of {whose} on {_data(sequences)} {when}, matches "
        f"them with {_database(database)}, {where}{done}>"
    )


def _layer(layer: Any) -> str:
    if isinstance(layer, list | tuple):
        return " and ".join(map(_layer, layer))
    return repr(getattr(layer, "name", layer))


def _data(sequences: Any) -> str:
    """Return a word for sequences: their file, or their kind and shape."""
    if isinstance(sequences, str | os.PathLike):
        return os.fspath(sequences)
    kind = type(sequences).__name__
    shape = getattr(sequences, "shape", None)
    return f"{kind} {tuple(shape)}" if isinstance(shape, tuple) else kind


def _database(database: Any) -> str:
    """Return a database's name, or how many motifs it has."""
    if isinstance(database, str | os.PathLike):
        return os.fspath(database)
    if isinstance(database, Motif):
        return "1 motif"
    if isinstance(database, list | tuple) and any(
        isinstance(one, str | os.PathLike) for one in database
    ):
        return " + ".join(map(_database, database))
    if isinstance(database, list | tuple | Mapping | MemeFile):
        return f"{len(database)} of your own"
    return _data(database)
