"""Sequences from FASTA files, one record or one batch at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np

from keras_motif._checks import quoted
from keras_motif.datasets._letters import (
    INVALID,
    LETTERS,
    centred,
    read_letters,
    without_blanks,
)
from keras_motif.datasets._lines import LONGEST_LINE, check_readable, read_lines
from keras_motif.motifs import file_kinds
from keras_motif.sequences import base_rows, one_hot

__all__ = ["FastaRecord", "FastaSequences", "fasta_records", "read_fasta"]

_LONGEST_HEADER = 2**16  # bytes
_MANY_LINES = 2**16  # of a record, which are then kept as one piece


class FastaRecord(NamedTuple):
    """A record of a FASTA file.

    Attributes:
        name: The first word behind ">".
        description: The rest of that line, without blanks around it.
        sequence: Capitals A C G T N.
        line: The number of the header's line, from 1.
    """

    name: str
    description: str
    sequence: str
    line: int


def read_fasta(path: str | os.PathLike[str]) -> Iterator[tuple[str, str]]:
    r"""Read the sequences of a FASTA file, one at a time.

    A sequence may span lines; blank lines and blanks are skipped, line ends may be
    Windows'. Letters come back as capitals A C G T N, which is all that one-hot rows
    can say: lower case (soft-masked repeats) as capitals, U as T, and IUPAC's
    letters for several bases (R, Y, ...) as N.

    Args:
        path: The file, also compressed by gzip whatever its name.

    Returns:
        An iterator over `(name, sequence)`; the name is the first word behind ">".
        Names may repeat. No more than one record is held in memory.

    Raises:
        ValueError: No record, a sequence without header, a header without name or
            without sequence, another letter (as in proteins), damaged compressed
            data. Holds the file's name and the line; raised while iterating.
        OSError: The file is missing or cannot be opened; raised by the call.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "two.fa")
        ...     _ = path.write_text(">one chr1:5-9\nGAtt\n>two\nACG\nU\n")
        ...     list(read_fasta(path))
        [('one', 'GATT'), ('two', 'ACGT')]
    """
    check_readable(path)
    return ((record.name, record.sequence) for record in fasta_records(path))


@dataclass(frozen=True)
class FastaSequences:
    r"""Sequences of a FASTA file as one-hot batches, read anew each time.

    Takes the place of an array wherever batches of sequences are read, without
    holding the file in memory.

    Args:
        path: The file, as for `read_fasta`.
        batch_size: Number of sequences per batch; the last may have fewer.
        length: Bases per sequence: longer ones are cut about their centres, shorter
            ones padded with N on both sides. None takes them as they are; they must
            then all have one length.
        unknown: What stands for each base of an N: 0, or 0.25 in batches of float32.

    Raises:
        ValueError: A `batch_size` or `length` below 1, another `unknown`. While
            iterating: what `read_fasta` raises, or a sequence of another length than
            the first; the message names its record and line.
        OSError: The file is missing or cannot be opened.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "three.fa")
        ...     _ = path.write_text(">a\nGATTA\n>b\nACGTT\n>c\nTTTTT\n")
        ...     [batch.shape for batch in FastaSequences(path, batch_size=2)]
        [(2, 5, 4), (1, 5, 4)]
    """

    path: str | os.PathLike[str]
    batch_size: int = field(default=512, kw_only=True)
    length: int | None = field(default=None, kw_only=True)
    unknown: float = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(
                f"`batch_size` must be 1 or more. Received {self.batch_size}."
            )
        check_length(self.length)
        base_rows(np.float32, self.unknown)  # raises where it cannot be
        check_readable(self.path)

    def __iter__(self) -> Iterator[np.ndarray[Any, Any]]:
        """Yield arrays of shape `(n, length, 4)`, int8 or float32, bases A C G T."""
        dtype = np.float32 if self.unknown else np.int8
        batch: list[str] = []
        first: FastaRecord | None = None
        for record in fasta_records(self.path):
            first = first or record
            if self.length is None:
                self._check_equal(record, first)
            batch.append(centred(record.sequence, self.length))
            if len(batch) == self.batch_size:
                yield one_hot(batch, dtype=dtype, unknown=self.unknown)
                batch = []
        if batch:
            yield one_hot(batch, dtype=dtype, unknown=self.unknown)

    def _check_equal(self, record: FastaRecord, first: FastaRecord) -> None:
        if len(record.sequence) != len(first.sequence):
            raise ValueError(
                f"{os.fspath(self.path)}, line {record.line}: expected sequences of "
                f"one length, {len(first.sequence)} letters as {quoted(first.name)} in "
                f"line {first.line}. {quoted(record.name)} has {len(record.sequence)}. "
                "To cut them about their centres, or pad them with N, pass "
                "`FastaSequences(path, length=...)`."
            )


def check_length(length: int | None) -> None:
    """Raise unless `length` can be a sequence's.

    Raises:
        ValueError: It is below 1.
    """
    if length is not None and length < 1:
        raise ValueError(f"`length` must be 1 or more, or None. Received {length}.")


def fasta_records(path: str | os.PathLike[str]) -> Iterator[FastaRecord]:
    """Yield the records of a FASTA file; `read_fasta` says how it is read."""
    header: bytes | None = None
    start = length = 0
    lines: list[bytes] = []
    for number, line in enumerate(read_lines(path), start=1):
        if line.startswith(b">"):
            if header is not None:
                yield _record(path, header, start, lines)
            header, start, lines, length = line, number, [], 0
        elif header is not None:
            lines.append(line)
            length += len(line)
            if length > LONGEST_LINE:
                raise ValueError(
                    f"{os.fspath(path)}, line {start}: expected a record of at most "
                    f"{LONGEST_LINE:,} bytes. Received a longer one. Cut it into parts."
                )
            if len(lines) > _MANY_LINES:
                lines = [b"".join(lines)]
        elif line.strip():
            shown = quoted(line.strip()[:200].decode("utf-8", "replace"), 40)
            kind = file_kinds.text_kind(line)
            raise ValueError(
                f"{os.fspath(path)}, line {number}: expected a FASTA header, '>' and "
                f"a name. Received {shown}{f', as in {kind}' if kind else ''}."
            )
    if header is None:
        raise ValueError(
            f"{os.fspath(path)}: expected FASTA records, '>' and a name followed by "
            "lines of sequence. The file holds none."
        )
    yield _record(path, header, start, lines)


def _record(
    path: str | os.PathLike[str], header: bytes, start: int, lines: list[bytes]
) -> FastaRecord:
    where = f"{os.fspath(path)}, line {start}"
    if len(header) > _LONGEST_HEADER:
        raise ValueError(
            f"{where}: expected a header of at most {_LONGEST_HEADER:,} bytes. "
            f"Received {len(header):,}. Is this a FASTA file?"
        )
    words = header[1:].decode("utf-8", "replace").split(maxsplit=1)
    if not words:
        raise ValueError(f"{where}: expected a name behind '>'. Received none.")
    name, description = words[0], words[1].strip() if len(words) == 2 else ""
    sequence = read_letters(b"".join(lines))
    if not sequence:
        raise ValueError(
            f"{where}: expected lines of sequence behind the header. The record "
            f"{quoted(name)} has none."
        )
    if INVALID in sequence:
        _fail_at_letter(path, name, start, lines)
    return FastaRecord(name, description, sequence, start)


def _fail_at_letter(
    path: str | os.PathLike[str], name: str, start: int, lines: list[bytes]
) -> NoReturn:
    """Raise with the line and the position of the first letter that is no base."""
    position = read_letters(b"".join(lines)).index(INVALID)
    before, number = 0, start
    for line in b"".join(lines).split(b"\n"):
        number += 1
        written = without_blanks(line)
        if position < before + len(written):
            break
        before += len(written)
    shown = written[position - before :].decode("utf-8", "replace")[0]
    raise ValueError(
        f"{os.fspath(path)}, line {number}: expected {LETTERS}. Received {shown!r} at "
        f"position {position} of the record {quoted(name)}, counted from 0."
    )
