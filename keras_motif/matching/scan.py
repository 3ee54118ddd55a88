"""Occurrences of motifs in sequences, with FIMO's scores and p-values."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif._checks import check_one_hot_shape, check_one_hot_values
from keras_motif.datasets import read_fasta
from keras_motif.matching._fimo import Scanner
from keras_motif.matching._tomtom import DEFAULT_SITES
from keras_motif.matching.qvalues import benjamini_hochberg
from keras_motif.motifs import Motif, MotifsLike, as_motifs
from keras_motif.sequences import ALPHABET, SequencesLike, from_one_hot

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["motif_scan"]

_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_OTHER_LETTER = re.compile("[^ACGTN]")
# Columns of FIMO's TSV; the kind where it isn't the values' own.
_COLUMNS: dict[str, type | None] = {
    "motif_id": None,
    "motif_alt_id": None,
    "sequence_name": None,
    "start": np.int64,
    "stop": np.int64,
    "strand": None,
    "score": np.float64,
    "p-value": np.float64,
    "q-value": np.float64,
    "matched_sequence": None,
}


def motif_scan(
    motifs: MotifsLike,
    sequences: SequencesLike,
    *,
    threshold: float = 1e-4,
    both_strands: bool | None = None,
    pseudocount: float = 0.1,
    background: Sequence[float] | np.ndarray[Any, Any] | None = None,
) -> pd.DataFrame:
    """Find where motifs occur in sequences, with FIMO's scores and p-values.

    Use it to see which sequences hold a learned motif, or to compare a filter's
    activations with the sites that its motif predicts.

    FIMO is compiled into pymemesuite, the MEME Suite's licence applies to it: free
    for education, research and non-profit use; others ask its owners. The scores
    are log2 odds against the background, rounded to a grid as FIMO does. A
    p-value is the share of random words with at least that score.

    q-values are Benjamini and Hochberg's, over all positions that were scored for
    a motif. FIMO's own also estimate the share of true nulls from a random sample
    of positions, so they vary from call to call; these don't, and are a little
    larger.

    Source: Grant, Bailey & Noble (2011), FIMO, Bioinformatics 27.

    Args:
        motifs: Motifs, one motif, a `MemeFile`, a file's path, a JASPAR release, or
            what else `motif_match` takes.
        sequences: One-hot array `(n, length, 4)`, bases A C G T; or a string, or
            strings of any lengths, or a mapping from names to strings, or the path of
            a FASTA file. No word with an N in it is scored.
        threshold: The largest p-value to report, in (0, 1].
        both_strands: Whether to search the reverse strand too. None: not for a MEME
            file of RNA (alphabet ACGU).
        pseudocount: Sites, distributed like the background, added to the motif's
            own before scores are computed; greater than 0. A motif with
            `num_sites` None or 0 counts as 20 sites.
        background: Frequencies of A C G T, each greater than 0. None takes the MEME
            file's where there is one, else uniform. (The program `fimo` takes
            those of a large protein-coding database.)

    Returns:
        One row per occurrence. Columns are those of FIMO's TSV: motif_id,
        motif_alt_id, sequence_name (a string's name in the mapping, else its
        index), start and stop (1-based, both included, start <= stop on either
        strand: the occurrence is `sequence[start - 1 : stop]`), strand, score
        (bits), p-value, q-value, matched_sequence (as the motif reads it). Motifs
        come in the order given, the occurrences of each by p-value, then sequence
        and start.

    Raises:
        ValueError: No motif, two of one name, no sequence, other letters, a
            motif wider than every sequence, or an option out of range.
        TypeError: `motifs` is something else.
        ImportError: pymemesuite is not installed.

    Example:
        >>> boxes = Motif(np.eye(4)[[1, 0, 1, 2, 3, 2]], "E-box")  # CACGTG
        >>> found = motif_scan(boxes, "TTTTCACGTG", threshold=0.001)  # doctest: +SKIP
        >>> found[["start", "stop", "strand"]].values.tolist()  # doctest: +SKIP
        [[5, 10, '+'], [5, 10, '-']]
    """
    found = as_motifs(motifs, "motifs")
    listed = found.motifs
    if not listed:
        raise ValueError("`motifs` must hold at least one motif. Received none.")
    frequencies = _checked_background(
        found.background if background is None else background
    )
    names, strings = _checked_sequences(sequences)
    _check_widths(listed, strings)
    if not 0 < threshold <= 1:
        raise ValueError(f"`threshold` must be in (0, 1]. Received {threshold!r}.")
    if not 0 < pseudocount < np.inf:
        raise ValueError(
            "`pseudocount` must be greater than 0, since a frequency of 0 has no "
            f"score. Received {pseudocount!r}."
        )
    if both_strands is None:
        both_strands = not found.is_rna
    scanner = Scanner(strings, frequencies, threshold, both_strands)
    rows: list[tuple[Any, ...]] = []
    for motif in listed:
        hits = scanner.scan(_smoothed(motif, frequencies, pseudocount))
        pvalues = np.array([hit.pvalue for hit in hits])
        qvalues = benjamini_hochberg(pvalues, scanner.num_scored(motif.width)).tolist()
        for hit, qvalue in zip(hits, qvalues, strict=True):
            word = strings[hit.sequence][hit.start - 1 : hit.stop]
            if hit.strand == "-":
                word = word[::-1].translate(_COMPLEMENT)
            site = (names[hit.sequence], hit.start, hit.stop, hit.strand)
            numbers = (hit.score, hit.pvalue, qvalue)
            rows.append((motif.name, motif.alt_name, *site, *numbers, word))
    return _table(rows)


def _smoothed(
    motif: Motif, background: np.ndarray[Any, Any], pseudocount: float
) -> np.ndarray[Any, Any]:
    """Return a motif's frequencies after the pseudocount, `(width, 4)`."""
    sites = int(motif.num_sites or 0) or DEFAULT_SITES
    weighted = motif.frequencies * sites + pseudocount * background
    return np.asarray(weighted / (sites + pseudocount))


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    return pd.DataFrame(
        {
            name: np.array(values, dtype=kind) if kind else list(values)
            for (name, kind), values in zip(_COLUMNS.items(), columns, strict=True)
        }
    )


def _checked_background(
    background: Sequence[float] | np.ndarray[Any, Any] | None,
) -> np.ndarray[Any, Any]:
    """Return the background, `(4,)`, as frequencies that sum to 1."""
    array = np.array([0.25] * 4 if background is None else background, dtype=np.float64)
    if array.shape != (4,) or not (array > 0).all() or abs(array.sum() - 1) > 0.1:
        raise ValueError(
            "`background` must hold four frequencies, of A C G T, each greater than "
            f"0, that sum to 1. Received {background!r}."
        )
    return np.asarray(array / array.sum())


def _checked_sequences(
    sequences: Any,
) -> tuple[list[Any], list[str]]:
    """Return names and strings of capital A C G T N."""
    names: list[Any]
    if isinstance(sequences, str | os.PathLike) and _is_file(sequences):
        records = list(read_fasta(sequences))
        names, strings = [name for name, _ in records], [text for _, text in records]
    elif isinstance(sequences, Mapping):
        names, strings = list(sequences), [str(s) for s in sequences.values()]
    elif isinstance(sequences, str):
        names, strings = [0], [sequences]
    else:
        listed = list(sequences) if isinstance(sequences, Iterable) else []
        if all(isinstance(item, str) for item in listed):
            strings = [str(item) for item in listed]
        else:
            array = np.asarray(sequences if hasattr(sequences, "shape") else listed)
            check_one_hot_shape(array.shape)
            check_one_hot_values(array)
            strings = from_one_hot(array)
        names = list(range(len(strings)))
    if not strings:
        raise ValueError("`sequences` must hold at least one sequence. Received none.")
    strings = [string.upper() for string in strings]
    for name, string in zip(names, strings, strict=True):
        if found := _OTHER_LETTER.search(string):
            raise ValueError(
                f"`sequences` must hold only the letters {' '.join(ALPHABET)} and N. "
                f"Received {found[0]!r} in sequence {name}, position {found.start()}. "
                "Replace U of RNA by T, and other ambiguity codes by N."
            )
    return names, strings


def _is_file(sequences: str | os.PathLike[str]) -> bool:
    """Tell a path from a sequence, which may have a file's name."""
    if isinstance(sequences, os.PathLike):
        return True
    is_sequence = not _OTHER_LETTER.search(sequences.upper())
    return not is_sequence and len(sequences) < 4096 and Path(sequences).exists()


def _check_widths(motifs: list[Motif], strings: list[str]) -> None:
    longest = max(map(len, strings))
    for motif in motifs:
        if motif.width > longest:
            raise ValueError(
                "`sequences` must be as long as the motifs. Received motif "
                f"{motif.name!r} of width {motif.width} and sequences of at most "
                f"{longest} letters. Leave the motif out, or trim it."
            )
