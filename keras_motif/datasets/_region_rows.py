"""Rows of regions: BED, narrowPeak, tables with a line of names, DataFrames, tuples."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from keras_motif._checks import listed, quoted
from keras_motif.datasets._lines import read_lines

__all__ = ["Regions", "read_regions"]

Array = np.ndarray[Any, Any]
Column = str | int

_LONGEST_ROW = 2**20  # bytes
_NAMES = {
    "chromosome": ("chrom", "chromosome", "chr", "#chrom", "#chr", "seqnames"),
    "start": ("start", "chromstart", "chrom_start"),
    "end": ("end", "stop", "chromend", "chrom_end"),
    "strand": ("strand",),
    "summit": ("summit",),
}
_NARROW_PEAK = 10  # columns
_MISSING = frozenset({"", "na", "nan", ".", "none", "null"})
_STRANDS = {"+": 1, "-": -1, ".": 1, "": 1, "*": 1}


@dataclass
class Regions:
    """Regions in the order of their source, each in some bytes.

    Attributes:
        names: The chromosomes' names, which `chromosome` counts.
        chromosome: Number of each region's chromosome, int32.
        start: First base, from 0, int64.
        end: The base behind the last, int64.
        centre: The summit, else the middle, int64.
        strand: 1, or -1, int8.
        labels: Array of shape `(n, num_labels)`, float32, NaN where nothing is said.
        label_names: What its columns stand for.
    """

    names: list[str]
    chromosome: Array
    start: Array
    end: Array
    centre: Array
    strand: Array
    labels: Array
    label_names: tuple[str, ...]


@dataclass
class _Columns:
    """Which column of a row holds what."""

    chromosome: int = 0
    start: int = 1
    end: int = 2
    strand: int | None = 5
    summit: int | None = None
    labels: list[int] = field(default_factory=list)
    is_summit_relative: bool = False  # as in narrowPeak, where -1 means none


def read_regions(
    regions: Any,
    lengths: Mapping[str, int],
    chromosomes: Sequence[str] | None,
    labels: Sequence[Column],
    genome: str,
) -> Regions:
    """Read regions and check each against the genome.

    Args:
        regions: A path, a DataFrame with columns `chrom`, `start`, `end`, or an
            iterable of `(chromosome, start, end)`, perhaps with a strand.
        lengths: The genome's chromosomes.
        chromosomes: Those to keep; None keeps all.
        labels: Names or numbers of the columns of labels.
        genome: The genome's name, for messages.

    Raises:
        ValueError: A row that is no region of the genome, or no row at all; names file
            and line.
    """
    reader = _Reader(lengths, chromosomes, labels, genome)
    if isinstance(regions, str | os.PathLike):
        source = os.fspath(regions)
        reader.read_file(source)
    elif hasattr(regions, "columns") and hasattr(regions, "itertuples"):
        source = "`regions`"
        header = [str(name) for name in regions.columns]
        columns = reader.find(header, source)
        rows = regions.itertuples(index=False, name=None)
        reader.read_rows(columns, rows)
    elif isinstance(regions, Iterable):
        source = "`regions`"
        if labels:
            raise ValueError(
                "`labels` must be None where `regions` are tuples. Received "
                f"{listed(labels)}. Pass a DataFrame with columns of labels."
            )
        reader.read_rows(_Columns(strand=3), regions)
    else:
        raise TypeError(
            "`regions` must be the path of a BED, narrowPeak or other table, a "
            "DataFrame with the columns chrom, start and end, or tuples. Received "
            f"{type(regions).__name__}."
        )
    return reader.finish(source)


class _Reader:
    """Collects rows in as few bytes as they take."""

    def __init__(
        self,
        lengths: Mapping[str, int],
        chromosomes: Sequence[str] | None,
        labels: Sequence[Column],
        genome: str,
    ) -> None:
        self._lengths = lengths
        self._kept = None if chromosomes is None else frozenset(chromosomes)
        self._labels = list(labels)
        self._genome = genome
        self._numbers = {name: number for number, name in enumerate(lengths)}
        self._chromosome, self._strand = array("i"), array("b")
        self._start, self._end, self._centre = array("q"), array("q"), array("q")
        self._values = array("f")
        self._label_names = tuple(map(str, self._labels))
        self._num_rows = 0

    def read_file(self, path: str) -> None:
        columns: _Columns | None = None
        delimiter: str | None = None
        for number, raw in enumerate(read_lines(path, _LONGEST_ROW), start=1):
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            is_names = columns is None and _names_columns(line)
            if not line.strip() or line.startswith(("track", "browser")):
                continue
            if line.startswith("#") and not is_names:
                continue
            where = f"{path}, line {number}"
            if columns is None:
                delimiter = "\t" if "\t" in line else "," if "," in line else None
                fields = line.split(delimiter)
                columns = self._first(fields, where, bool(is_names))
                if is_names:
                    continue
            self._add(columns, line.split(delimiter), where)

    def read_rows(self, columns: _Columns, rows: Iterable[Any]) -> None:
        for number, row in enumerate(rows):
            where = f"`regions`, row {number}"
            if isinstance(row, str) or not isinstance(row, Iterable):
                raise ValueError(
                    f"{where}: expected (chromosome, start, end). Received "
                    f"{quoted(row)}."
                )
            self._add(columns, list(map(str, row)), where)

    def find(self, header: list[str], where: str) -> _Columns:
        """Return the columns of a line of names."""
        lower = [name.strip().lower() for name in header]
        found: dict[str, Any] = {}
        for key, names in _NAMES.items():
            found[key] = next((lower.index(n) for n in names if n in lower), None)
        missing = [key for key in ("chromosome", "start", "end") if found[key] is None]
        if missing:
            raise ValueError(
                f"{where}: expected columns named chrom, start and end. Received "
                f"{listed(header)}."
            )
        labels = [self._place(label, header, where) for label in self._labels]
        self._label_names = tuple(header[place] for place in labels)
        return _Columns(**found, labels=labels)

    def finish(self, source: str) -> Regions:
        if not self._num_rows:
            raise ValueError(
                f"{source}: expected regions: chromosome, start, end. Received none."
            )
        if not self._chromosome:
            raise ValueError(
                f"{source}: expected regions on {listed(self._kept or ())}. None of "
                f"{self._num_rows:,} is. Name other `chromosomes`; those of "
                f"{self._genome} are {listed(self._lengths)}."
            )
        num = len(self._chromosome)
        return Regions(
            list(self._lengths),
            np.frombuffer(self._chromosome, dtype=np.int32),
            np.frombuffer(self._start, dtype=np.int64),
            np.frombuffer(self._end, dtype=np.int64),
            np.frombuffer(self._centre, dtype=np.int64),
            np.frombuffer(self._strand, dtype=np.int8),
            np.frombuffer(self._values, dtype=np.float32).reshape(num, -1)
            if self._labels
            else np.empty((num, 0), dtype=np.float32),
            self._label_names,
        )

    def _first(self, fields: list[str], where: str, is_names: bool) -> _Columns:
        """Return the columns that the first row tells."""
        if is_names:
            return self.find(fields, where)
        columns = _Columns()
        if len(fields) == _NARROW_PEAK and _is_narrow_peak(fields):
            columns.summit, columns.is_summit_relative = 9, True
        columns.labels = [
            self._place(label, None, where, fields) for label in self._labels
        ]
        return columns

    def _place(
        self,
        label: Column,
        header: list[str] | None,
        where: str,
        fields: Sequence[str] = (),
    ) -> int:
        num = len(header or fields)
        if isinstance(label, str) and header is not None and label in header:
            return header.index(label)
        if isinstance(label, int) and 0 <= label < num:
            return label
        if header is None and isinstance(label, str):
            raise ValueError(
                f"{where}: expected a line of names with the column {label!r}. "
                f"Received {quoted(' '.join(fields))}. In a file without one, give "
                "columns by their numbers, from 0."
            )
        held = listed(header) if header else f"{num} columns"
        raise ValueError(
            f"{where}: expected the column {label!r} of `labels`. Received {held}."
        )

    def _add(self, columns: _Columns, fields: list[str], where: str) -> None:
        self._num_rows += 1
        last = max(columns.chromosome, columns.end, *columns.labels, columns.start)
        if len(fields) <= last:
            self._fail(where, f"expected {last + 1} columns or more", len(fields))
        name = fields[columns.chromosome].strip()
        if self._kept is not None and name not in self._kept:
            return
        number = self._numbers.get(name)
        if number is None:
            self._fail_at_name(where, name)
        start = _whole(fields[columns.start])
        end = _whole(fields[columns.end])
        if start is None or end is None:
            shown = f"{fields[columns.start]!r} and {fields[columns.end]!r}"
            self._fail(where, "expected start and end, whole numbers", shown[:80])
        length = self._lengths[name]
        if not 0 <= start < end <= length:
            self._fail(
                where,
                f"expected a region of {name}, 0 <= start < end <= {length}, counted "
                "from 0, the end not included",
                f"{start} and {end}. They may be of another genome, or another release "
                "of it",
            )
        self._chromosome.append(number)
        self._start.append(start)
        self._end.append(end)
        self._centre.append(self._middle(columns, fields, start, end, where))
        self._strand.append(self._direction(columns, fields, where))
        for place in columns.labels:
            self._values.append(_number(fields[place], where, self._label_names))

    def _middle(
        self, columns: _Columns, fields: list[str], start: int, end: int, where: str
    ) -> int:
        if columns.summit is None or columns.summit >= len(fields):
            return (start + end) // 2
        summit = _whole(fields[columns.summit])
        if columns.is_summit_relative and summit == -1:
            return (start + end) // 2
        place = summit
        if summit is not None and columns.is_summit_relative:
            place = start + summit
        if place is None or not start <= place < end:
            self._fail(
                where,
                "expected a summit within the region",
                quoted(fields[columns.summit]),
            )
        return place

    def _direction(self, columns: _Columns, fields: list[str], where: str) -> int:
        if columns.strand is None or columns.strand >= len(fields):
            return 1
        sign = fields[columns.strand].strip()
        if sign not in _STRANDS:
            self._fail(where, "expected the strand +, - or .", quoted(sign))
        return _STRANDS[sign]

    def _fail_at_name(self, where: str, name: str) -> NoReturn:
        other = name.removeprefix("chr") if name.startswith("chr") else f"chr{name}"
        hint = "Pass `chromosomes=[...]` to leave regions on others out."
        if other in self._lengths:
            hint = (
                f"The genome calls it {other!r}: write the names as the genome does "
                "(`sed 's/^chr//'` takes chr away, `sed 's/^/chr/'` adds it)."
            )
        raise ValueError(
            f"{where}: expected a chromosome of {self._genome}: "
            f"{listed(self._lengths)}. Received {quoted(name)}. {hint}"
        )

    def _fail(self, where: str, expected: str, received: object) -> NoReturn:
        raise ValueError(f"{where}: {expected}. Received {received}.")


def _names_columns(line: str) -> bool:
    """Tell a line of names from a region: its second column is no number."""
    delimiter = "\t" if "\t" in line else "," if "," in line else None
    fields = [name.strip().lower() for name in line.split(delimiter)]
    return len(fields) > 2 and any(name in _NAMES["start"] for name in fields)


def _is_narrow_peak(fields: list[str]) -> bool:
    values = [_float(fields[place]) for place in (6, 7, 8)]
    return None not in values and _whole(fields[9]) is not None


def _whole(text: str) -> int | None:
    text = text.strip()
    digits = text.removeprefix("-").removesuffix(".0")
    return (
        int(text.removesuffix(".0")) if digits.isdecimal() and len(text) < 19 else None
    )


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _number(text: str, where: str, names: Iterator[str] | Sequence[str]) -> float:
    value = float("nan") if text.strip().lower() in _MISSING else _float(text)
    if value is None or value in (float("inf"), float("-inf")):
        raise ValueError(
            f"{where}: expected a number for each label of {listed(names)}, or NA. "
            f"Received {quoted(text)}."
        )
    return value
