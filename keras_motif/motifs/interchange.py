"""Motifs to and from other tools, each in the shapes that the tool expects.

Inside this package motifs are `(width, 4)`, bases A C G T; other layouts end here. The
other tools are imported only by the functions that make their objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.letters import Kind, stack_heights
from keras_motif.motifs.counts import column_shares, from_counts, whole_counts
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "from_biopython",
    "from_lightmotif",
    "from_logomaker",
    "from_pymemesuite",
    "from_tensors",
    "to_biopython",
    "to_lightmotif",
    "to_logomaker",
    "to_tensors",
]

Array = np.ndarray[Any, Any]

_FREQUENCY_LIMIT = 1.1  # columns of counts that sum to no more are frequencies
_ASSUMED_SITES = 1000  # of a motif without a number: counts to a thousandth
_WEIGHT_ROUNDING = 1e-3  # of lightmotif's single precision, with room
_LIGHTMOTIF_ORDER = (0, 1, 3, 2)  # of its columns A C T G N, those of A C G T


def to_biopython(motif: Motif) -> Any:
    """Return a motif as Biopython's, of the kind that its JASPAR reader gives.

    Args:
        motif: The motif.

    Returns:
        `Bio.motifs.jaspar.Motif`: `matrix_id` is the motif's name, `name` its
        alternate name, `counts` its frequencies times `num_sites`, or the
        frequencies themselves where that is None or 0.

    Raises:
        ImportError: Biopython is not installed.
    """
    from Bio.motifs import jaspar

    counts = motif.frequencies * (motif.num_sites or 1)
    columns = dict(zip(ALPHABET, counts.T.tolist(), strict=True))
    return jaspar.Motif(motif.name, motif.alt_name, alphabet=ALPHABET, counts=columns)


def from_biopython(motif: Any, name: str = "") -> Motif:
    """Return a Biopython motif of any kind, over DNA or RNA.

    Args:
        motif: `Bio.motifs.Motif` or a subclass, such as those of JASPAR and MEME.
        name: Its name where it has none of its own.

    Returns:
        Counts divided by their columns' totals, a column without any uniform;
        `num_sites` is the mean total, None where the counts are frequencies.

    Raises:
        ValueError: Another alphabet, or counts below 0.
    """
    letters = "ACGU" if "U" in motif.counts else ALPHABET
    if set(motif.counts) != set(letters):
        raise ValueError(
            "A Biopython motif must be over DNA or RNA. Received the letters "
            f"{''.join(sorted(motif.counts))}."
        )
    counts = np.array([motif.counts[base] for base in letters], dtype=np.float64).T
    matrix_id = getattr(motif, "matrix_id", None)
    name = str(matrix_id or motif.name or name)
    alt_name = str(motif.name or "") if matrix_id else ""
    if counts.sum(axis=1).max(initial=0.0) > _FREQUENCY_LIMIT:
        return from_counts(counts, name, alt_name)
    return Motif(column_shares(counts), name, alt_name=alt_name)


def from_pymemesuite(motif: Any, name: str = "") -> Motif:
    """Return a pymemesuite motif, which keeps no number of sites.

    Args:
        motif: `pymemesuite.common.Motif`.
        name: Its name where it has none of its own.

    Raises:
        ValueError: Frequencies that are none.
    """
    found, alt_name = ((text or b"").decode() for text in (motif.accession, motif.name))
    return Motif(np.array(motif.frequencies), found or name, alt_name=alt_name)


def to_logomaker(motif: Motif, kind: Kind = "probability") -> pd.DataFrame:
    """Return a motif as logomaker's table: one row per position, columns A C G T.

    Args:
        motif: The motif.
        kind: "probability", or "information" for the heights of a logo in bits.

    Returns:
        DataFrame with the index "pos", from 0.

    Raises:
        ValueError: Another `kind`.
    """
    import pandas as pd

    heights = stack_heights(motif.frequencies, kind)
    index = pd.RangeIndex(motif.width, name="pos")
    return pd.DataFrame(heights.copy(), columns=list(ALPHABET), index=index)


def from_logomaker(
    table: pd.DataFrame, name: str = "", *, counts: bool = False
) -> Motif:
    """Return a table of logomaker's as a motif.

    Args:
        table: Columns A C G T in any order, one row per position; probabilities, or
            counts. Of another kind, `logomaker.transform_matrix` makes these.
        name: The motif's name.
        counts: Whether the table holds counts, as `logomaker.alignment_to_matrix`
            makes them by default.

    Returns:
        The motif; of counts, `num_sites` is the mean total of a position.

    Raises:
        ValueError: Other columns, or values that are not what `counts` says.
    """
    if set(table.columns) != set(ALPHABET) or len(table.columns) != len(ALPHABET):
        raise ValueError(
            "`table` must have the columns A C G T. Received "
            f"{', '.join(map(str, table.columns))}."
        )
    values = table[list(ALPHABET)].to_numpy(dtype=np.float64)
    return from_counts(values, name) if counts else Motif(values, name)


def to_tensors(motifs: Motif | Iterable[Motif]) -> dict[str, Array]:
    """Return motifs as memelite and tangermeme take them: arrays `(4, width)`.

    Args:
        motifs: Motifs, or one.

    Returns:
        Dict of "name alt_name" -> float64 array `(4, width)`, as their `read_meme`
        gives it. For `tangermeme`, `torch.from_numpy` takes each without a copy.

    Raises:
        ValueError: Two motifs of one name.
    """
    tensors: dict[str, Array] = {}
    for motif in [motifs] if isinstance(motifs, Motif) else motifs:
        key = f"{motif.name} {motif.alt_name}".rstrip()
        if key in tensors:
            raise ValueError(
                f"`motifs` must have a different `name` each. Received {key!r} twice."
            )
        tensors[key] = motif.frequencies.T.copy()
    return tensors


def from_tensors(tensors: Mapping[str, Any] | Iterable[Any]) -> list[Motif]:
    """Return motifs from arrays or tensors `(4, width)`, as memelite reads them.

    Args:
        tensors: Dict of name -> NumPy array, or PyTorch tensor on the CPU, of shape
            `(4, width)`, frequencies; a second word of a name is the alternate name.
            Elements of a list are named motif0, motif1, ...

    Returns:
        The motifs in their order.

    Raises:
        ValueError: Another shape, or values that are no frequencies.
    """
    if not isinstance(tensors, Mapping):
        tensors = {f"motif{index}": tensor for index, tensor in enumerate(tensors)}
    motifs = []
    for key, tensor in tensors.items():
        array = np.asarray(tensor)
        if array.ndim != 2 or array.shape[0] != len(ALPHABET):
            raise ValueError(
                "`tensors` must hold arrays of shape (4, width), bases A C G T. "
                f"Received shape {array.shape} under {key!r}. For (width, 4) arrays, "
                "pass `keras_motif.Motif(array, name)`."
            )
        name, _, alt_name = str(key).partition(" ")
        motifs.append(Motif(array.T, name, alt_name=alt_name.strip()))
    return motifs


def to_lightmotif(motif: Motif, *, num_sites: int | None = None) -> Any:
    """Return a motif as lightmotif's counts, from which it makes weights and scores.

    Args:
        motif: The motif.
        num_sites: What each position's counts sum to, 1 or more. lightmotif's counts
            are whole numbers, so few sites round frequencies coarsely. None: the
            motif's own, 1000 where that is unknown or 0.

    Returns:
        `lightmotif.CountMatrix`; `.normalize(0.1).log_odds()` of it is what
        `lightmotif.scan` takes.

    Raises:
        ValueError: `num_sites` below 1.
        ImportError: lightmotif is not installed.
    """
    try:
        import lightmotif
    except ImportError as error:
        raise ImportError(
            "`to_lightmotif` needs lightmotif, which is not installed. Run "
            "`pip install lightmotif`."
        ) from error
    if num_sites is None:
        num_sites = round(motif.num_sites or 0) or _ASSUMED_SITES
    if num_sites < 1:
        raise ValueError(f"`num_sites` must be 1 or more. Received {num_sites!r}.")
    counts = whole_counts(motif.frequencies, num_sites)
    return lightmotif.CountMatrix(dict(zip(ALPHABET, counts.T.tolist(), strict=True)))


def from_lightmotif(motif: Any, name: str = "") -> Motif:
    """Return a motif of lightmotif, or a matrix of counts or weights.

    Args:
        motif: `lightmotif.Motif` as `lightmotif.load` and `create` give it, a
            `CountMatrix`, or a `WeightMatrix` against a uniform background. From a
            `ScoringMatrix`, whose background is not known, there is no way back.
        name: Its name where it has none of its own.

    Returns:
        The motif; `num_sites` is the mean total of a position where there are
        counts.

    Raises:
        ValueError: A protein motif, or weights against another background, as
            lightmotif makes them of a MEME file that states one.
        TypeError: Another kind of object.
    """
    matrix, alt_name = motif, ""
    if hasattr(motif, "pwm"):
        matrix = motif.counts if motif.counts is not None else motif.pwm
        name = motif.name or name
        alt_name = getattr(motif, "description", None) or ""
    if not hasattr(matrix, "normalize") and not hasattr(matrix, "log_odds"):
        raise TypeError(
            "`motif` must be a Motif, CountMatrix or WeightMatrix of lightmotif. "
            f"Received {type(motif).__name__}."
        )
    if matrix.protein:
        raise ValueError("`motif` must be over DNA. Received a protein motif.")
    rows = np.array([matrix[row] for row in range(len(matrix))], dtype=np.float64)
    values = rows[:, _LIGHTMOTIF_ORDER]
    if hasattr(matrix, "normalize"):
        return from_counts(values, name, alt_name)
    frequencies = values / len(ALPHABET)
    if (np.abs(frequencies.sum(axis=1) - 1) > _WEIGHT_ROUNDING).any():
        raise ValueError(
            "`motif` must have weights against a uniform background. Received "
            f"weights of {name or 'a motif'} against another. Read its file with "
            "`keras_motif.read_meme`."
        )
    return Motif(frequencies, name, alt_name=alt_name)
