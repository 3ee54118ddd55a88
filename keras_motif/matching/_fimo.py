"""FIMO over one set of sequences, through pymemesuite."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["Hit", "Scanner"]


class Hit(NamedTuple):
    """One occurrence. Hits sort by p-value, then by where they are."""

    pvalue: float
    sequence: int
    start: int  # 1-based
    stop: int  # 1-based, included
    strand: str
    score: float


class Scanner:
    """FIMO over one set of sequences."""

    def __init__(
        self,
        strings: list[str],
        background: np.ndarray[Any, Any],
        threshold: float,
        both_strands: bool,
    ) -> None:
        try:
            from pymemesuite import common, fimo
        except ImportError as error:
            raise ImportError(
                "`motif_scan` needs pymemesuite, which is not installed. It has "
                "wheels for CPython up to 3.12 on Linux and macOS only; there, run "
                "`pip install pymemesuite==0.1.0a4`."
            ) from error
        self._common = common
        self._num_strands = 2 if both_strands else 1
        self._alphabet = common.Alphabet.dna()
        self._background = common.Background(
            self._alphabet, common.Array(background.tolist())
        )
        # pymemesuite 0.1.0a4 never scores the last window of a sequence. An N
        # behind makes a window that cannot be scored the last.
        self._sequences = [
            common.Sequence(string + "N", name=str(index).encode())
            for index, string in enumerate(strings)
        ]
        # Bases between one N and the next, over all sequences.
        self._runs = np.array([len(run) for run in "N".join(strings).split("N")])
        self._fimo = fimo.FIMO(
            both_strands=both_strands,
            # It keeps p-values below its threshold; ours is included.
            threshold=float(np.nextafter(threshold, 2)),
            # Past this number it would drop the larger p-values.
            max_stored_scores=min(2 * int(self._runs.sum()) + 1, 2**31 - 1),
        )

    def num_scored(self, width: int) -> int:
        """Return how many words are scored, on all strands."""
        words = np.maximum(self._runs - width + 1, 0)
        return self._num_strands * int(words.sum())

    def scan(self, frequencies: np.ndarray[Any, Any]) -> list[Hit]:
        """Return the hits of a motif, `(width, 4)`, by p-value."""
        # The constructor ignores names, so hits are told apart by ours.
        motif = self._common.Motif(
            self._alphabet, frequencies=self._common.Matrix(frequencies.tolist())
        )
        pattern = self._fimo.score_motif(motif, self._sequences, self._background)
        return sorted(
            Hit(
                element.pvalue,
                int(element.source.name),
                # On the reverse strand it has them the other way round.
                min(element.start, element.stop),
                max(element.start, element.stop),
                element.strand,
                element.score,
            )
            for element in pattern.matched_elements
        )
