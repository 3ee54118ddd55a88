"""Paired channels: c on one strand is the last but c on the other, read backwards."""

from __future__ import annotations

from typing import Any

__all__ = ["check_pairs"]


def check_pairs(layer: Any, input_shape: tuple[int | None, ...]) -> int:
    """Return how many channels a layer takes, an even number.

    Raises:
        ValueError: An odd number, or one that isn't known.
    """
    channels = input_shape[-1]
    if channels is None or channels % 2 or channels == 0:
        raise ValueError(
            f"{layer.__class__.__name__} takes paired channels, an even number: those "
            "of RevCompConv1D, where channel c and the last but c belong together. "
            f"Received shape {tuple(input_shape)} for the layer {layer.name!r}. Put it "
            "behind RevCompConv1D and before RevCompFold."
        )
    return int(channels)
