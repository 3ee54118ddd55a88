"""FilterMotifExtractor: motifs, matches and pictures of a network as it trains."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import keras

from keras_motif.callbacks._beforehand import (
    check_logger,
    check_number,
    check_verdict,
    check_writable,
)
from keras_motif.callbacks._labels import SequenceLabels
from keras_motif.callbacks._last_reading import LastReading
from keras_motif.callbacks._layer_reader import LayerReader
from keras_motif.callbacks._lock import FolderLock
from keras_motif.callbacks._output import Output
from keras_motif.callbacks._readings import Verdict
from keras_motif.callbacks._record import Record
from keras_motif.extraction import ExtractionOptions, FieldLike, LayerLike, warn
from keras_motif.motifs import MotifInput, TargetsLike, pool_motifs
from keras_motif.sequences import LabelsLike, SequencesLike

if TYPE_CHECKING:
    from keras_motif.callbacks.loggers import Logger

__all__ = ["FilterMotifExtractor"]


class FilterMotifExtractor(LastReading, keras.callbacks.Callback):
    """Turn a network's filters into motifs and name them, at the end or as it trains.

    After `fit` the folder `output_dir` holds `filters.meme` (trimmed motifs),
    `matches.tsv` (Tomtom's table), `support.tsv` (what each match is worth),
    `logos.png`, `report.html` and `history.json`; with `every` also
    `motifs_by_epoch.npz` and `filmstrip.svg`, and motifs, matches and history are
    written at each extraction. Files of an earlier run are replaced, each whole or not
    at all. What can go wrong is looked for before the first epoch: an output folder
    that cannot be written, an unknown release or layer, sequences that are not one-hot.
    A failure later on warns and never ends the training.

    A filter without a site, or without a position above 0.5 bits, is not matched (a
    uniform motif does "match" spacer columns in Tomtom) and counts as unmatched.

    Args:
        sequences: What to read the filters on, as in `extract_motifs`.
        layer: Whose filters, see `extract_motifs`, like `inputs` and `receptive_field`.
        inputs: Name or index of the model's input that takes the sequences.
        receptive_field: What position 0 of the layer sees.
        unknown: What the model is given for each base of an N, see `extract_motifs`.
        model: The model to read, where it lies inside of the one that is trained and
            can't be found there.
        database: What to match against: a database's name, a motif file's path,
            motifs, or a list of these: what `motif_match` takes as `targets`.
        relevant: The factors, or ids, that count as relevant, as in `match_fractions`.
        exclude: The targets to leave out, by id, with or without version, or by factor:
            of metrics, matches, files and report alike.
        verdict: Which matches count in metrics, `fractions` and history: "convincing"
            (those that `match_support` calls so) or "tomtom" (every row of its table,
            as the study counts). Logos and report judge each match either way.
        both_strands: Whether to match both strands; None: not where targets are RNA.
        labels: Classes, 0 or 1, or measured values of each sequence, `(n, num_labels)`,
            NaN where unknown, for the report. None takes those that batches carry.
        class_names: The names of the labels' columns.
        every: None extracts once, when training ends. k extracts also after epochs 1,
            1 + k, 1 + 2 k, ..., and every epoch's `logs` then hold `{name}_match`,
            `{name}_relevant` (with `relevant`) and `{name}_information`, between
            extractions the last values again; of several layers also those of each,
            `{name}_{layer}_match`. Callbacks that monitor them stand after this one.
        max_sequences: How many sequences at most the extractions between epochs
            read, always the same ones: of an array or HDF5 dataset every k-th, of
            batches the first; None: all, as the extraction at the end does.
        output_dir: Folder for the files, made if missing; None writes none.
        name: Prefix of the keys in `logs`; each extractor needs its own, and a folder.
        logger: Called after each extraction with the epoch, the metrics and the
            logos, see `keras_motif.loggers`.
        threshold: Share of a filter's largest activation that makes a site.
        threshold_of: "observed" or "achievable", see `extract_motifs`.
        select: "all" or "best", see `extract_motifs`.
        window: Width of the motifs; None: the receptive field.
        reverse_complement: Whether to search the sequences' reverse complements too.
        weighted: Whether a site weighs as much as its activation.
        batch_size: Sequences per batch; None: what fits.
        progress: Whether extractions show a progress bar.
        max_streamed: How many sequences to read at most where no end is known.
        length: To how many bases to fill shorter sequences, see `extract_motifs`.
        tile: Whether to read longer sequences in pieces, see `extract_motifs`.

    Attributes:
        motifs: The motifs of the last extraction, untrimmed, in filter order. Before
            the first one all lists and tables are empty, and single values None.
        matches: Their matches, the table of `motif_match` at E <= 0.1, without
            the targets of `exclude`.
        support: What these are worth, the table of `match_support`.
        fractions: What `match_fractions` says of those that count by `verdict`.
        shuffled: What share of the filters chance would name; see `shuffled_share`.
        history: Dict of lists, one entry per extraction: "epoch" (counted from 0)
            and the values named as in `logs`; and of each filter, as lists,
            "information" (bits), "target" (the id of its best match that counts) and
            "drift" (the mean distance of its motif's columns from those of the
            extraction before, 0 to 1; None at first). Resumes from `history.json` where
            training goes on later; names of another rule are counted anew if they can.
        motifs_by_epoch: Dict of epoch -> its motifs, untrimmed; resumes too.
        problems: Why filters can't be read yet at the end, see `reading_problems`.
        error: The exception of the last extraction, None if it went well.

    Raises:
        ValueError: `every` or `max_sequences` is not None or a whole number of 1 or
            more; another `verdict`.
        TypeError: `logger` can't be called.

    Example:
        `EarlyStopping` restores the best weights in its own turn, at the end, so the
        same object stands on both sides:

        >>> import numpy as np
        >>> stop = keras.callbacks.EarlyStopping(restore_best_weights=True)
        >>> extractor = FilterMotifExtractor(np.eye(4)[None], every=1)
        >>> callbacks = [extractor, stop, extractor]
    """

    def __init__(
        self,
        sequences: SequencesLike,
        *,
        layer: LayerLike = None,
        inputs: str | int | None = None,
        receptive_field: FieldLike = None,
        unknown: float | None = None,
        model: keras.Model | None = None,
        database: TargetsLike = "JASPAR2026",
        relevant: Mapping[str, Sequence[str]] | Sequence[str] | None = None,
        exclude: Sequence[str] = (),
        verdict: Verdict = "convincing",
        both_strands: bool | None = None,
        labels: LabelsLike | None = None,
        class_names: Sequence[str] | None = None,
        every: int | None = None,
        max_sequences: int | None = 4000,
        output_dir: str | os.PathLike[str] | None = None,
        name: str = "motif",
        logger: Logger | None = None,
        threshold: float = 0.5,
        threshold_of: Literal["observed", "achievable"] = "observed",
        select: Literal["all", "best"] = "all",
        window: int | None = None,
        reverse_complement: bool = False,
        weighted: bool = False,
        batch_size: int | None = None,
        progress: bool | None = False,
        max_streamed: int | None = 1_000_000,
        length: int | None = None,
        tile: bool = False,
    ) -> None:
        super().__init__()
        check_number(every, "every", "epochs", "extract once at the end")
        check_number(max_sequences, "max_sequences", "sequences", "read all")
        check_logger(logger)
        check_verdict(verdict)
        self.sequences = sequences
        self.layer = layer
        self.inputs = inputs
        self.receptive_field = receptive_field
        self.unknown = unknown
        self.model_read = model
        self.database = database
        self.relevant = relevant
        self.exclude = exclude
        self.verdict: Verdict = verdict
        self.both_strands = both_strands
        self.labels = labels
        self.class_names = class_names
        self.every = every
        self.max_sequences = max_sequences
        self.output_dir = None if output_dir is None else Path(output_dir)
        self.name = name
        self.logger = logger
        self.weighted = weighted
        self.options = ExtractionOptions(
            threshold=threshold,
            threshold_of=threshold_of,
            select=select,
            window=window,
            reverse_complement=reverse_complement,
            batch_size=batch_size,
            progress=progress,
            max_streamed=max_streamed,
            length=length,
            tile=tile,
        )
        self._targets: MotifInput | None = None
        self._forget()

    def _forget(self) -> None:
        """Begin as if nothing had been read yet."""
        self.error: Exception | None = None
        self._record = Record(
            self.name,
            with_relevant=self.relevant is not None,
            judge=self._judge,
        )
        self._reader = self._layer_reader()
        self._is_read = False  # whether the last extraction went well
        self._weights_read: str | None = None  # those that all sequences were read with
        self._weights_pictured: str | None = None  # those of the last pictures
        self._epoch_done: int | None = None  # the last one that has ended
        self._has_begun = False
        self._lock: FolderLock | None = None
        self._shuffled = None
        self._output = self._new_output()

    def run(self, model: keras.Model) -> FilterMotifExtractor:
        """Extract, match and write the files now, without training.

        In the history it takes the place of the last epoch that the folder knows of.

        Args:
            model: The model to read.

        Returns:
            This object, with `motifs`, `matches` and `history` filled.

        Raises:
            ValueError: As `extract_motifs` and `motif_match`.
            OSError: `output_dir` cannot be written.
            ExceptionGroup: Several parts of the pictures and the report failed; the
                others are written.
        """
        self._prepare(model)
        try:
            self._record.take_up(self.output_dir)
            self._extract(model, whole=True)
            self._log()
            self.error = self._write_pictures(model)
        finally:
            if self._lock is not None:
                self._lock.release()
        if self.error is not None:
            raise self.error
        return self

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look for what would fail later, in all that the callback was given."""
        self._has_begun = False
        self._epoch_done = None
        self._weights_read = self._weights_pictured = None
        self._prepare(self.model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch; before the first one, take up an earlier history."""
        if not self._has_begun:
            self._has_begun = True
            self._reader.note_start(self.model)
            if self._record.resume(epoch, self.output_dir, self.every):
                self._attempt(self.model, whole=False)
        self._record.epoch = epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Extract where it is time for it, and put the values into `logs`."""
        if self.every is None:
            return
        if epoch != self._epoch_done:
            self._epoch_done = epoch
            if epoch % self.every == 0 or not self._record.metrics:
                self._attempt(self.model, whole=False)
        if logs is not None:
            logs.update(self._record.metrics_or_zeros())

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Extract from the weights of now and write all files."""
        try:
            if not self._has_begun:  # a finished training was started again
                self._record.take_up(self.output_dir)
            is_current = self._weights_read == self._reader.weights_digest(self.model)
            is_done = is_current and self._is_read
            if is_done or self._attempt(self.model, whole=True):
                self._picture(self.model)
        finally:
            if self._lock is not None:
                self._lock.release()

    def __deepcopy__(self, memo: dict[int, Any]) -> FilterMotifExtractor:
        """Copy the settings, as tuners do for each trial; share what can't be copied.

        That is what is read and never changed: sequences, labels, database and logger.
        The copy has read nothing yet.
        """
        twin = copy.copy(self)
        twin.set_model(None)
        memo[id(self)] = twin
        shared = ("sequences", "labels", "database", "logger", "layer", "model_read")
        for name, value in vars(self).items():
            if not name.startswith("_") and name not in shared:
                setattr(twin, name, copy.deepcopy(value, memo))
        twin._forget()
        return twin

    def _prepare(self, model: keras.Model) -> None:
        if self.output_dir is not None:
            check_writable(self.output_dir)
        if self._targets is None:
            self._targets = pool_motifs(self.database, "database")
            self._judge().check()
        self._labels = SequenceLabels(self.labels, self.class_names)
        self._output = self._new_output()
        self._reader = self._layer_reader()
        maps = self._reader.check(model, self.sequences)
        self._labels.check(maps, self.sequences)
        if maps is not None:
            self._record.tell_layers(maps.names)
        if self.output_dir is not None:
            self._lock = self._lock or FolderLock(self.output_dir)
            self._lock.acquire()

    def _new_output(self) -> Output:
        return Output(
            self.output_dir, self._targets, with_fractions=self.relevant is not None
        )

    def _layer_reader(self) -> LayerReader:
        return LayerReader(
            layer=self.layer,
            inputs=self.inputs,
            receptive_field=self.receptive_field,
            unknown=self.unknown,
            model=self.model_read,
            max_sequences=self.max_sequences,
            weighted=self.weighted,
            options=self.options,
        )

    def _attempt(self, model: keras.Model, *, whole: bool) -> bool:
        """Extract; when that fails, keep the last values, warn, and train on."""
        self._is_read = False
        try:
            self._extract(model, whole=whole)
        except Exception as error:
            self.error = error
            self._warn("The extraction of motifs", error)
            return False
        self.error = None
        try:
            self._log()
        except Exception as error:
            self._warn("Logging motifs", error)
        return True

    def _warn(self, what: str, error: Exception) -> None:
        warn(
            f"{what} by {type(self).__name__} failed after epoch "
            f"{self._record.epoch + 1}; training is not affected. "
            f"{type(error).__name__}: {error} Once mended, `extractor.run(model)` does "
            "it by hand."
        )

    def _extract(self, model: keras.Model, *, whole: bool) -> None:
        read = self._reader.read(model, self.sequences, whole=whole)
        self._record.add(self._judge().read(read, workers=None if whole else 1))
        self._weights_read = read.weights
        if self.output_dir is not None:
            self._record.write(self.output_dir, with_motifs=self.every is not None)
        self._is_read = True

    def _log(self) -> None:
        record = self._record
        self._output.log(
            self.logger, self.name, record.epoch, record.metrics, record.reading
        )

    def _picture(self, model: keras.Model) -> None:
        """Write the pictures of what was read, if they aren't there."""
        if self._weights_pictured != self._weights_read:
            self.error = self._write_pictures(model)
            if self.error is not None:
                self._warn("Writing pictures and report", self.error)

    def _write_pictures(self, model: keras.Model) -> Exception | None:
        """Write what can be written, and return what failed."""
        reading = self._record.reading
        if reading is None:
            return None
        error = self._output.write(
            reading,
            lambda: self._reader.maps(model),
            self.sequences,
            labels=self._labels,
            options=self.options,
            motifs_by_epoch=self.motifs_by_epoch,
            shuffled=lambda: self.shuffled,
        )
        if error is None:
            self._weights_pictured = self._weights_read
        return error
