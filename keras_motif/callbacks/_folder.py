"""The files of one training: motifs and matches at each extraction, then pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_motif._files import whole_file
from keras_motif.callbacks._parts import Attempts, ReportParts
from keras_motif.callbacks._readings import Reading
from keras_motif.logos import plot_logos
from keras_motif.matching import ShuffledShare, write_matches, write_support
from keras_motif.motifs import Motif, MotifInput, write_meme
from keras_motif.report import write_report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_logos", "write_motifs", "write_pictures"]

_MOST_LOGOS = 240  # of one picture; the report shows all


def write_motifs(folder: Path, reading: Reading) -> None:
    """Write the trimmed motifs, the table of their matches, and what these are worth.

    Raises:
        OSError: The folder cannot be written.
    """
    path = folder / "filters.meme"
    write_meme(reading.trimmed, path, alphabet=reading.alphabet)
    write_matches(reading.matches, folder / "matches.tsv")
    write_support(reading.matches, reading.support, folder / "support.tsv")


def draw_logos(reading: Reading, targets: MotifInput | None) -> Figure:
    """Return the logos of the filters, each with its best match.

    Of more than 240, those of the first, which the picture says.
    """
    shown = reading.trimmed[:_MOST_LOGOS]
    is_shown = reading.matches["Query_ID"].isin({motif.name for motif in shown})
    figure = plot_logos(
        shown,
        reading.matches[is_shown],
        support=reading.support[is_shown],
        targets=targets,
    )
    number = len(reading.trimmed)
    if number > len(shown):
        text = f"The first {len(shown)} of {number:,} filters; the report shows all."
        figure.text(0.005, 0.0, text, fontsize=8, va="top")  # below the panels
    return figure


def write_pictures(
    folder: Path,
    reading: Reading,
    parts: ReportParts,
    attempts: Attempts,
    *,
    targets: MotifInput | None,
    shuffled: ShuffledShare | None,
    with_fractions: bool,
    motifs_by_epoch: Mapping[int, Sequence[Motif]],
    problems: Sequence[str],
) -> None:
    """Write logos, the filmstrip and the report, each if it can be.

    Args:
        folder: Where.
        reading: What was read last.
        parts: What the report tells beside motifs and matches.
        attempts: What is missing so far, which the report says; takes what fails.
        targets: What the motifs were compared with.
        shuffled: What share of the filters chance would name; None for unknown.
        with_fractions: Whether the report tells the shares of relevant matches.
        motifs_by_epoch: Dict of epoch -> motifs. Where there is no film, that of an
            earlier training is removed.
        problems: Why the filters can't be read yet.
    """
    attempts.make("logos.png", lambda: _write_logos(folder, reading, targets))
    attempts.make("filmstrip.svg", lambda: _write_film(folder, parts.film))
    attempts.make(
        "report.html",
        lambda: write_report(
            folder / "report.html",
            reading.trimmed,
            reading.matches,
            support=reading.support,
            shuffled=shuffled,
            targets=targets,
            fractions=reading.fractions if with_fractions else None,
            positions=parts.positions,
            enrichment=parts.enrichment,
            correlation=parts.correlation,
            sites=parts.sites,
            duplicates=parts.duplicates,
            filmstrip=None if parts.film is None else motifs_by_epoch,
            notes=[*problems, *attempts.notes()],
            made=_made(reading, parts),
        ),
    )


def _made(reading: Reading, parts: ReportParts) -> dict[str, object]:
    """Return how the motifs were made: what was read, and what came of it."""
    numbers = [motif.num_sites or 0 for motif in reading.motifs]
    return {
        "Layer": reading.layers,
        **parts.made,
        "Sequences": reading.num_sequences,
        "Windows": reading.num_windows,
        "Sites of all filters": round(sum(numbers)),
    }


def _write_logos(folder: Path, reading: Reading, targets: MotifInput | None) -> None:
    with whole_file(folder / "logos.png") as temporary:
        figure = draw_logos(reading, targets)
        # What stands below the panels needs room, which is found by drawing twice.
        room = "tight" if figure.texts else None
        figure.savefig(temporary, dpi=100, bbox_inches=room)


def _write_film(folder: Path, film: str | None) -> None:
    if film is None:
        (folder / "filmstrip.svg").unlink(missing_ok=True)
        return
    with whole_file(folder / "filmstrip.svg") as temporary:
        temporary.write_text(film, encoding="utf-8")
