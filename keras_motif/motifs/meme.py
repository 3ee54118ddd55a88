"""MEME motif files, read and written without loss."""

from __future__ import annotations

import gzip
import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from keras_motif._checks import check_path, quoted
from keras_motif._files import whole_file
from keras_motif.motifs._meme_header import Background, checked_background
from keras_motif.motifs._meme_lines import CONTROL, Lines, read_lines
from keras_motif.motifs._meme_reader import MemeReader
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET, check_alphabet

__all__ = [
    "MemeFile",
    "meme_content",
    "read_meme",
    "warn_of_repeated",
    "write_meme",
]


@dataclass(frozen=True)
class MemeFile(Sequence[Motif]):
    """What a file of motifs holds: a sequence of motifs, and what it says of them.

    Goes wherever a list of motifs does; a slice is a list.

    Args:
        motifs: The motifs, in the file's order, each name once.
        background: Frequencies of A C G T as the file gives them; None where it
            has no background line (Tomtom then takes uniform).
        alphabet: "ACGT", or "ACGU" for RNA. The motifs' columns are in this order.
        strands: "+ -" or "+": the strands that the motifs were made from. "+ -"
            where the file doesn't say.
    """

    motifs: list[Motif]
    background: Background | None = None
    alphabet: str = ALPHABET
    strands: str = "+ -"

    def __len__(self) -> int:
        return len(self.motifs)

    @overload
    def __getitem__(self, index: int) -> Motif: ...

    @overload
    def __getitem__(self, index: slice) -> list[Motif]: ...

    def __getitem__(self, index: int | slice) -> Motif | list[Motif]:
        return self.motifs[index]


def read_meme(path: str | os.PathLike[str]) -> MemeFile:
    """Read the motifs of a MEME file.

    Versions 3 to 5, minimal text as the MEME Suite, JASPAR and others write it,
    plain or gzip, and the text that `meme`, `streme` and `dreme` print. Every
    MOTIF line gives a motif, a warning (its name came before) or an error.
    Comments (`#`), URL lines, log-odds matrices and lines that other programs add
    are skipped; a line that may be a damaged one of a motif's is an error.

    A motif's `name` is the first word after MOTIF and its `alt_name` the rest,
    blanks in it reduced to one; `num_sites` is `nsites`, None where missing.
    E-values are not kept. In RNA motifs U stands in the place of T.

    Source: the MEME Suite's description of its motif format.

    Args:
        path: The file, UTF-8 text, also compressed by gzip whatever its name.

    Returns:
        Motifs, background, alphabet and strands.

    Raises:
        ValueError: A line that cannot be used, a motif without a
            letter-probability matrix, a protein or other alphabet, no motif at
            all, or bytes that are not text. Holds the file's name, the line and
            what was expected.
        OSError: The file is missing or cannot be opened.

    Warns:
        UserWarning: A motif's name came before; the first motif stays.
    """
    lines = read_lines(path)
    content, repeated = meme_content(lines)
    warn_of_repeated(lines, repeated)
    return content


def meme_content(lines: Lines) -> tuple[MemeFile, list[tuple[int, str]]]:
    """Return what a MEME file holds, and line and name of each repeated motif.

    Raises:
        ValueError: As `read_meme`.
    """
    reader = MemeReader(lines)
    reader.read()
    header = reader.header
    content = MemeFile(
        list(reader.motifs.values()),
        header.background,
        header.alphabet,
        header.strands,
    )
    return content, reader.repeated


def warn_of_repeated(lines: Lines, repeated: list[tuple[int, str]]) -> None:
    """Warn of motifs whose name came before, at the line that asked for the file."""
    for number, name in repeated:
        warnings.warn(
            f"{lines.path}, line {number}: the motif {quoted(name)} came before in "
            "this file. The first one stays, this one is left out. Give each motif a "
            "name of its own to keep both.",
            UserWarning,
            stacklevel=3,
        )


def write_meme(
    motifs: Iterable[Motif],
    path: str | os.PathLike[str],
    *,
    background: Sequence[float] | np.ndarray | None = None,
    alphabet: str = ALPHABET,
) -> None:
    """Write motifs as a minimal MEME file, version 4.

    Frequencies have at least six decimals, as MEME's own, and as many more as it
    takes to read the same float64 back. So `read_meme` returns equal motifs, any
    program of the MEME Suite computes on the same numbers as this library, and a
    file of six decimals stays one. There is no exponent, which not every reader
    takes. `num_sites=None` leaves `nsites=` out.

    The file is written whole or not at all.

    Args:
        motifs: The motifs, at least one, each name once.
        path: The file; its folder must exist. A name that ends in ".gz" is
            compressed.
        background: Frequencies of A C G T. None writes uniform frequencies, since
            some programs of the MEME Suite assume others where the line is missing.
        alphabet: "ACGT", or "ACGU" for RNA, whose file states one strand. The
            motifs' columns are in this order.

    Raises:
        ValueError: No motif; a name that is empty, repeated or holds whitespace;
            an alternate name with line breaks, tabs or blanks other than single
            ones between words; a background that is not four numbers in [0, 1]
            with sum 1; another `alphabet`.
        TypeError: An element is not a `Motif`, or `path` is no path.
        OSError: The folder does not exist or cannot be written.

    Example:
        >>> import tempfile
        >>> motif = Motif([[1, 0, 0, 0], [0, 0, 0.5, 0.5]], "AG", num_sites=8)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_meme([motif], folder + "/motifs.meme")
        ...     read_meme(folder + "/motifs.meme").motifs == [motif]
        True
    """
    check_path(path, "write_meme(motifs, path)")
    check_alphabet(alphabet)
    listed = _checked_motifs(motifs)
    frequencies = checked_background((0.25,) * 4 if background is None else background)
    pairs = zip(alphabet, frequencies, strict=True)
    header = [
        "MEME version 4",
        f"ALPHABET= {alphabet}",
        "strands: + -" if alphabet == ALPHABET else "strands: +",
        "Background letter frequencies\n"
        + " ".join(f"{base} {_decimal(value)}" for base, value in pairs),
    ]
    text = "\n\n".join([*header, *(_block(motif) for motif in listed)]) + "\n"
    data = text.encode()
    if Path(path).suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def _block(motif: Motif) -> str:
    """Return a motif's lines: MOTIF, the matrix's header, its rows."""
    sites = ""
    if motif.num_sites is not None:
        sites = f" nsites= {_decimal(motif.num_sites, 0)}"
    lines = [
        f"MOTIF {motif.name} {motif.alt_name}".rstrip(),
        f"letter-probability matrix: alength= 4 w= {motif.width}{sites} E= 0",
    ]
    for row in motif.frequencies.tolist():
        lines.append("  " + "  ".join(_decimal(value) for value in row))
    return "\n".join(lines)


def _decimal(value: float, min_digits: int = 6) -> str:
    """Return the shortest decimal that reads back the same, without exponent."""
    text = np.format_float_positional(
        np.float64(value), unique=True, min_digits=min_digits
    )
    return text if min_digits else text.rstrip(".")


def _checked_motifs(motifs: Iterable[Motif]) -> list[Motif]:
    if isinstance(motifs, Motif):
        raise TypeError(
            "`motifs` must be a list of motifs. Received one motif; pass `[motif]`."
        )
    listed = list(motifs)
    if not listed:
        raise ValueError(
            "`motifs` must hold at least one motif. Received none; a MEME file "
            "without a motif is not valid."
        )
    seen: set[str] = set()
    for index, motif in enumerate(listed):
        if not isinstance(motif, Motif):
            raise TypeError(
                "`motifs` must hold `keras_motif.Motif` objects. Received "
                f"{type(motif).__name__} at index {index}."
            )
        _check_names(motif, index)
        if motif.name in seen:
            raise ValueError(
                "`motifs` must have a different `name` each. Received "
                f"{quoted(motif.name)} again at index {index}. Of several layers, put "
                "the layer's name before: `dataclasses.replace(motif, "
                "name=f'{layer}_{motif.name}')`."
            )
        seen.add(motif.name)
    return listed


def _check_names(motif: Motif, index: int) -> None:
    if motif.name.split() != [motif.name] or CONTROL.search(motif.name):
        raise ValueError(
            "The `name` of a motif in a MEME file must be one word: not empty, no "
            f"whitespace or control characters. Received {quoted(motif.name)} at index "
            f"{index}. Put the rest in `alt_name`, or replace blanks by '_'."
        )
    alt_name = motif.alt_name
    if " ".join(alt_name.split()) != alt_name or CONTROL.search(alt_name):
        raise ValueError(
            "The `alt_name` of a motif in a MEME file must be words with single "
            "blanks between them: no line breaks, tabs or control characters. "
            f"Received {quoted(alt_name)} at index {index}."
        )
