"""Files of motifs in any format."""

from __future__ import annotations

import os
import re
from pathlib import Path

from keras_motif.motifs._matrix_reader import FoundMotif, read_matrices
from keras_motif.motifs._meme_header import VERSION_LINE
from keras_motif.motifs._meme_lines import Lines, read_lines
from keras_motif.motifs._transfac_reader import is_transfac, read_transfac
from keras_motif.motifs.meme import MemeFile, meme_content, warn_of_repeated
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET, RNA_ALPHABET

__all__ = ["read_motifs"]

# Formats that aren't read: what tells them, their names, and the way.
_BIOPYTHON = (
    "Read it with Biopython, `Bio.motifs.parse(handle, {0!r})`; its motifs go wherever "
    "a file does."
)
_OTHERS = (
    (r"<motifs\b", "XMS", _BIOPYTHON.format("xms")),
    (r"AlignACE\b", "AlignACE's output", _BIOPYTHON.format("AlignACE")),
    (
        r"<\?xml|<!DOCTYPE|<html",
        "XML or HTML",
        "Take the program's text.",
    ),
    (r"[\[{]\s*(?:[\"\[{]|$)", "JSON", "Take the same motifs in MEME's format."),
    (r"@\S", "FASTQ or SAM", "Those are sequences, not motifs."),
    (r"Sequence\b.*\bstrand\b", "a table of sites", "Take a file of matrices."),
    (r"#?matrix_id\b", "a list of matrices", "Take a file of matrices."),
)
_MEME = re.compile(rf"{VERSION_LINE.pattern}|MOTIF\s|letter-probability\s|ALPHABET")
_SITE = re.compile(r">\S.*\n+[acgtnACGTN]{4,}(?:\n|$)")
_HEAD_LINES = 20


def read_motifs(path: str | os.PathLike[str]) -> MemeFile:
    r"""Read the motifs of a file, whatever its format.

    The format is told from what the file holds:

    - MEME, see `read_meme`;
    - JASPAR, with a letter before each row or without;
    - TRANSFAC, and STAMP's and JASPAR's files in its manner;
    - HOMER; `num_sites` is the number of target sequences (T:);
    - matrices as CIS-BP, HOCOMOCO, UniPROBE, FlyFactorSurvey and others have them: a
      name (">name", a line of its own, or none, when the file's name stands for it)
      above a row for each position or four rows, of A, C, G and T.

    Numbers are frequencies, or counts, which are divided by their position's total
    (`num_sites` is the mean total, None of frequencies). The first word of a name is
    the motif's `name`, what follows its `alt_name`; in TRANSFAC these are AC and ID.
    Every matrix gives a motif, a warning (its name came before) or an error.

    Args:
        path: The file, UTF-8 text, also compressed by gzip whatever its name.

    Returns:
        The motifs; background and strands where the file is MEME's.

    Raises:
        ValueError: Another format, which is named; log-odds in the place of
            frequencies or counts; a matrix that is cut short or damaged; no motif.
            Holds the file's name, the line and what was expected.
        OSError: The file is missing or cannot be opened.

    Warns:
        UserWarning: A motif's name came before; the first motif stays.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "two.jaspar")
        ...     _ = path.write_text(">M1 one\nA [3 0]\nC [1 0]\nG [0 4]\nT [0 0]\n")
        ...     read_motifs(path)[0]
        Motif('M1', alt_name='one', width=2, num_sites=4, consensus='AG')
    """
    lines = read_lines(path)
    if lines.has_prose or any(map(_MEME.match, lines.stripped)):
        content, repeated = meme_content(lines)
    else:
        stem = _stem(Path(path))
        _check_readable(lines)
        if is_transfac(lines.stripped):
            found = read_transfac(lines, stem)
        else:
            found = read_matrices(lines, stem)
        content, repeated = _content(lines, found)
    warn_of_repeated(lines, repeated)
    return content


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return "_".join((Path(name).stem or name).split()) or "motif"


def _check_readable(lines: Lines) -> None:
    """Raise where the first lines are those of a format that isn't read here."""
    head = [line for line in lines.stripped if line][:_HEAD_LINES]
    if not head:
        raise ValueError(f"{lines.path}: expected motifs. The file is empty.")
    for pattern, kind, way in _OTHERS:
        if re.match(pattern, head[0]):
            lines.fail(f"expected motifs. This is {kind}. {way}", 1)
    text = "\n".join(line[:200] for line in head)
    if any("<motifs" in line for line in head):
        lines.fail(f"expected motifs. This is XMS. {_OTHERS[0][2]}", 1)
    if _SITE.match(text):
        lines.fail(
            "expected motifs. These are sequences, or JASPAR's sites. If sites: "
            + _BIOPYTHON.format("sites"),
            1,
        )


def _content(
    lines: Lines, found: list[FoundMotif]
) -> tuple[MemeFile, list[tuple[int, str]]]:
    """Return the motifs, each name once, and the lines of those that came before."""
    if not found:
        raise ValueError(
            f"{lines.path}: expected at least one motif. Received {len(lines)} lines "
            "without one."
        )
    motifs: dict[str, Motif] = {}
    repeated: list[tuple[int, str]] = []
    alphabets: dict[str, int] = {}
    for number, letters, motif in found:
        if letters:
            alphabets.setdefault(RNA_ALPHABET if "U" in letters else ALPHABET, number)
        if motif.name in motifs:
            repeated.append((number, motif.name))
        else:
            motifs[motif.name] = motif
    if len(alphabets) > 1:
        lines.fail(
            "expected all motifs over ACGT, or all over ACGU. Received both. Split the "
            "file.",
            max(alphabets.values()),
        )
    alphabet = next(iter(alphabets), ALPHABET)
    strands = "+" if alphabet == RNA_ALPHABET else "+ -"
    return MemeFile([*motifs.values()], None, alphabet, strands), repeated
