"""Windows of a genome on disk as batches for Keras, which this file alone loads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_motif._checks import listed
from keras_motif.datasets._region_rows import read_regions
from keras_motif.datasets._signal import Signal
from keras_motif.datasets._windows import (
    Coordinates,
    Windows,
    matched_windows,
    tile,
    windows_of,
)
from keras_motif.datasets.genome import Genome, complement
from keras_motif.sequences import base_rows

__all__ = ["GenomeSequences"]

Array = np.ndarray[Any, Any]

_STRANDS = ("given", "random", "+")
_EDGES = ("pad", "drop")
_SHUFFLE, _WINDOWS, _NEGATIVES = range(3)  # streams of random numbers


class GenomeSequences(keras.utils.PyDataset):
    r"""Windows of a genome as one-hot batches, made when they are asked for.

    Goes wherever Keras takes data (`fit`, `evaluate`, `predict`), and in the place of
    an array into `extract_motifs`, `activation_sites` and the callback. In memory are
    only where the windows lie, 13 bytes each (and 4 for a label, 4 for a place in a
    shuffled order), whatever the genome's size.

    Regions are BED (also of more columns), narrowPeak, whose summits become centres, a
    table with a line of names (`chrom`, `start`, `end`, perhaps `strand` and `summit`),
    a DataFrame with such columns, or tuples `(chromosome, start, end)`. Starts count
    from 0, ends are not included. Their order doesn't matter; lines that begin with
    "#", "track" or "browser" are skipped. Each region gives one window of `length`
    bases about its summit or middle.

    Args:
        genome: A `Genome`, or the path of one.
        regions: See above; None covers whole chromosomes with windows side by side.
        length: Bases of a window.
        labels: Names (or numbers, from 0, in a file without a line of names) of columns
            with numbers, or one of them; NA, nan or nothing reads as NaN.
        signal: A bigWig file, or several: the mean over each window is a label, behind
            those of columns. Where a file says nothing, it is 0.
        batch_size: Windows of a batch; the last may have fewer.
        chromosomes: Names of those to keep, for training, validation and test apart;
            see `split` too. None keeps all.
        step: Of windows side by side, from one start to the next; None stands for
            `length`.
        strands: "given" takes regions on "-" as their reverse complement, "random"
            draws a strand for each window and epoch, "+" takes all as they stand.
        jitter: Most bases by which a window is moved, drawn anew each epoch.
        shuffle: Whether the order is drawn anew each epoch.
        negatives: How many windows to add for each region's, with as much GC, that
            touch no region. Their labels are 0. Without `labels` and `signal`,
            one label is made, 1 for regions.
        edges: "pad" puts N beyond a chromosome's ends, "drop" leaves such windows out
            (as they lie before `jitter`).
        unknown: What stands for each base of an N, 0 or 0.25.
        dtype: The batches' dtype.
        seed: Seed of all that is drawn.
        **kwargs: `workers`, `use_multiprocessing`, `max_queue_size` of
            `keras.utils.PyDataset`.

    Attributes:
        genome: The genome.
        length: Bases of a window.
        label_names: What the columns of labels stand for; empty without labels.
        num_windows: How many windows there are.

    Raises:
        ValueError: A row that is no region of the genome, named with file and line;
            no region; a column, chromosome or signal that isn't there; an option out
            of range.
        ImportError: `signal` without the extra `keras-motif[genome]`.
        OSError: A file is missing or cannot be opened.

    Warns:
        UserWarning: Fewer negatives than asked for could be found.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     fasta, bed = (pathlib.Path(folder, name) for name in ("g.fa", "p.bed"))
        ...     _ = fasta.write_text(">chr1\n" + "GATTACAGGC" * 9 + "\n")
        ...     _ = bed.write_text("chr1\t10\t20\tp1\t7\nchr1\t40\t50\tp2\t2\n")
        ...     x, y = GenomeSequences(fasta, bed, length=20, labels=[4])[0]
        >>> x.shape, y.tolist()
        ((2, 20, 4), [[7.0], [2.0]])
    """

    genome: Genome
    length: int
    label_names: tuple[str, ...]
    num_windows: int

    def __init__(
        self,
        genome: Genome | str | os.PathLike[str],
        regions: Any = None,
        *,
        length: int,
        labels: str | int | Sequence[str | int] | None = None,
        signal: Any = None,
        batch_size: int = 128,
        chromosomes: Iterable[str] | None = None,
        step: int | None = None,
        strands: str = "given",
        jitter: int = 0,
        shuffle: bool = False,
        negatives: float = 0,
        edges: str = "pad",
        unknown: float = 0,
        dtype: str = "float32",
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        step = length if step is None else step
        _check_options(length, batch_size, step, jitter, negatives, strands, edges)
        self.genome = genome if isinstance(genome, Genome) else Genome(genome)
        self.length = int(length)
        self._batch_size, self._jitter = int(batch_size), int(jitter)
        self._strands, self._shuffle = strands, bool(shuffle)
        self._edges, self._seed, self._epoch = edges, int(seed), 0
        self._rows = base_rows(dtype, unknown)
        self._names = list(self.genome.chromosomes)
        kept = self._checked_chromosomes(chromosomes)
        columns = [labels] if isinstance(labels, str | int) else list(labels or ())
        self._signals = _signals(signal)
        self.label_names = tuple(Path(each.path).name for each in self._signals)
        if regions is None:
            _check_tiles(columns, negatives)
            windows = tile(self.genome.chromosomes, kept, self.length, step, edges)
        else:
            found = read_regions(
                regions, self.genome.chromosomes, kept, columns, self.genome.path
            )
            sizes = np.array(list(self.genome.chromosomes.values()))
            windows = windows_of(found, self.length, edges, sizes)
            self.label_names = (*found.label_names, *self.label_names)
            if negatives:
                windows = self._with_negatives(found, windows, negatives)
        if not len(windows.start):
            raise ValueError(
                f"`regions` must give at least one window of `length` {length} that "
                'lies within its chromosome. Received none; pass `edges="pad"`, or a '
                "smaller `length`."
            )
        self._set_windows(windows)
        present = [self._names[number] for number in np.unique(windows.chromosome)]
        for each in self._signals:
            each.require(present)

    def __repr__(self) -> str:
        labels = f", {len(self.label_names)} labels" if self.label_names else ""
        return (
            f"GenomeSequences({self.num_windows:,} windows of {self.length} bases"
            f"{labels}, in {self.num_batches:,} batches, {self.genome!r})"
        )

    @property
    def num_batches(self) -> int:
        """Number of batches of an epoch."""
        return -(-self.num_windows // self._batch_size)

    def __len__(self) -> int:
        return self.num_batches

    def __getitem__(self, index: int) -> Any:
        """Return a batch: `x`, or `(x, y)` where there are labels.

        Returns:
            `x` of shape `(n, length, 4)`, bases A C G T; `y` of shape `(n,
            num_labels)`, float32.
        """
        if not 0 <= index < self.num_batches:
            raise IndexError(
                f"`index` must be from 0 to {self.num_batches - 1}. Received {index}."
            )
        windows, labels = self._batch(index)
        codes = np.empty((len(windows.start), self.length), dtype=np.uint8)
        places = zip(*(column.tolist() for column in windows[:3]), strict=True)
        for row, (number, start, strand) in enumerate(places):
            piece = self.genome.codes(self._names[number], start, start + self.length)
            codes[row] = piece if strand > 0 else complement(piece)[::-1]
        x = self._rows[codes]
        if self._signals:
            labels = np.concatenate([labels, self._signal_means(windows)], axis=1)
        return (x, labels) if labels.shape[1] else x

    def on_epoch_end(self) -> None:
        """Draw order, places and strands anew, as Keras asks for after an epoch."""
        self._epoch += 1
        self._order = self._drawn_order()

    def coordinates(self, rows: Array) -> Coordinates:
        """Return where sequences lie, as they are handed out in this epoch.

        Args:
            rows: Their places in the epoch, from 0, any shape `(n,)`.

        Raises:
            IndexError: A row that isn't there.
        """
        rows = np.asarray(rows, dtype=np.int64)
        if len(rows) and not (rows.min() >= 0 and rows.max() < self.num_windows):
            raise IndexError(
                f"`rows` must be from 0 to {self.num_windows - 1}. Received "
                f"{rows.min()} to {rows.max()}."
            )
        number = np.empty(len(rows), dtype=np.int32)
        start = np.empty(len(rows), dtype=np.int64)
        strand = np.empty(len(rows), dtype=np.int8)
        batches = rows // self._batch_size
        for index in np.unique(batches):
            chosen = batches == index
            within = rows[chosen] - index * self._batch_size
            windows, _ = self._batch(int(index))
            number[chosen] = windows.chromosome[within]
            start[chosen] = windows.start[within]
            strand[chosen] = windows.strand[within]
        names = np.array(self._names, dtype=object)[number]
        signs = np.array(["-", "+"], dtype=object)[(strand > 0).astype(np.int8)]
        return Coordinates(names, start, start + self.length, signs)

    def split(
        self, *, valid: Iterable[str], test: Iterable[str]
    ) -> tuple[GenomeSequences, GenomeSequences, GenomeSequences]:
        """Return three parts by chromosome; training gets all that the others don't.

        Validation and test are neither shuffled nor moved, on the strands given.

        Args:
            valid: Chromosomes for validation.
            test: Chromosomes for the test.

        Returns:
            Training, validation and test.

        Raises:
            ValueError: A chromosome in both, one that the genome lacks, or a part
                without a window.
        """
        parts = [self._checked_chromosomes(names) or [] for names in (valid, test)]
        if both := set(parts[0]) & set(parts[1]):
            raise ValueError(
                "`valid` and `test` must have no chromosome in common. Received "
                f"{listed(sorted(both))} in both."
            )
        places = [
            np.isin(self._windows.chromosome, [self._names.index(n) for n in names])
            for names in parts
        ]
        train = self._part(~(places[0] | places[1]), "the rest")
        held_out = [
            self._part(chosen, listed(names))
            for chosen, names in zip(places, parts, strict=True)
        ]
        for part in held_out:
            part._shuffle, part._jitter = False, 0
            part._strands = "given" if part._strands == "random" else part._strands
            part._order = part._drawn_order()
        return train, held_out[0], held_out[1]

    def _part(self, chosen: Array, names: str) -> GenomeSequences:
        if not chosen.any():
            raise ValueError(
                "`valid` and `test` must leave windows in each part. Received none on "
                f"{names}."
            )
        part = object.__new__(type(self))
        part.__dict__.update(self.__dict__)
        part._set_windows(self._windows.rows(chosen))
        return part

    def _set_windows(self, windows: Windows) -> None:
        self._windows = windows
        self.num_windows = len(windows.start)
        self._order = self._drawn_order()

    def _drawn_order(self) -> Array | None:
        if not self._shuffle:
            return None
        order = np.arange(self.num_windows, dtype=np.uint32)
        self._random(_SHUFFLE).shuffle(order)
        return order

    def _random(self, stream: int, index: int = 0) -> np.random.Generator:
        return np.random.default_rng([self._seed, stream, self._epoch, index])

    def _batch(self, index: int) -> tuple[Windows, Array]:
        """Return the windows of a batch as they are handed out, and their labels."""
        first = index * self._batch_size
        rows: Any = slice(first, min(first + self._batch_size, self.num_windows))
        windows = self._windows.rows(rows if self._order is None else self._order[rows])
        random = self._random(_WINDOWS, index)
        num = len(windows.start)
        if self._jitter:
            moves = random.integers(-self._jitter, self._jitter + 1, num)
            windows = windows._replace(start=windows.start + moves)
        if self._strands != "given":
            signs = np.ones(num, dtype=np.int8)
            if self._strands == "random":
                signs = random.choice(np.array([1, -1], dtype=np.int8), num)
            windows = windows._replace(strand=signs)
        return windows, windows.labels

    def _signal_means(self, windows: Windows) -> Array:
        means = np.empty((len(windows.start), len(self._signals)), dtype=np.float32)
        places = zip(windows.chromosome.tolist(), windows.start.tolist(), strict=True)
        for row, (number, start) in enumerate(places):
            name, end = self._names[number], start + self.length
            means[row] = [each.mean(name, start, end) for each in self._signals]
        return means

    def _with_negatives(self, found: Any, windows: Windows, share: float) -> Windows:
        if not self.label_names:
            ones = np.ones((len(windows.start), 1), dtype=np.float32)
            windows = windows._replace(labels=ones)
            self.label_names = ("region",)
        num = round(share * len(windows.start))
        random = self._random(_NEGATIVES)
        others = matched_windows(self.genome, found, windows, self.length, num, random)
        pairs = zip(windows, others, strict=True)
        return Windows(*(np.concatenate(pair) for pair in pairs))

    def _checked_chromosomes(self, names: Iterable[str] | None) -> list[str] | None:
        if names is None:
            return None
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self.genome.chromosomes:
                raise ValueError(
                    f"Chromosomes must be those of {self.genome.path}: "
                    f"{listed(self.genome.chromosomes)}. Received {name!r}."
                )
        return wanted


def _signals(signal: Any) -> list[Signal]:
    if signal is None:
        return []
    paths = [signal] if isinstance(signal, str | os.PathLike) else list(signal)
    return [Signal(path) for path in paths]


def _check_tiles(columns: list[Any], negatives: float) -> None:
    if columns or negatives:
        raise ValueError(
            "`labels` and `negatives` must be left out where `regions` is None. Pass "
            "`regions`, or take labels from a `signal`."
        )


def _check_options(
    length: int,
    batch_size: int,
    step: int,
    jitter: int,
    negatives: float,
    strands: str,
    edges: str,
) -> None:
    least = {"length": (length, 1), "batch_size": (batch_size, 1), "step": (step, 1)}
    least["jitter"] = (jitter, 0)
    for name, (value, smallest) in least.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < smallest:
            raise ValueError(
                f"`{name}` must be a whole number, {smallest} or more. Received "
                f"{value!r}."
            )
    if not 0 <= negatives < np.inf:
        raise ValueError(f"`negatives` must be 0 or more. Received {negatives!r}.")
    if strands not in _STRANDS:
        raise ValueError(
            f"`strands` must be one of {listed(_STRANDS)}. Received {strands!r}."
        )
    if edges not in _EDGES:
        raise ValueError(f'`edges` must be "pad" or "drop". Received {edges!r}.')
