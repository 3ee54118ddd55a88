"""The files of one training: motifs and matches at each extraction, then pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_motif._files import whole_file
from keras_motif.callbacks._readings import Profile, Reading
from keras_motif.logos import filmstrip_svg, plot_logos
from keras_motif.matching import write_matches
from keras_motif.motifs import Motif, write_meme
from keras_motif.report import write_report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["check_writable", "draw_logos", "write_motifs", "write_pictures"]


def check_writable(folder: Path) -> None:
    """Make a folder and try to write into it.

    Raises:
        OSError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f"`output_dir` must be a folder that can be written. Received "
            f"{str(folder)!r}: {error.strerror or error}. Choose another folder or "
            "change its permissions."
        ) from error


def write_motifs(folder: Path, reading: Reading) -> None:
    """Write the trimmed motifs and the table of their matches.

    Raises:
        OSError: The folder cannot be written.
    """
    write_meme(reading.trimmed, folder / "filters.meme")
    write_matches(reading.matches, folder / "matches.tsv")


def draw_logos(reading: Reading, targets: Sequence[Motif] | None) -> Figure:
    """Return the logos of all filters, each with its best match."""
    return plot_logos(reading.trimmed, reading.matches, targets=targets)


def write_pictures(
    folder: Path,
    reading: Reading,
    profile: Profile,
    *,
    targets: Sequence[Motif] | None,
    with_fractions: bool,
    motifs_by_epoch: Mapping[int, Sequence[Motif]],
) -> None:
    """Write logos, the report, and of several epochs the filmstrip.

    Args:
        folder: Where.
        reading: What was read last.
        profile: Where the filters fire, and for which classes.
        targets: What the motifs were compared with.
        with_fractions: Whether the report tells the shares of relevant matches.
        motifs_by_epoch: Dict of epoch -> motifs. Of a single epoch there is no
            filmstrip; that of an earlier training is removed.

    Raises:
        OSError: The folder cannot be written.
    """
    with whole_file(folder / "logos.png") as temporary:
        draw_logos(reading, targets).savefig(temporary, dpi=100)
    film = motifs_by_epoch if len(motifs_by_epoch) > 1 else None
    if film is None:
        (folder / "filmstrip.svg").unlink(missing_ok=True)
    else:
        with whole_file(folder / "filmstrip.svg") as temporary:
            temporary.write_text(filmstrip_svg(film), encoding="utf-8")
    write_report(
        folder / "report.html",
        reading.trimmed,
        reading.matches,
        targets=targets,
        fractions=reading.fractions if with_fractions else None,
        positions=profile.positions,
        enrichment=profile.enrichment,
        filmstrip=film,
    )
