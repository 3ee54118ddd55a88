"""FilterMotifExtractor: motifs, matches and pictures of a network as it trains."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import keras
import numpy as np

from keras_motif._files import whole_file
from keras_motif.activation_maps import ActivationMap, activation_map
from keras_motif.extraction import check_extraction, motifs_from_map
from keras_motif.logos import plot_logos
from keras_motif.matching import (
    MatchFractions,
    match_fractions,
    motif_match,
    write_matches,
)
from keras_motif.meme import write_meme
from keras_motif.motif import Motif
from keras_motif.motif_inputs import pool_motifs
from keras_motif.report import write_report

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FilterMotifExtractor"]

_MIN_BITS = 0.5  # a motif without a position above it is not matched


class FilterMotifExtractor(keras.callbacks.Callback):
    """Turn a network's filters into motifs and name them, at the end or as it trains.

    After `fit` the folder `output_dir` holds `filters.meme` (trimmed motifs),
    `matches.tsv` (Tomtom's table), `logos.png`, `report.html` and `history.json`;
    with `every` the motifs, matches and history are written at each extraction, and
    the pictures at the end. Files of an earlier run are replaced, each whole or not
    at all. What can go wrong is looked for before the first epoch: an output folder
    that cannot be written, an unknown release or layer, sequences that are not
    one-hot. A failure later on warns and never ends the training.

    A filter without a site, or without a position above 0.5 bits, is not matched (a
    uniform motif does "match" spacer columns in Tomtom) and counts as unmatched.

    Args:
        sequences: One-hot sequences, `(n, length, 4)`, to read the filters on, as in
            `extract_motifs`; usually the test set.
        layer: Whose filters; None stands for the activation of the first
            convolution.
        database: What to match against: a JASPAR release, a MEME file's path,
            motifs, or a list of these, as the `targets` of `motif_match`.
        relevant: The ids that count as relevant, as in `match_fractions`.
        every: None extracts once, when training ends, from the weights of that
            moment. k extracts also after epochs 1, 1 + k, 1 + 2 k, ..., and every
            epoch's `logs` then hold `{name}_match`, `{name}_relevant` (with
            `relevant`) and `{name}_information`, between extractions the last
            values again. Callbacks that monitor them stand after this one.
        output_dir: Folder for the files, made if missing; None writes none.
        name: Prefix of the keys in `logs`.
        threshold: Share of a filter's largest activation that makes a site.
        select: "all" or "best", see `extract_motifs`.
        window: Width of the motifs; None stands for the receptive field.
        batch_size: Sequences per batch.

    Attributes:
        motifs: The motifs of the last extraction, untrimmed, in filter order.
        matches: Their matches, the table of `motif_match` at E <= 0.1.
        history: Dict of lists, one entry per extraction: "epoch" (counted from 0)
            and the values named as in `logs`. Resumes from `history.json` where
            training goes on at a later epoch (`BackupAndRestore`,
            `initial_epoch`).
        error: The exception of the last extraction, None if it went well.

    Raises:
        ValueError: `every` is not None or a whole number of 1 or more.

    Example:
        With `EarlyStopping(restore_best_weights=True)` the best weights are back
        only after that callback's turn, so the same object stands on both sides:

        >>> stop = keras.callbacks.EarlyStopping(restore_best_weights=True)
        >>> extractor = FilterMotifExtractor(np.eye(4)[None], every=1)
        >>> callbacks = [extractor, stop, extractor]
    """

    def __init__(
        self,
        sequences: Any,
        *,
        layer: str | int | keras.layers.Layer | None = None,
        database: Any = "JASPAR2026",
        relevant: Mapping[str, Sequence[str]] | Sequence[str] | None = None,
        every: int | None = None,
        output_dir: str | os.PathLike[str] | None = None,
        name: str = "motif",
        threshold: float = 0.5,
        select: Literal["all", "best"] = "all",
        window: int | None = None,
        batch_size: int = 512,
    ) -> None:
        super().__init__()
        if every is not None and (
            isinstance(every, bool) or not isinstance(every, int) or every < 1
        ):
            raise ValueError(
                "`every` must be a whole number of epochs, 1 or more, or None to "
                f"extract once at the end. Received {every!r}."
            )
        self.sequences = sequences
        self.layer = layer
        self.database = database
        self.relevant = relevant
        self.every = every
        self.output_dir = None if output_dir is None else Path(output_dir)
        self.name = name
        self.options: dict[str, Any] = {
            "threshold": threshold,
            "select": select,
            "window": window,
            "batch_size": batch_size,
        }
        self.motifs: list[Motif] = []
        self.matches: pd.DataFrame | None = None
        self.history: dict[str, list[float]] = {}
        self.error: Exception | None = None
        self._targets: list[Motif] | None = None
        self._map: tuple[keras.Model, ActivationMap] | None = None
        self._weights_seen = ""  # those of the last extraction
        self._weights_pictured = ""  # those of the last pictures
        self._values: dict[str, float] = {}
        self._shares: MatchFractions | None = None
        self._epoch = 0  # the epoch under way
        self._epoch_done: int | None = None  # the last one that has ended
        self._has_begun = False

    def run(self, model: keras.Model) -> FilterMotifExtractor:
        """Extract, match and write the files now, without training.

        Args:
            model: The model to read.

        Returns:
            This object, with `motifs`, `matches` and `history` filled.

        Raises:
            ValueError: As `extract_motifs` and `motif_match`.
            OSError: `output_dir` cannot be written.
        """
        self._prepare(model)
        self._extract(model)
        self._write_pictures()
        return self

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look for what would fail later: folder, database, layer, sequences."""
        self._has_begun = False
        self._epoch_done = None
        self._weights_seen = self._weights_pictured = ""
        self._prepare(self.model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch; before the first one, take up an earlier history."""
        self._epoch = epoch
        if not self._has_begun:
            self._has_begun = True
            self._resume(epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Extract where it is time for it, and put the values into `logs`."""
        if self.every is None:
            return
        if epoch != self._epoch_done:
            self._epoch_done = epoch
            if epoch % self.every == 0 or not self._values:
                self._attempt(self.model)
        if logs is not None:
            logs.update(self._values or dict.fromkeys(self._keys(), 0.0))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Extract from the weights of now and write all files."""
        is_current = self._weights_seen == self._fingerprint(self.model)
        is_done = is_current and self.error is None
        if not is_done and not self._attempt(self.model):
            return
        if self._weights_pictured != self._weights_seen:
            self._guard(self._write_pictures, "Writing the pictures of motifs")

    def _keys(self) -> list[str]:
        kinds = ["match", "relevant", "information"]
        if self.relevant is None:
            kinds.remove("relevant")
        return [f"{self.name}_{kind}" for kind in kinds]

    def _prepare(self, model: keras.Model) -> None:
        if self.output_dir is not None:
            _check_writable(self.output_dir)
        if self._targets is None:
            self._targets = pool_motifs(self.database, "database")
            # An empty table: are the relevant ids in the database at all?
            self._fractions(motif_match([], self._targets))
        self._map = None
        if model.built:
            maps = self._activation_map(model)
            check_extraction(maps, self.sequences, **self.options)

    def _activation_map(self, model: keras.Model) -> ActivationMap:
        """Return the maps of the layer, found once per model."""
        if self._map is None or self._map[0] is not model:
            self._map = model, activation_map(model, self.layer)
        return self._map[1]

    def _fingerprint(self, model: keras.Model) -> str:
        """Return a digest of the weights that the maps depend on."""
        digest = hashlib.blake2b()
        try:
            for weight in self._activation_map(model).weights():
                digest.update(np.ascontiguousarray(weight).tobytes())
        except Exception:
            # A model that cannot be read: the extraction will say why.
            return ""
        return digest.hexdigest()

    def _attempt(self, model: keras.Model) -> bool:
        """Extract; when that fails, keep the last values, warn, and train on."""
        return self._guard(lambda: self._extract(model), "The extraction of motifs")

    def _guard(self, action: Callable[[], None], what: str) -> bool:
        self.error = None
        try:
            action()
        except Exception as error:
            self.error = error
            warnings.warn(
                f"{what} by {type(self).__name__} failed after epoch "
                f"{self._epoch + 1}; training is not affected. "
                f"{type(error).__name__}: {error} Once mended, "
                "`extractor.run(model)` does it by hand.",
                stacklevel=3,
            )
        return self.error is None

    def _extract(self, model: keras.Model) -> None:
        seen = self._fingerprint(model)
        maps = self._activation_map(model)
        motifs = motifs_from_map(maps, self.sequences, **self.options)
        trimmed = [motif.trim() for motif in motifs]
        matches = motif_match(_readable(trimmed), self._targets or [])
        fractions = self._fractions(matches, len(motifs))
        bits = [
            float(motif.information().sum()) if motif.num_sites else 0.0
            for motif in trimmed
        ]
        values = {
            f"{self.name}_match": fractions.any,
            f"{self.name}_relevant": fractions.relevant,
            f"{self.name}_information": float(np.mean(bits)),
        }
        self.motifs, self.matches = motifs, matches
        self._values = {key: values[key] for key in self._keys()}
        self._shares = None if self.relevant is None else fractions
        self._weights_seen = seen
        self._record()
        if self.output_dir is not None:
            write_meme(trimmed, self.output_dir / "filters.meme")
            write_matches(matches, self.output_dir / "matches.tsv")

    def _fractions(self, matches: pd.DataFrame, num_queries: int = 1) -> MatchFractions:
        return match_fractions(matches, num_queries, self.relevant)

    def _record(self) -> None:
        """Add the values to the history, in place of those of the same epoch."""
        self._forget(self._epoch)
        for key, value in {"epoch": self._epoch, **self._values}.items():
            self.history.setdefault(key, []).append(value)
        if self.output_dir is not None:
            with whole_file(self.output_dir / "history.json") as temporary:
                temporary.write_text(json.dumps(self.history, indent=1) + "\n")

    def _resume(self, epoch: int) -> None:
        """Take up the history of the epochs before `epoch`."""
        if epoch > 0 and not self.history and self.output_dir is not None:
            self.history = _read_history(self.output_dir / "history.json", self._keys())
        self._forget(epoch)
        kept = {key: values[-1:] for key, values in self.history.items()}
        self._values = {key: kept[key][0] for key in self._keys() if kept.get(key)}

    def _forget(self, epoch: int) -> None:
        """Drop what the history holds of `epoch` and later ones."""
        count = sum(done < epoch for done in self.history.get("epoch", []))
        self.history = {key: values[:count] for key, values in self.history.items()}

    def _write_pictures(self) -> None:
        if self.output_dir is None:
            return
        trimmed = [motif.trim() for motif in self.motifs]
        figure = plot_logos(trimmed, self.matches, targets=self._targets)
        with whole_file(self.output_dir / "logos.png") as temporary:
            figure.savefig(temporary, dpi=100)
        write_report(
            self.output_dir / "report.html",
            trimmed,
            self.matches,
            targets=self._targets,
            fractions=self._shares,
        )
        self._weights_pictured = self._weights_seen


def _readable(motifs: list[Motif]) -> list[Motif]:
    """Return the motifs that say something: with sites, and a position in bits."""
    return [
        motif
        for motif in motifs
        if motif.num_sites and (motif.information() > _MIN_BITS).any()
    ]


def _check_writable(folder: Path) -> None:
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


def _read_history(path: Path, keys: list[str]) -> dict[str, list[float]]:
    """Read an earlier run's history; what is not one is left aside with a warning."""
    if not path.exists():
        return {}
    try:
        history = json.loads(path.read_text())
        lists = [history[key] for key in ["epoch", *keys]]
        if len({len(values) for values in lists}) != 1:
            raise ValueError("its columns differ in length")
    except (ValueError, KeyError, TypeError, OSError) as error:
        warnings.warn(
            f"{path} is not a history of these values ({error!r}); it starts anew.",
            stacklevel=2,
        )
        return {}
    return dict(zip(["epoch", *keys], lists, strict=True))
