"""Where filters start: at motifs that are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from keras_motif.layers._background import checked_background
from keras_motif.motifs import Motif, MotifsLike, as_motifs

__all__ = ["FromMotifs"]

Array = np.ndarray[Any, Any]

_PSEUDOCOUNT = 0.01  # share of the background in each column: none is infinite
_VARIANCE = 0.5  # of a filter's output on background: as He's initialisers give


@keras.saving.register_keras_serializable(package="keras_motif")
class FromMotifs(keras.initializers.Initializer):
    """Start the first filters of a convolution at known motifs, the rest at random.

    Each of these filters is the log-odds of a motif against a background, its columns
    taken less their mean over the background, so that background gives 0 on average,
    and scaled so that a filter's output has a variance of 1/2 there, as with
    "he_normal". Columns beside the motif are 0. For the first layer: any `Conv1D` on
    one-hot sequences, `RevCompConv1D`, and `PWMConv1D`, whose filters then are the
    motifs themselves.

    What such a network finds is no discovery: its matches of these motifs are
    circular. Extraction, the callback and reports say so as long as the layer has this
    initialiser.

    Source: log-odds, Stormo (2000), Bioinformatics.

    Args:
        motifs: What `motif_match` takes as targets: motifs, a dict, arrays, a file of
            motifs or the name of a JASPAR release. DNA alone.
        placement: "centre", or the first position of each motif in its filter, 0 or
            more.
        background: Frequencies of A C G T; None for a quarter each.
        scale: Factor on log2-odds; None for the variance above.
        rest: Initialiser of the other filters, a name or an object.
        seed: Of the other filters, where `rest` is random; None leaves it as it is.

    Raises:
        ValueError: No motif, RNA, or an option out of range; when a layer is built,
            motifs wider than the kernel, more motifs than filters, or a kernel that
            doesn't look at four bases.
        TypeError: `motifs` or `rest` of a wrong kind.

    Example:
        >>> from keras_motif.layers import PWMConv1D
        >>> from keras_motif.motifs import Motif
        >>> known = Motif([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]], "AT")
        >>> layer = keras.layers.Conv1D(8, 4, kernel_initializer=FromMotifs([known]))
        >>> layer.build((None, 200, 4))
        >>> ops.convert_to_numpy(layer.kernel)[:, :, 0].argmax(axis=1).tolist()
        [0, 0, 3, 0]
    """

    def __init__(
        self,
        motifs: MotifsLike,
        *,
        placement: Literal["centre"] | int = "centre",
        background: npt.ArrayLike | None = None,
        scale: float | None = None,
        rest: Any = "he_normal",
        seed: int | None = None,
    ) -> None:
        self.motifs = _dna_motifs(motifs)
        is_place = isinstance(placement, int) and not isinstance(placement, bool)
        if placement != "centre" and not (is_place and int(placement) >= 0):
            raise ValueError(
                '`placement` must be "centre" or a whole number, 0 or more. Received '
                f"{placement!r}."
            )
        if scale is not None and not _is_positive(scale):
            raise ValueError(
                f"`scale` must be a number above 0, or None. Received {scale!r}."
            )
        self.placement = placement
        self.background = checked_background(background)
        self.scale = scale
        self.seed = seed
        self.rest = _seeded(rest, seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return a kernel.

        Args:
            shape: `(kernel_size, 4, filters)`.
            dtype: Of the kernel.
            kwargs: Further arguments of Keras, for the rest.
        """
        self._check_shape(tuple(shape))
        dtype = keras.backend.standardize_dtype(dtype)
        known = np.zeros((*shape[:2], len(self.motifs)))
        for index, motif in enumerate(self.motifs):
            known[self._rows(motif, shape[0]), :, index] = self.log_odds(motif)
        known = ops.convert_to_tensor(known.astype("float32"))
        # Of a whole kernel, so that their sizes are those of the layer's fans.
        others = self.rest(shape, dtype="float32", **kwargs)
        kernel = ops.concatenate([known, others[..., len(self.motifs) :]], axis=-1)
        return ops.cast(kernel, dtype)

    def log_odds(self, motif: Motif) -> Array:
        """Return a motif's part of its filter, `(width, 4)`, scaled."""
        background = np.array(self.background)
        mixed = (motif.frequencies + _PSEUDOCOUNT * background) / (1 + _PSEUDOCOUNT)
        odds = np.log2(mixed / mixed.sum(axis=1, keepdims=True) / background)
        odds -= odds @ background[:, None]
        if self.scale is not None:
            return np.asarray(odds * self.scale)
        variance = float((odds**2 @ background).sum())
        return np.asarray(odds * math.sqrt(_VARIANCE / variance) if variance else odds)

    def unscaled(self) -> FromMotifs:
        """Return the same with log-odds in bits, as `PWMConv1D` holds them."""
        return FromMotifs.from_config({**self.get_config(), "scale": 1.0})

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs: the motifs themselves, too."""
        motifs = [
            {
                "frequencies": motif.frequencies.tolist(),
                "name": motif.name,
                "alt_name": motif.alt_name,
                "num_sites": motif.num_sites,
            }
            for motif in self.motifs
        ]
        return {
            "motifs": motifs,
            "placement": self.placement,
            "background": list(self.background),
            "scale": self.scale,
            "rest": keras.initializers.serialize(self.rest),
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FromMotifs:
        """Build it from what `get_config` returned."""
        motifs = [Motif(**motif) for motif in config["motifs"]]
        return cls(**{**config, "motifs": motifs})

    def _rows(self, motif: Motif, size: int) -> slice:
        free = size - motif.width
        start = free // 2 if self.placement == "centre" else int(self.placement)
        return slice(start, start + motif.width)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 3 or shape[1] != 4:
            raise ValueError(
                "FromMotifs is for the kernel of a Conv1D on one-hot sequences, "
                f"(kernel_size, 4, filters). Received shape {shape}. Give further "
                "layers another initialiser."
            )
        if len(self.motifs) > shape[2]:
            raise ValueError(
                f"`motifs` must be at most as many as filters. Received "
                f"{len(self.motifs)} motifs for {shape[2]} filters. Leave some out, or "
                f"take {len(self.motifs)} filters or more."
            )
        start = 0 if self.placement == "centre" else int(self.placement)
        for motif in self.motifs:
            if start + motif.width > shape[0]:
                placed = f" from position {start} on" if start else ""
                raise ValueError(
                    "`motifs` must be no wider than the kernel. Received "
                    f"{motif.name!r} of width {motif.width}{placed} for kernel_size "
                    f"{shape[0]}. Take a kernel_size of {start + motif.width} or more, "
                    "or cut the motif's ends off with `motif.trim()`."
                )


def _dna_motifs(value: Any) -> list[Motif]:
    found = as_motifs(value, "motifs")
    if found.is_rna:
        raise ValueError(
            "`motifs` must be of DNA, bases A C G T. Received motifs of RNA. To take "
            "them for DNA, U for T, pass the motifs alone: `list(read_motifs(path))`."
        )
    if not found.motifs:
        raise ValueError("`motifs` must hold at least one motif. Received none.")
    return list(found.motifs)


def _seeded(rest: Any, seed: int | None) -> keras.initializers.Initializer:
    if isinstance(rest, Mapping | str | keras.initializers.Initializer):
        try:
            made = keras.initializers.get(rest)
        except ValueError:
            made = None
        if isinstance(made, keras.initializers.Initializer):
            config = made.get_config()
            if seed is not None and "seed" in config:
                made = made.from_config({**config, "seed": seed})
            return made
    raise TypeError(
        "`rest` must be the name of an initialiser, or a `keras.initializers` object. "
        f"Received {rest!r}."
    )


def _is_positive(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < math.inf  # type: ignore[operator]
