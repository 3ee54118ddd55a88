"""A genome on disk, of which any place can be read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from keras_motif._checks import listed, quoted
from keras_motif.datasets._fasta_index import FastaEntry, load_index
from keras_motif.datasets._genome_bytes import open_bytes
from keras_motif.datasets._letters import INVALID, LETTERS, read_letters
from keras_motif.datasets._two_bit import TWO_BIT_MARKS, TwoBit
from keras_motif.motifs import file_kinds
from keras_motif.sequences import ALPHABET

__all__ = ["Genome"]

Array = np.ndarray[Any, Any]

_UNKNOWN, _INVALID = 4, 255


def _code_table() -> Array:
    """Return the code of each byte: 0 to 3 for A C G T, 4 for N, 255 for others."""
    table = np.full(256, _INVALID, dtype=np.uint8)
    for byte in range(256):
        letter = read_letters(bytes([byte]))
        if letter and letter != INVALID:
            table[byte] = (ALPHABET + "N").index(letter)
    return table


_CODES = _code_table()


class Genome:
    r"""A genome on disk: plain FASTA, FASTA compressed by bgzip, or 2bit.

    Any place is read without what lies before it. Nothing of the sequence is kept in
    memory. It may be used by several threads, and by processes that were forked or
    got it pickled.

    A FASTA file needs samtools' index, `FILE.fai`; where there is none, or one that
    doesn't fit, it is made, beside the file or, in a folder that cannot be written, in
    the cache (see `load_jaspar`). For a human genome that takes about a minute, once.

    Letters read as in `read_fasta`: lower case as capitals, U as T, R, Y, ... as N.

    Args:
        path: The file, whatever its name.

    Attributes:
        path: The file's name.
        chromosomes: Dict of name -> length, in the file's order; not to be changed.

    Raises:
        ValueError: A file of another kind, or a damaged one; names file and line.
        OSError: The file is missing or cannot be opened.

    Example:
        >>> import os, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "small.fa")
        ...     _ = path.write_text(">chr1\nGATTACA\nNNacg\n>chr2\nTTTT\n")
        ...     genome = Genome(path)
        ...     dict(genome.chromosomes), genome.sequence("chr1", 5, 11)
        ({'chr1': 12, 'chr2': 4}, 'CANNAC')
    """

    path: str
    chromosomes: Mapping[str, int]

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        with Path(path).open("rb") as file:  # raises what Python raises
            head = file.read(file_kinds.HEAD_BYTES)
        self._source: _Fasta | TwoBit
        if head[:4] in TWO_BIT_MARKS:
            self._source = TwoBit(self.path)
        else:
            if head[:2] != b"\x1f\x8b":
                file_kinds.check_text(head, self.path, "a genome in FASTA or 2bit")
            self._source = _Fasta(self.path)
        self.chromosomes = MappingProxyType(self._source.lengths)

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_source": self._source}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.chromosomes = MappingProxyType(self._source.lengths)

    def __repr__(self) -> str:
        num, total = len(self.chromosomes), sum(self.chromosomes.values())
        return f"Genome({self.path!r}, {num} chromosomes, {total:,} bases)"

    def sequence(self, chromosome: str, start: int, end: int, strand: str = "+") -> str:
        """Return a piece of a chromosome in capitals A C G T N.

        Args:
            chromosome: Its name.
            start: Its first base, from 0.
            end: The base behind its last.
            strand: "+", or "-" for the reverse complement.

        Raises:
            ValueError: A chromosome that the genome lacks, a piece that reaches beyond
                it or is empty, another `strand`.
        """
        length = self._length(chromosome)
        if not 0 <= start < end <= length:
            raise ValueError(
                f"`start` and `end` must lie within {chromosome}, 0 <= start < end <= "
                f"{length}. Received {start} and {end}."
            )
        if strand not in ("+", "-"):
            raise ValueError(f'`strand` must be "+" or "-". Received {strand!r}.')
        codes = self.codes(chromosome, start, end)
        if strand == "-":
            codes = complement(codes)[::-1]
        letters = np.frombuffer(b"ACGTN", dtype=np.uint8)[codes]
        return letters.tobytes().decode("ascii")

    def codes(self, chromosome: str, start: int, end: int) -> Array:
        """Return a piece of a chromosome as numbers, N beyond its ends.

        Args:
            chromosome: Its name.
            start: Its first base, from 0; may be negative.
            end: The base behind its last; may lie beyond the chromosome.

        Returns:
            Array of shape `(end - start,)`, uint8: 0 to 3 for A C G T, 4 for N.

        Raises:
            ValueError: A chromosome that the genome lacks, letters that are not DNA's,
                a file that changed since it was opened.
        """
        length = self._length(chromosome)
        first, last = max(start, 0), min(end, length)
        if first >= last:
            return np.full(max(0, end - start), _UNKNOWN, dtype=np.uint8)
        text = self._source.read(chromosome, first, last)
        codes = _CODES[np.frombuffer(text, dtype=np.uint8)]
        if len(codes) != last - first:
            raise ValueError(
                f"{self.path}: expected {last - first} bases of {chromosome} from "
                f"{first} on. Received {len(codes)}; the file changed since it was "
                "opened, or is cut short. Open it again."
            )
        if codes.max() == _INVALID:
            place = int(codes.argmax())
            shown = quoted(chr(text[place]))
            raise ValueError(
                f"{self.path}: expected {LETTERS}. Received {shown} at position "
                f"{first + place} of {chromosome}, counted from 0."
            )
        if (first, last) == (start, end):
            return codes
        before = np.full(first - start, _UNKNOWN, dtype=np.uint8)
        behind = np.full(end - last, _UNKNOWN, dtype=np.uint8)
        return np.concatenate([before, codes, behind])

    def _length(self, chromosome: str) -> int:
        length = self.chromosomes.get(chromosome)
        if length is None:
            raise ValueError(
                f"`chromosome` must be one of {self.path}: {listed(self.chromosomes)}. "
                f"Received {quoted(chromosome)}."
            )
        return length


def complement(codes: Array) -> Array:
    """Return the codes of the bases across, N staying N; the order stays."""
    return np.array([3, 2, 1, 0, _UNKNOWN], dtype=np.uint8)[codes]


class _Fasta:
    """The records of a FASTA file."""

    def __init__(self, path: str) -> None:
        self._content = open_bytes(path)
        self._index: dict[str, FastaEntry] = load_index(path, self._content)
        self.lengths = {name: entry.length for name, entry in self._index.items()}

    def read(self, name: str, start: int, end: int) -> bytes:
        entry = self._index[name]
        first, last = (
            entry.offset
            + place // entry.line_bases * entry.line_bytes
            + place % entry.line_bases
            for place in (start, end - 1)
        )
        return self._content.read(first, last + 1 - first).translate(None, b"\r\n")
