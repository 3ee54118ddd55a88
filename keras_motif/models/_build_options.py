"""Options that networks are built with, checked."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "check_dropouts",
    "check_input_shape",
    "check_pools",
    "check_rate",
    "check_sizes",
    "check_strands",
]


def check_strands(strands: object, random_strand: bool) -> bool:
    """Return whether a network is to be equivariant."""
    if strands not in ("given", "equivariant"):
        raise ValueError(
            f'`strands` must be "given" or "equivariant". Received {strands!r}.'
        )
    if strands == "equivariant" and random_strand:
        raise ValueError(
            '`random_strand` must be False with strands="equivariant": the network '
            "gives the same for either strand, so drawing one changes nothing."
        )
    return strands == "equivariant"


def check_sizes(**sizes: object) -> None:
    """Raise unless each is a whole number, 1 or more."""
    for argument, size in sizes.items():
        if not _is_size(size):
            raise ValueError(
                f"`{argument}` must be a whole number, 1 or more. Received {size!r}."
            )


def check_pools(name: str, pools: Sequence[int], num_layers: int) -> None:
    """Raise unless there is one pool for each convolution."""
    is_sequence = isinstance(pools, tuple | list)
    if not is_sequence or len(pools) != num_layers or not all(map(_is_size, pools)):
        raise ValueError(
            f"`pools` must hold {num_layers} whole numbers, 1 or more, one for each "
            f"convolution of {name} (1 for no pool). Received {pools!r}."
        )


def check_dropouts(name: str, dropouts: Sequence[float], num_layers: int) -> None:
    """Raise unless there is one rate for each hidden layer."""
    is_sequence = isinstance(dropouts, tuple | list)
    if (
        not is_sequence
        or len(dropouts) != num_layers
        or not all(map(_is_rate, dropouts))
    ):
        raise ValueError(
            f"`dropouts` must hold {num_layers} rates, 0 <= rate < 1, one for each "
            f"hidden layer of {name}. Received {dropouts!r}."
        )


def check_rate(argument: str, rate: object) -> None:
    """Raise unless a dropout rate is one."""
    if not _is_rate(rate):
        raise ValueError(
            f"`{argument}` must be a rate, 0 <= rate < 1. Received {rate!r}."
        )


def check_input_shape(name: str, input_shape: tuple[int, int], shortest: int) -> None:
    """Raise unless sequences have four channels, and are long enough."""
    if len(input_shape) != 2 or input_shape[1] != 4:
        raise ValueError(
            "`input_shape` must be (length, 4), bases A C G T. Received "
            f"{input_shape!r}."
        )
    if not isinstance(input_shape[0], int) or input_shape[0] < shortest:
        raise ValueError(
            f"`input_shape` must have a length of {shortest} or more, so that the "
            f"convolutions and pools of {name} leave something. Received length "
            f"{input_shape[0]!r}."
        )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_rate(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < 1
