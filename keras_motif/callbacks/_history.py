"""What a network's motifs were, epoch by epoch, in memory and on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from keras_motif._files import whole_file
from keras_motif.extraction import warn
from keras_motif.motifs import Motif

__all__ = ["MotifHistory", "drift", "keep_aside"]

_TABLE, _MOTIFS = "history.json", "motifs_by_epoch.npz"

_RULE = "verdict"

# Of each filter; tables of an earlier version lack them.
_BY_FILTER = ("information", "target", "drift")


class MotifHistory:
    """The extractions of one training.

    Args:
        rule: By what the filters' names are counted, for the file.

    Attributes:
        table: Dict of lists, one entry per extraction: "epoch", "drift", and what
            was given to `record`. Numbers, strings, None and lists alone, so it is
            JSON.
        motifs: Dict of epoch -> its motifs, untrimmed, in filter order.
        other_rule: The rule of the file that was read last, where it is another one.
    """

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self.other_rule: str | None = None
        self.table: dict[str, list[Any]] = {}
        self.motifs: dict[int, list[Motif]] = {}

    def record(
        self, epoch: int, entry: Mapping[str, Any], motifs: Sequence[Motif]
    ) -> None:
        """Add an extraction, in place of those of the same epoch and later ones.

        Args:
            epoch: The epoch, counted from 0.
            entry: The values of this extraction.
            motifs: Its motifs, untrimmed.
        """
        self.forget(epoch)
        earlier = self.motifs[max(self.motifs)] if self.motifs else []
        row = {"epoch": epoch, **entry, "drift": drift(motifs, earlier)}
        for key, value in row.items():
            self.table.setdefault(key, []).append(value)
        self.motifs[epoch] = list(motifs)

    def forget(self, epoch: int) -> None:
        """Drop what is known of `epoch` and later ones."""
        count = sum(done < epoch for done in self.table.get("epoch", []))
        self.table = {key: values[:count] for key, values in self.table.items()}
        self.motifs = {
            done: motifs for done, motifs in self.motifs.items() if done < epoch
        }

    def last(self, keys: Sequence[str]) -> dict[str, float]:
        """Return the last values of some columns, empty where there are none."""
        return {key: self.table[key][-1] for key in keys if self.table.get(key)}

    def write(self, folder: Path, *, with_motifs: bool) -> None:
        """Write `history.json` and, where they are wanted, `motifs_by_epoch.npz`.

        Args:
            folder: Where; it must exist.
            with_motifs: Whether to write the motifs; a file of an earlier training
                is removed otherwise.

        Raises:
            OSError: The folder cannot be written.
        """
        # A line per column; `indent` would put each number on one.
        lines = [
            f"{json.dumps(key)}: {json.dumps(values)}"
            for key, values in {**self.table, _RULE: self._rule}.items()
        ]
        with whole_file(folder / _TABLE) as temporary:
            temporary.write_text("{\n" + ",\n".join(lines) + "\n}\n")
        if not with_motifs:
            (folder / _MOTIFS).unlink(missing_ok=True)
            return
        arrays: dict[str, np.ndarray[Any, Any]] = {}
        for epoch, motifs in self.motifs.items():
            matrices = [motif.frequencies for motif in motifs]
            widths = [motif.width for motif in motifs]
            if len({*widths}) == 1:
                arrays[f"{epoch}"] = np.stack(matrices)
            else:  # filters of several layers: one under the other
                arrays[f"{epoch}"] = np.concatenate(matrices)
                arrays[f"{epoch}_widths"] = np.array(widths)
            sites = [motif.num_sites for motif in motifs]
            arrays[f"{epoch}_sites"] = np.array(sites, dtype=np.float64)
            arrays[f"{epoch}_names"] = np.array([motif.name for motif in motifs])
            arrays[f"{epoch}_layers"] = np.array([motif.alt_name for motif in motifs])
        with whole_file(folder / _MOTIFS) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    def read(self, folder: Path, keys: Sequence[str]) -> None:
        """Take up what an earlier training wrote; what is missing stays empty.

        Of a table without the columns of each filter the entries are empty lists.

        Args:
            folder: Where it wrote.
            keys: The columns that the table must have, besides "epoch".

        Warns:
            UserWarning: A file that holds something else is kept under another name,
                with ".old" behind its own.
        """
        self.table, self.motifs, self.other_rule = {}, {}, None
        for name, take_up in (
            (_TABLE, lambda path: self._read_table(path, keys)),
            (_MOTIFS, self._read_motifs),
        ):
            path = folder / name
            try:
                take_up(path)
            except FileNotFoundError:
                return
            except Exception as error:  # a damaged file can raise anything
                keep_aside(folder, name)
                warn(
                    f"{path} is not a history of these values "
                    f"({type(error).__name__}: {str(error)[:150]!r}); it starts anew, "
                    f"and the file is kept as {name}.old."
                )
                return

    def _read_table(self, path: Path, keys: Sequence[str]) -> None:
        stored = json.loads(path.read_text())
        epochs = stored["epoch"]
        table = {key: stored[key] for key in ("epoch", *keys)}
        rule = stored.get(_RULE, "an unknown rule")
        if not isinstance(rule, str):
            raise TypeError("its verdict is no text")
        for key in _BY_FILTER:
            table[key] = stored.get(key, [[] for _ in epochs])
        if not all(isinstance(values, list) for values in table.values()):
            raise TypeError("its columns are not lists")
        if len({len(values) for values in table.values()}) != 1:
            raise ValueError("its columns differ in length")
        if any(type(epoch) is not int for epoch in epochs) or epochs != sorted(
            set(epochs)
        ):
            raise ValueError("its epochs are not numbers that rise")
        if any(type(x) not in (int, float) for key in keys for x in table[key]):
            raise TypeError("its values are not numbers")
        self.table = table
        self.other_rule = None if rule == self._rule else rule

    def _read_motifs(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            self.motifs = {
                epoch: [
                    Motif(
                        matrix, str(name), alt_name=str(layer), num_sites=float(sites)
                    )
                    for matrix, name, layer, sites in zip(
                        _matrices(arrays, epoch),
                        arrays[f"{epoch}_names"],
                        arrays.get(
                            f"{epoch}_layers", [""] * len(arrays[f"{epoch}_names"])
                        ),
                        arrays[f"{epoch}_sites"],
                        strict=True,
                    )
                ]
                for epoch in self.table["epoch"]
                if f"{epoch}" in arrays
            }


def _matrices(arrays: Mapping[str, Any], epoch: int) -> Sequence[Any]:
    """Return the matrix of each filter, which may differ in width."""
    stored, widths = arrays[f"{epoch}"], arrays.get(f"{epoch}_widths")
    return stored if widths is None else np.split(stored, np.cumsum(widths)[:-1])


def keep_aside(folder: Path, *names: str) -> None:
    """Give files that can't be gone on with other names."""
    for name in names or (_TABLE, _MOTIFS):
        with suppress(OSError):
            (folder / name).replace(folder / f"{name}.old")


def drift(motifs: Sequence[Motif], earlier: Sequence[Motif]) -> list[float | None]:
    """Return how far each filter's motif has moved.

    The mean, over the positions of the filter, of the Euclidean distance between
    both columns divided by the square root of 2. 0 is the same motif, 1 another
    certain base at every position. A motif that has moved along its filter counts
    as another.

    Args:
        motifs: The motifs of now, untrimmed, in filter order.
        earlier: Those of the extraction before.

    Returns:
        A distance from 0 to 1 per motif; None where there is no earlier motif of
        the same width.

    Example:
        >>> a, c = Motif([[1, 0, 0, 0], [0, 1, 0, 0]]), Motif([[0, 1, 0, 0]] * 2)
        >>> drift([a, a], [c])
        [0.5, None]
    """
    distances: list[float | None] = [None] * len(motifs)
    for index, (now, before) in enumerate(zip(motifs, earlier, strict=False)):
        if now.width == before.width:
            squares = (now.frequencies - before.frequencies) ** 2
            distances[index] = float(np.sqrt(squares.sum(axis=1) / 2).mean())
    return distances
