"""The labels of the sequences that the callback reads: given apart, or the batches'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_motif.extraction import (
    LabelTable,
    LayersRead,
    check_labels_apart,
    check_same_order,
    first_labels,
    warn,
)
from keras_motif.profiles import Labels, read_labels

__all__ = ["SequenceLabels"]


class SequenceLabels:
    """Labels given apart, which must fit the sequences; else those of the batches.

    Args:
        given: The labels as the user gave them; None where the batches may have some.
        names: The names of their columns.
    """

    def __init__(self, given: Any, names: Sequence[str] | None) -> None:
        self._given = given
        self._names = names
        self._before: Any = None  # how the sequences began
        self._are_usable = True

    @property
    def are_given(self) -> bool:
        """Whether they were given apart."""
        return self._given is not None

    @property
    def are_carried(self) -> bool:
        """Whether those of the batches are to be taken, if there are any."""
        return not self.are_given and self._are_usable

    def check(self, maps: LayersRead | None, sequences: Any) -> None:
        """Raise where the labels can't be used, or can't belong to the sequences.

        Args:
            maps: Whose filters will be read; None of a model that isn't built, where
                labels given apart are looked at by themselves.
            sequences: All sequences.

        Raises:
            ValueError: As `check_labels_apart`; names that don't fit labels that the
                batches carry, or names without any labels.

        Warns:
            UserWarning: The batches carry labels that are neither classes nor
                measured values.
        """
        self._are_usable = True
        if self.are_given:
            known = read_labels(self._given, self._names)
            if maps is not None:
                self._before = check_labels_apart(maps, sequences, known.table)
            return
        if maps is None:
            return
        found = first_labels(maps, sequences)
        if found is None:
            if self._names is not None:
                raise ValueError(
                    "`class_names` name the columns of `labels`. Received neither "
                    "`labels` nor `sequences` whose batches carry any."
                )
            return
        try:
            self._read(found)
        except ValueError as error:
            if self._names is not None:
                raise
            self._are_usable = False
            warn(
                f"The report will not tell what the labels of the batches say: {error}"
                " Pass such labels as `labels`, with the sequences in a fixed order."
            )

    def of(
        self,
        maps: LayersRead,
        sequences: Any,
        rows: slice,
        carried: LabelTable | None,
    ) -> Labels | None:
        """Return the labels of the sequences that were read.

        Args:
            maps: Whose filters were read.
            sequences: All sequences.
            rows: Which of them were read.
            carried: The labels that came with those; None for none.

        Raises:
            ValueError: The order of the sequences has changed since `check`, or the
                labels can't be used.
        """
        if not self.are_given:
            return None if carried is None else self._read(carried)
        check_same_order(maps, sequences, self._before)
        known = read_labels(self._given, self._names)
        return known._replace(table=known.table[rows])

    def _read(self, carried: LabelTable) -> Labels:
        names = carried.names if self._names is None else self._names
        return read_labels(carried.values, names)
