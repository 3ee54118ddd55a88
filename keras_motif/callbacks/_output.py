"""What a training leaves behind: pictures, the report, and what the logger gets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keras_motif.callbacks._folder import draw_logos, write_pictures
from keras_motif.callbacks._parts import Attempts, report_parts, tell_problems
from keras_motif.callbacks._readings import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from keras_motif.callbacks._labels import SequenceLabels
    from keras_motif.callbacks.loggers import Logger
    from keras_motif.extraction import ExtractionOptions, LayersRead
    from keras_motif.matching import ShuffledShare
    from keras_motif.motifs import Motif, MotifInput

__all__ = ["Output"]


class Output:
    """Where pictures go, and what was said of them.

    Args:
        folder: Folder of the files; None for none.
        targets: What motifs are compared with.
        with_fractions: Whether the report tells the shares of relevant matches.

    Attributes:
        problems: Why the filters can't be read yet, as it was said last.
    """

    def __init__(
        self, folder: Path | None, targets: MotifInput | None, *, with_fractions: bool
    ) -> None:
        self._folder = folder
        self._targets = targets
        self._with_fractions = with_fractions
        self.problems: list[str] = []

    def log(
        self,
        logger: Logger | None,
        name: str,
        epoch: int,
        metrics: Mapping[str, float],
        reading: Reading | None,
    ) -> None:
        """Hand metrics and logos to a logger."""
        if logger is not None and reading is not None:
            figures = {f"{name}_logos": draw_logos(reading, self._targets)}
            logger(epoch, dict(metrics), figures)

    def write(
        self,
        reading: Reading,
        maps: Callable[[], LayersRead],
        sequences: Any,
        *,
        labels: SequenceLabels,
        options: ExtractionOptions,
        motifs_by_epoch: Mapping[int, Sequence[Motif]],
        shuffled: Callable[[], ShuffledShare | None],
    ) -> Exception | None:
        """Write what can be written of pictures and report.

        Args:
            reading: What was read last.
            maps: Returns the maps of its layers.
            sequences: See `extract_motifs`.
            labels: Those of all sequences.
            options: How sites are found.
            motifs_by_epoch: Dict of epoch -> motifs.
            shuffled: Returns what share of the filters chance would name.

        Returns:
            What failed, None where nothing did.
        """
        attempts = Attempts()
        if self._folder is None:
            self.problems = tell_problems(attempts, reading, None)
            return attempts.error
        parts = report_parts(
            attempts,
            maps(),
            sequences,
            reading.trimmed,
            labels=labels,
            options=options,
            motifs_by_epoch=motifs_by_epoch,
            alphabet=reading.alphabet,
        )
        self.problems = tell_problems(attempts, reading, parts.duplicates)
        write_pictures(
            self._folder,
            reading,
            parts,
            attempts,
            targets=self._targets,
            shuffled=attempts.make("what chance would name", shuffled),
            with_fractions=self._with_fractions,
            motifs_by_epoch=motifs_by_epoch,
            problems=self.problems,
        )
        return attempts.error
