"""Sequences on a strand drawn at random, while a network trains."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["RandomReverseComplement"]


@keras.saving.register_keras_serializable(package="keras_motif")
class RandomReverseComplement(keras.layers.Layer):
    """Turn sequences into their reverse complements, at random, while training.

    DNA has two strands and a label belongs to both, so a network may see either.
    Each sequence of a batch is turned by itself and anew each time. Put it between
    the input and the first convolution: filters then learn fewer accidents of the
    training sequences. Outside of training it changes nothing, so predictions and
    motifs are those of the strand that is given.

    For labels of whole sequences; labels per position would have to be turned too.
    Not for RNA, nor where the strand matters.

    Args:
        rate: Share of the sequences that is turned, 0 to 1.
        seed: Of the random draws, a whole number; None for one of Keras'.

    Raises:
        ValueError: `rate` is not from 0 to 1, or inputs of another shape than
            `(n, length, 4)` or `(n, length, 4, 1)`.

    Example:
        >>> from keras_motif.sequences import from_one_hot, one_hot
        >>> layer = RandomReverseComplement(rate=1)
        >>> from_one_hot(layer(one_hot(["ACC"]), training=True))
        ['GGT']
    """

    def __init__(
        self, rate: float = 0.5, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(rate, bool) or not isinstance(rate, int | float):
            raise ValueError(f"`rate` must be a number, 0 to 1. Received {rate!r}.")
        if not 0 <= rate <= 1:
            raise ValueError(f"`rate` must be from 0 to 1. Received {rate!r}.")
        self.rate = float(rate)
        self.seed = seed
        self._draws = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return the sequences, some turned if `training`."""
        inputs = ops.convert_to_tensor(inputs)
        if tuple(inputs.shape[2:]) not in ((4,), (4, 1)):
            raise ValueError(
                "RandomReverseComplement takes sequences of shape (n, length, 4) or "
                f"(n, length, 4, 1), bases A C G T. Received {tuple(inputs.shape)}."
            )
        if not training or self.rate == 0:
            return inputs
        ones = (1,) * (len(inputs.shape) - 1)
        drawn = keras.random.uniform((ops.shape(inputs)[0], *ones), seed=self._draws)
        # A C G T read backwards is T G C A: the complements.
        turned = ops.flip(ops.flip(inputs, axis=1), axis=2)
        return ops.where(drawn < self.rate, turned, inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        """Return the shape of the output: that of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to build the same layer."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
