"""What the extractions of one training gave: the last in full, all in the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from keras_motif.callbacks._folder import write_motifs
from keras_motif.callbacks._history import MotifHistory, keep_aside
from keras_motif.callbacks._layer_reader import LayerReading
from keras_motif.callbacks._readings import Judge, Reading, layer_prefix
from keras_motif.extraction import warn

__all__ = ["Record"]


class Record:
    """The last reading, its values for `logs`, and the history.

    Args:
        name: Prefix of the values' names.
        with_relevant: Whether the share of relevant matches is one of them.
        judge: By what rule the filters' names are counted.

    Attributes:
        history: All extractions.
        reading: The last one; None before the first.
        metrics: Its values, by their names in `logs`; after a restart those of the last
            epoch in the history.
        epoch: The epoch under way, from 0, to which an extraction belongs.
    """

    def __init__(
        self, name: str, *, with_relevant: bool, judge: Callable[[], Judge]
    ) -> None:
        self._kinds = ["match", "relevant", "information"]
        if not with_relevant:
            self._kinds.remove("relevant")
        self._name = name
        self._judge = judge
        self._keys = self._keys_of([])
        self.history = MotifHistory(judge().rule)
        self.reading: Reading | None = None
        self.metrics: dict[str, float] = {}
        self.epoch = 0

    def tell_layers(self, layers: Sequence[str]) -> None:
        """Tell which layers are read, since each of several has values of its own."""
        self._keys = self._keys_of(layers if len(layers) > 1 else [])

    def _keys_of(self, layers: Sequence[str]) -> list[str]:
        prefixes = [self._name, *(layer_prefix(self._name, one) for one in layers)]
        return [f"{prefix}_{kind}" for prefix in prefixes for kind in self._kinds]

    def metrics_or_zeros(self) -> dict[str, float]:
        """Return the values, 0 each where nothing was extracted yet."""
        return self.metrics or dict.fromkeys(self._keys, 0.0)

    def add(self, reading: Reading) -> None:
        """Take in the extraction of the epoch under way, in place of an earlier one."""
        self.reading = reading
        self.tell_layers(list(reading.by_layer))
        self._note(self.history, self.epoch, reading)
        self.metrics = self.history.last(self._keys)

    def _note(self, history: MotifHistory, epoch: int, reading: Reading) -> None:
        values = reading.metrics(self._name)
        entry = {key: values[key] for key in self._keys}
        by_filter = {"information": reading.information, "target": reading.targets()}
        history.record(epoch, {**entry, **by_filter}, reading.motifs)

    def write(self, folder: Path, *, with_motifs: bool) -> None:
        """Write history, motifs and matches.

        Args:
            folder: Where.
            with_motifs: Whether to keep the motifs of a single epoch.

        Raises:
            OSError: The folder cannot be written.
        """
        several = len(self.history.motifs) > 1
        self.history.write(folder, with_motifs=with_motifs or several)
        if self.reading is not None:
            write_motifs(folder, self.reading)

    def take_up(self, folder: Path | None) -> None:
        """Read what a folder knows of an earlier training, unless all is known here."""
        if not self.history.table and folder is not None:
            self.history.read(folder, self._keys)
            if self.history.other_rule is not None:
                self._count_anew(folder, self.history.other_rule)
            self.epoch = max(self.history.table.get("epoch", []), default=0)
            self.metrics = self.history.last(self._keys)

    def _count_anew(self, folder: Path, other: str) -> None:
        """Count the names of an earlier training by the rule of now.

        Begins anew if its motifs aren't known; its files are kept either way.
        """
        judge, earlier = self._judge(), self.history
        self.history = MotifHistory(judge.rule)
        epochs = earlier.table["epoch"]
        what = "its motifs are not known, so it starts anew"
        if set(epochs) <= {*earlier.motifs}:
            what = "they are counted anew"
            for epoch in epochs:
                layer = LayerReading(earlier.motifs[epoch], None, 0, None)
                self._note(self.history, epoch, judge.read(layer))
        keep_aside(folder)
        if self.history.table:  # at once: the training may be killed
            self.history.write(folder, with_motifs=True)
        warn(
            f"The names in {folder / 'history.json'} were counted by {other}, those of "
            f"now by {judge.rule}: {what}. The files are kept, with .old behind their "
            "names."
        )

    def resume(self, epoch: int, folder: Path | None, every: int | None) -> bool:
        """Go on at an epoch, with the history of those before it.

        Args:
            epoch: The epoch that begins, from 0.
            folder: Where an earlier training wrote; None for nowhere.
            every: How many epochs lie between two extractions; None for no matter.

        Returns:
            Whether that of the epoch before is missing. So it is where a backup was
            made before the extraction, and the training killed between both: the
            weights of now are those to read, and `epoch` is the epoch that they are
            of.
        """
        if epoch > 0:
            self.take_up(folder)
        self.history.forget(epoch)
        self.metrics = self.history.last(self._keys)
        self.epoch = epoch - 1
        known = self.history.table.get("epoch", [])
        is_due = every is not None and self.epoch % every == 0
        return is_due and bool(known) and known[-1] < self.epoch
