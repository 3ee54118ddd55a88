"""Sequences from FASTA files, one record or one batch at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from keras_motif.datasets._lines import check_readable, read_lines
from keras_motif.sequences import one_hot

__all__ = ["FastaRecord", "FastaSequences", "fasta_records", "read_fasta"]

_BLANKS = b" \t\r\n\v\f"
_INVALID = b"?"


def _letter_table() -> bytes:
    """Return what each byte reads as: a capital of A C G T N, or "?"."""
    table = bytearray(_INVALID * 256)
    # IUPAC's letters for several bases; one-hot rows know only N.
    for letters, meaning in (("A", "A"), ("C", "C"), ("G", "G"), ("TU", "T")):
        for letter in letters + letters.lower():
            table[ord(letter)] = ord(meaning)
    for letter in "NRYSWKMBDHVnryswkmbdhv":
        table[ord(letter)] = ord("N")
    return bytes(table)


_LETTERS = _letter_table()


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
    """Read the sequences of a FASTA file, one at a time.

    A sequence may span lines; blank lines and blanks are skipped, line ends may be
    of any system. Letters come back as capitals A C G T N, which is all that
    one-hot rows can say: lower case (soft-masked repeats) as capitals, U as T, and
    IUPAC's letters for several bases (R, Y, ...) as N, as the MEME Suite reads them.

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
        ...     _ = path.write_text(">one chr1:5-9\\nGAtt\\n>two\\nACG\\nU\\n")
        ...     list(read_fasta(path))
        [('one', 'GATT'), ('two', 'ACGT')]
    """
    check_readable(path)
    return ((record.name, record.sequence) for record in fasta_records(path))


@dataclass(frozen=True)
class FastaSequences:
    """Sequences of a FASTA file as one-hot batches, read anew each time.

    Takes the place of an array wherever batches of sequences are read, without
    holding the file in memory.

    Args:
        path: The file, as for `read_fasta`; its sequences must all have one length.
        batch_size: Number of sequences per batch; the last may have fewer.

    Raises:
        ValueError: A `batch_size` below 1. While iterating: what `read_fasta`
            raises, or a sequence of another length than the first; the message
            names its record and line.
        OSError: The file is missing or cannot be opened.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "three.fa")
        ...     _ = path.write_text(">a\\nGATTA\\n>b\\nACGTT\\n>c\\nTTTTT\\n")
        ...     [batch.shape for batch in FastaSequences(path, batch_size=2)]
        [(2, 5, 4), (1, 5, 4)]
    """

    path: str | os.PathLike[str]
    batch_size: int = field(default=512, kw_only=True)

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(
                f"`batch_size` must be 1 or more. Received {self.batch_size}."
            )
        check_readable(self.path)

    def __iter__(self) -> Iterator[np.ndarray[Any, Any]]:
        """Yield arrays of shape `(n, length, 4)`, int8, bases A C G T."""
        batch: list[str] = []
        for record in one_length(self.path):
            batch.append(record.sequence)
            if len(batch) == self.batch_size:
                yield one_hot(batch)
                batch = []
        if batch:
            yield one_hot(batch)


def one_length(path: str | os.PathLike[str]) -> Iterator[FastaRecord]:
    """Yield the records of a file whose sequences all have one length.

    Raises:
        ValueError: Another length than the first record's.
    """
    first: FastaRecord | None = None
    for record in fasta_records(path):
        first = first or record
        if len(record.sequence) != len(first.sequence):
            raise ValueError(
                f"{os.fspath(path)}, line {record.line}: expected sequences of one "
                f"length, {len(first.sequence)} letters as {first.name!r} in line "
                f"{first.line}. {record.name!r} has {len(record.sequence)}. Cut the "
                "sequences to one length about their centres, or pad them with N."
            )
        yield record


def fasta_records(path: str | os.PathLike[str]) -> Iterator[FastaRecord]:
    """Yield the records of a FASTA file; `read_fasta` says how it is read."""
    header: bytes | None = None
    start = 0
    lines: list[bytes] = []
    for number, line in enumerate(read_lines(path), start=1):
        if line.startswith(b">"):
            if header is not None:
                yield _record(path, header, start, lines)
            header, start, lines = line, number, []
        elif header is not None:
            lines.append(line)
        elif line.strip():
            shown = line.strip()[:40].decode("utf-8", "replace")
            raise ValueError(
                f"{os.fspath(path)}, line {number}: expected a FASTA header, '>' and "
                f"a name. Received {shown!r}."
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
    words = header[1:].decode("utf-8", "replace").split(maxsplit=1)
    where = f"{os.fspath(path)}, line {start}"
    if not words:
        raise ValueError(f"{where}: expected a name behind '>'. Received none.")
    name, description = words[0], words[1].strip() if len(words) == 2 else ""
    sequence = b"".join(lines).translate(_LETTERS, _BLANKS)
    if not sequence:
        raise ValueError(
            f"{where}: expected lines of sequence behind the header. The record "
            f"{name!r} has none."
        )
    if _INVALID in sequence:
        _fail_at_letter(path, name, start, lines)
    return FastaRecord(name, description, sequence.decode("ascii"), start)


def _fail_at_letter(
    path: str | os.PathLike[str], name: str, start: int, lines: list[bytes]
) -> None:
    """Raise with the line and position of the first letter that is no base."""
    before = 0
    for number, line in enumerate(lines, start=start + 1):
        kept = line.translate(None, _BLANKS)
        position = kept.translate(_LETTERS).find(_INVALID)
        if position >= 0:
            shown = kept[position:].decode("utf-8", "replace")[0]
            raise ValueError(
                f"{os.fspath(path)}, line {number}: expected letters A C G T N (U "
                f"reads as T, IUPAC's R Y S W K M B D H V as N). Received {shown!r} "
                f"at position {before + position} of the record {name!r}, counted "
                "from 0. Protein sequences cannot be used."
            )
        before += len(kept)
