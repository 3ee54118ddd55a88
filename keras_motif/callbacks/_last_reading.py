"""What the callback shows of its last extraction, and of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_motif.callbacks._output import Output
from keras_motif.callbacks._plan import plan
from keras_motif.callbacks._readings import Judge, Reading, Verdict
from keras_motif.callbacks._record import Record
from keras_motif.matching import (
    MatchFractions,
    ShuffledShare,
    match_support,
    no_matches,
)
from keras_motif.motifs import Motif, MotifInput

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LastReading"]


class LastReading:
    """What a record holds, as attributes, and the rule by which it was counted."""

    relevant: Mapping[str, Sequence[str]] | Sequence[str] | None
    exclude: Sequence[str]
    verdict: Verdict
    both_strands: bool | None
    _targets: MotifInput | None
    _record: Record
    _output: Output
    _shuffled: tuple[Reading, ShuffledShare] | None
    sequences: Any
    layer: Any
    database: Any
    every: int | None
    output_dir: Path | None

    def __repr__(self) -> str:
        return plan(
            type(self).__name__,
            sequences=self.sequences,
            layer=self.layer,
            database=self.database,
            every=self.every,
            output_dir=self.output_dir,
            num_done=len(self.history.get("epoch", [])),
        )

    @property
    def motifs(self) -> list[Motif]:
        """The motifs of the last extraction, untrimmed, in filter order."""
        reading = self._record.reading
        return [] if reading is None else reading.motifs

    @property
    def matches(self) -> pd.DataFrame:
        """Their matches, the table of `motif_match` without the excluded targets."""
        reading = self._record.reading
        return no_matches() if reading is None else reading.matches

    @property
    def support(self) -> pd.DataFrame:
        """What these matches are worth, the table of `match_support`."""
        reading = self._record.reading
        return match_support(no_matches()) if reading is None else reading.support

    @property
    def fractions(self) -> MatchFractions | None:
        """What `match_fractions` says of those that count by the verdict."""
        reading = self._record.reading
        return None if reading is None else reading.fractions

    @property
    def history(self) -> dict[str, list[Any]]:
        """Dict of lists, one entry per extraction."""
        return self._record.history.table

    @property
    def motifs_by_epoch(self) -> dict[int, list[Motif]]:
        """Dict of epoch, counted from 0, -> motifs, untrimmed."""
        return self._record.history.motifs

    @property
    def shuffled(self) -> ShuffledShare | None:
        """What share of the filters chance would name; see `shuffled_share`."""
        reading = self._record.reading
        if reading is None:
            return None
        if self._shuffled is None or self._shuffled[0] is not reading:
            self._shuffled = reading, self._judge().shuffled(reading)
        return self._shuffled[1]

    @property
    def problems(self) -> list[str]:
        """Why the filters can't be read yet, as it was said when training ended."""
        return self._output.problems

    def _judge(self) -> Judge:
        targets = self._targets or MotifInput([], None, None)
        return Judge(
            targets, self.relevant, self.exclude, self.verdict, self.both_strands
        )
