"""The parts of a report, each made by itself: one that fails leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import keras

from keras_motif.callbacks._labels import SequenceLabels
from keras_motif.callbacks._readings import Reading
from keras_motif.extraction import (
    ExtractionOptions,
    LayersRead,
    Subset,
    is_of_any_length,
    read_activity,
    read_sites,
    take_subset,
    warn,
)
from keras_motif.logos import filmstrip_svg
from keras_motif.motifs import MemeFile, Motif
from keras_motif.profiles import (
    Labels,
    class_enrichment,
    duplicate_filters,
    site_positions,
    target_correlation,
)
from keras_motif.report import largest_sites
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Attempts", "ReportParts", "report_parts", "tell_problems"]

_PROFILE_SEQUENCES = 20_000  # their sites are held in memory
_PROFILE_SITES = 10_000_000  # more are taken of fewer sequences
_LOOK = 10  # sequences that tell how many sites there are
_NO_DUPLICATES = ["filter", "duplicate", "E-value", "overlap", "orientation"]

_Part = TypeVar("_Part")


class Attempts:
    """Makes one thing after another, and keeps what failed.

    Attributes:
        failures: Dict of what -> the exception.
    """

    def __init__(self) -> None:
        self.failures: dict[str, Exception] = {}

    def make(self, what: str, maker: Callable[[], _Part]) -> _Part | None:
        """Return what a function makes; None where it fails."""
        try:
            return maker()
        except Exception as error:
            self.failures[what] = error
            return None

    @property
    def error(self) -> Exception | None:
        """What failed: the exception, or a group of several; None for nothing."""
        errors = list(self.failures.values())
        if len(errors) < 2:
            return errors[0] if errors else None
        return ExceptionGroup(", ".join(self.failures), errors)

    def notes(self) -> list[str]:
        """Return a sentence on each thing that is missing."""
        return [
            f"Left out: {what}. {type(error).__name__}: {str(error)[:300]}"
            for what, error in self.failures.items()
        ]


class ReportParts(NamedTuple):
    """What a report tells beside motifs and matches; None for what there isn't.

    Attributes:
        positions: The table of `site_positions`.
        enrichment: The table of `class_enrichment`.
        correlation: The table of `target_correlation`.
        duplicates: The table of `duplicate_filters`.
        film: The filmstrip, an SVG document.
        sites: Of each filter some of the sites of its largest activations.
        made: How the filters were read, in words.
    """

    positions: pd.DataFrame | None
    enrichment: pd.DataFrame | None
    correlation: pd.DataFrame | None
    duplicates: pd.DataFrame
    film: str | None
    sites: pd.DataFrame | None
    made: dict[str, object]


def report_parts(
    attempts: Attempts,
    maps: LayersRead,
    sequences: Any,
    motifs: Sequence[Motif],
    *,
    labels: SequenceLabels,
    options: ExtractionOptions,
    motifs_by_epoch: Mapping[int, Sequence[Motif]],
    alphabet: str = ALPHABET,
) -> ReportParts:
    """Make the parts that can be made.

    The sites are those of at most 20,000 sequences, of fewer where they are more than
    about 10 million.

    Args:
        attempts: Takes what fails.
        maps: Whose filters.
        sequences: See `extract_motifs`.
        motifs: The filters' motifs, in order, trimmed.
        labels: Those of all sequences.
        options: How sites are found.
        motifs_by_epoch: Dict of epoch -> motifs; of a single one there is no film.
        alphabet: "ACGT", or "ACGU" for RNA.

    Returns:
        The parts.
    """
    import pandas as pd

    film = positions = enrichment = correlation = sites = examples = None
    if len(motifs_by_epoch) > 1:
        film = attempts.make(
            "the filmstrip", lambda: filmstrip_svg(motifs_by_epoch, alphabet=alphabet)
        )
    found = attempts.make(
        "where filters fire",
        lambda: _some_sites(maps, sequences, options, labels.are_carried),
    )
    if found is not None:
        sites, part = found
        examples = attempts.make("example sites", lambda: largest_sites(sites))
        positions = attempts.make(
            "positions",
            lambda: site_positions(sites, sites.attrs["length"], filters=motifs),
        )
        known = attempts.make(
            "labels", lambda: labels.of(maps, sequences, part.rows, part.labels)
        )
        if known is not None and known.are_measured:
            correlation = attempts.make(
                "targets", lambda: _correlation(maps, part, known, labels, options)
            )
        elif known is not None:
            enrichment = attempts.make(
                "classes",
                lambda: class_enrichment(
                    sites, known.table, class_names=known.names, filters=motifs
                ),
            )
    compared = MemeFile(list(motifs), alphabet=alphabet)
    duplicates = attempts.make("duplicates", lambda: duplicate_filters(compared))
    if duplicates is None:  # without a table the report would make one
        duplicates = pd.DataFrame(columns=_NO_DUPLICATES)
    made = {} if sites is None else _made(options, sites.attrs["length"])
    return ReportParts(
        positions, enrichment, correlation, duplicates, film, examples, made
    )


def tell_problems(
    attempts: Attempts, reading: Reading, duplicates: pd.DataFrame | None
) -> list[str]:
    """Return why the filters can't be read yet, and warn of it.

    Args:
        attempts: Takes what fails.
        reading: What was read last.
        duplicates: What `duplicate_filters` returned; None where it isn't known.
    """
    problems = attempts.make(
        "what keeps filters from being read", lambda: reading.problems(duplicates)
    )
    if problems:
        warn(f"The filters can't be read yet. {' '.join(problems)}")
    return problems or []


def _made(options: ExtractionOptions, length: int) -> dict[str, object]:
    """Return how the filters were read, in words."""
    share = f"{options.get('threshold', 0.5):g} of the filter's largest activation"
    if options.get("threshold_of") == "achievable":
        share += " that is achievable"
    site = f"a window above {share}"
    if options.get("select") == "best":
        site += ", the best of each sequence"
    if options.get("reverse_complement"):
        site += ", on either strand"
    return {
        "A site is": site,
        "Length of sequences": length,
        "Keras": f"{keras.__version__}, {keras.backend.backend()}",
    }


def _some_sites(
    maps: LayersRead, sequences: Any, options: ExtractionOptions, with_labels: bool
) -> tuple[pd.DataFrame, Subset]:
    """Return the sites in a part of the sequences, and the part with its labels."""
    number = _num_sequences(maps, sequences, options)
    part = take_subset(
        maps,
        sequences,
        number,
        with_labels=with_labels,
        any_length=is_of_any_length(options),
    )
    sites, labels = read_sites(
        maps,
        part.sequences,
        with_labels=with_labels and part.labels is None,
        **options,
    )
    return sites, part if labels is None else part._replace(labels=labels)


def _num_sequences(maps: LayersRead, sequences: Any, options: ExtractionOptions) -> int:
    """Return of how many sequences the sites can be held in memory."""
    few = take_subset(maps, sequences, _LOOK, any_length=is_of_any_length(options))
    if few.is_whole:
        return _PROFILE_SEQUENCES
    sites, _ = read_sites(maps, few.sequences, with_labels=False, **options)
    most = _LOOK * _PROFILE_SITES // max(len(sites), 1)
    return min(_PROFILE_SEQUENCES, max(_LOOK, most))


def _correlation(
    maps: LayersRead,
    part: Subset,
    known: Labels,
    labels: SequenceLabels,
    options: ExtractionOptions,
) -> pd.DataFrame:
    """Compare activity with measured values, those of the same reading."""
    activity, carried, _ = read_activity(
        maps,
        part.sequences,
        reverse_complement=options.get("reverse_complement", False),
        batch_size=options.get("batch_size"),
        length=options.get("length"),
        tile=options.get("tile", False),
        with_labels=labels.are_carried,
    )
    if carried is not None:
        known = labels.of(maps, part.sequences, part.rows, carried) or known
    return target_correlation(
        activity, known.table, filters=maps.filter_names, target_names=known.names
    )
