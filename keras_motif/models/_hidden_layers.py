"""Convolutions of a network to build, and what they leave of a length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

__all__ = ["Convolution", "ResidualBlock", "check_mirrored", "shortest_input"]


class Convolution(NamedTuple):
    """A convolutional layer; the width multiplier applies to its filters."""

    filters: int
    kernel_size: int
    padding: Literal["same", "valid"] = "same"
    dilation: int = 1


class ResidualBlock(NamedTuple):
    """Two convolutions, as wide as what comes in, whose result is added to it."""

    kernel_size: int


def shortest_input(
    convolutions: Sequence[Convolution | ResidualBlock], pools: Sequence[int]
) -> int:
    """Return the length that leaves one position behind the last pool."""
    length = 1
    for layer, pool in zip(reversed(convolutions), reversed(pools), strict=True):
        length *= pool
        length += _lost(layer)
    return length


def check_mirrored(
    name: str,
    length: int,
    convolutions: Sequence[Convolution | ResidualBlock],
    pools: Sequence[int],
) -> None:
    """Raise unless every pool divides its positions without a rest.

    Args:
        name: The network's name, for the message.
        length: Length of the sequences.
        convolutions: The convolutions, stride 1.
        pools: Max-pool behind each.

    Raises:
        ValueError: A pool leaves a rest, so that it sees other windows on the other
            strand; the message names the nearest lengths that work.
    """
    found = _pool_with_rest(length, convolutions, pools)
    if found is None:
        return
    pool, positions = found
    shortest = shortest_input(convolutions, pools)
    room = 1
    for size in pools:
        room *= size  # lengths that work come back after as many bases
    below = range(length - 1, shortest - 1, -1)
    above = range(length + 1, max(length, shortest) + room + 1)
    nearest = [
        next((str(x) for x in side if not _pool_with_rest(x, convolutions, pools)), "")
        for side in (below, above)
    ]
    raise ValueError(
        f'With strands="equivariant" the pools of {name}, {tuple(pools)}, must divide '
        "their positions without a rest, so that they see the same windows on either "
        f"strand. Received length {length}: the pool of {pool} has {positions} "
        f"positions. What works: a length of {' or '.join(filter(None, nearest))}, or "
        "other pools where the network takes `pools`."
    )


def _pool_with_rest(
    length: int,
    convolutions: Sequence[Convolution | ResidualBlock],
    pools: Sequence[int],
) -> tuple[int, int] | None:
    """Return the first pool that leaves a rest, and how many positions it has."""
    for layer, pool in zip(convolutions, pools, strict=True):
        length -= _lost(layer)
        if length % pool:
            return pool, length
        length //= pool
    return None


def _lost(layer: Convolution | ResidualBlock) -> int:
    """Return how many positions a convolution takes away."""
    if isinstance(layer, ResidualBlock) or layer.padding == "same":
        return 0
    return (layer.kernel_size - 1) * layer.dilation
