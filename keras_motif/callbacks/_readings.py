"""A reading of the filters: their motifs, what they match, and that in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from keras_motif.callbacks._layer_reader import LayerReading
from keras_motif.extraction import circular
from keras_motif.matching import (
    MatchFractions,
    ShuffledShare,
    convincing_rows,
    leave_out,
    match_fractions,
    match_support,
    motif_match,
    shuffled_share,
    warn_of_unknown,
)
from keras_motif.motifs import Motif, MotifInput
from keras_motif.profiles import reading_problems

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Judge", "Reading", "Verdict", "layer_prefix"]

_MIN_BITS = 0.5  # a motif without a position above it is not matched

Verdict = Literal["convincing", "tomtom"]


class Reading(NamedTuple):
    """What the motifs of a network's filters say.

    Attributes:
        motifs: The motifs, untrimmed, in filter order.
        trimmed: The same, as they were matched.
        matches: The table of `motif_match`, without the targets that are left out.
        support: The table of `match_support`, of the same rows.
        counted: The rows of `matches` that count by the verdict.
        fractions: Which shares of filters and factors these match.
        information: Bits of each trimmed motif, 0 of a filter without a site.
        num_windows: In how many windows each filter was looked for.
        cosines: Of each filter the cosine between its kernel and the one that training
            began with; None where that isn't known.
        num_sequences: How many sequences were read.
        layers: Which layers were read, and how their receptive fields were found.
        known: Names of the known motifs that filters started from.
        by_layer: Dict of layer -> the shares of its filters, where several were read.
    """

    motifs: list[Motif]
    trimmed: list[Motif]
    matches: pd.DataFrame
    support: pd.DataFrame
    counted: pd.DataFrame
    fractions: MatchFractions
    information: list[float]
    num_windows: int
    cosines: np.ndarray[Any, Any] | None
    num_sequences: int
    layers: str
    known: Sequence[str]
    by_layer: dict[str, MatchFractions]

    @property
    def alphabet(self) -> str:
        """The letters of the bases: "ACGU" where the targets are RNA."""
        return str(self.matches.attrs["settings"]["alphabet"])

    def metrics(self, name: str) -> dict[str, float]:
        """Return the numbers of all filters and of each layer, as `logs` has them."""
        numbers = _metrics(name, self.fractions, self.information)
        for layer, fractions in self.by_layer.items():
            bits = [
                value
                for motif, value in zip(self.motifs, self.information, strict=True)
                if motif.alt_name == layer
            ]
            numbers |= _metrics(layer_prefix(name, layer), fractions, bits)
        return numbers

    def targets(self) -> list[str | None]:
        """Return the id of each filter's best match that counts, None without one."""
        best = self.counted.drop_duplicates("Query_ID")
        ids = dict(zip(best["Query_ID"], best["Target_ID"], strict=True))
        return [ids.get(motif.name) for motif in self.motifs]

    def problems(self, duplicates: pd.DataFrame | None) -> list[str]:
        """Return why the filters can't be read yet; see `reading_problems`.

        Args:
            duplicates: What `duplicate_filters` returned for the motifs; None where it
                isn't known.
        """
        named = convincing_rows(self.matches, self.support)["Query_ID"]
        start = [f"{circular(self.known)}."] if self.known else []
        return start + reading_problems(
            self.trimmed,
            num_windows=self.num_windows,
            kernel_cosines=self.cosines,
            named=named,
            duplicates=duplicates,
        )


class Judge(NamedTuple):
    """By what rule filters are named.

    Attributes:
        targets: What to match against.
        relevant: See `match_fractions`.
        exclude: Ids of targets that are left out, with or without version.
        verdict: Whether matches count that are convincing, or all of Tomtom's.
        both_strands: Whether to match with both strands of the targets; None: with one
            where they are RNA.
    """

    targets: MotifInput
    relevant: Mapping[str, Sequence[str]] | Sequence[str] | None
    exclude: Sequence[str]
    verdict: Verdict
    both_strands: bool | None = None

    @property
    def rule(self) -> str:
        """The rule in words, to tell two apart."""
        names = [self.exclude] if isinstance(self.exclude, str) else self.exclude
        without = f", without {', '.join(names)}" if names else ""
        return f"{self.verdict}{without}"

    def check(self) -> None:
        """Raise what would fail later on, whatever the motifs are.

        Raises:
            ValueError: As `read`; an id that two different targets have, so that a
                match wouldn't say which it means.

        Warns:
            UserWarning: Names of `exclude` that no target has.
        """
        reading = self.read(LayerReading([], None, 0, None))
        warn_of_unknown(reading.matches, self.exclude)
        known: dict[str, Motif] = {}
        for target in self.targets.motifs:
            if known.setdefault(target.name, target) != target:
                raise ValueError(
                    "`database` must have one motif of each id. Received "
                    f"{target.name!r} for two different ones. Give one database, or "
                    "rename the motif in one of them."
                )

    def read(self, layer: LayerReading, workers: int | None = 1) -> Reading:
        """Match the motifs of filters and count.

        A filter without a site, or without a position above 0.5 bits, is not matched.

        Args:
            layer: The motifs, untrimmed, in filter order, and what is known of them.
            workers: See `motif_match`; 1 while other threads may feed the training.

        Returns:
            Motifs, matches and numbers.

        Raises:
            ValueError: As `motif_match`, `match_support` and `match_fractions`.
        """
        motifs = layer.motifs
        trimmed = [motif.trim() for motif in motifs]
        found = motif_match(
            _readable(trimmed),
            self.targets,
            reverse_complement=self.both_strands,
            workers=workers,
            progress=False,
        )
        matches = leave_out(found, self.exclude)
        support = match_support(matches)
        counted = matches
        if self.verdict == "convincing":
            counted = convincing_rows(matches, support)
        number = max(len(motifs), 1)
        return Reading(
            motifs=list(motifs),
            trimmed=trimmed,
            matches=matches,
            support=support,
            counted=counted,
            fractions=match_fractions(counted, number, self.relevant, exclude=()),
            information=[
                float(motif.information().sum()) if motif.num_sites else 0.0
                for motif in trimmed
            ],
            num_windows=layer.num_windows,
            cosines=layer.cosines,
            num_sequences=layer.num_sequences,
            layers=layer.layers,
            known=layer.known,
            by_layer=self._by_layer(motifs, counted),
        )

    def _by_layer(
        self, motifs: Sequence[Motif], counted: pd.DataFrame
    ) -> dict[str, MatchFractions]:
        """Return the shares of each layer's filters; empty for a single layer."""
        names: dict[str, list[str]] = {}
        for motif in motifs:
            names.setdefault(motif.alt_name, []).append(motif.name)
        if len(names) < 2:
            return {}
        return {
            layer: match_fractions(
                counted[counted["Query_ID"].isin(own)],
                len(own),
                self.relevant,
                exclude=(),
            )
            for layer, own in names.items()
        }

    def shuffled(self, reading: Reading) -> ShuffledShare:
        """Return what share of the filters chance would name; see `shuffled_share`.

        A filter that is not matched counts as one without a name.
        """
        readable = _readable(reading.trimmed)
        found = shuffled_share(
            readable,
            self.targets,
            exclude=self.exclude,
            reverse_complement=self.both_strands,
        )
        share = len(readable) / max(len(reading.trimmed), 1)
        return ShuffledShare(*(share * value for value in found))


def layer_prefix(name: str, layer: str) -> str:
    """Return how names in `logs` begin that are of one layer of several."""
    return f"{name}_{'_'.join(layer.split())}"


def _metrics(
    prefix: str, fractions: MatchFractions, information: Sequence[float]
) -> dict[str, float]:
    return {
        f"{prefix}_match": fractions.any,
        f"{prefix}_relevant": fractions.relevant,
        f"{prefix}_information": float(np.mean(information)),
    }


def _readable(trimmed: Sequence[Motif]) -> list[Motif]:
    return [
        motif
        for motif in trimmed
        if motif.num_sites and (motif.information() > _MIN_BITS).any()
    ]
