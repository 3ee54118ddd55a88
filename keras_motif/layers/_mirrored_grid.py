"""Whether windows that slide over a sequence lie the same on its other strand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

__all__ = ["Grid"]


class Grid(NamedTuple):
    """Windows at each `stride`-th position.

    Attributes:
        length: Positions that the windows slide over; None where it isn't known.
        taps: Positions that a window looks at.
        stride: Distance of neighbouring windows.
        dilation: Distance of neighbouring taps.
        padding: Keras' "valid" or "same".
    """

    length: int | None
    taps: int
    stride: int
    dilation: int
    padding: Literal["valid", "same"]

    def is_mirrored(self) -> bool:
        """Return whether the windows, read backwards, are the same windows."""
        reach = (self.taps - 1) * self.dilation + 1
        if self.length is None:
            return self.stride == 1 and (self.padding == "valid" or reach % 2 == 1)
        if self.padding == "valid":
            return self.length >= reach and (self.length - reach) % self.stride == 0
        # Keras pads as many positions as the windows stick out, the odd one at the end.
        windows = -(-self.length // self.stride)
        padded = (windows - 1) * self.stride + reach - self.length
        return padded >= 0 and padded % 2 == 0

    def check(self, name: str) -> None:
        """Raise unless the windows are their own mirror image.

        Args:
            name: The layer's name, for the message.

        Raises:
            ValueError: They aren't; the message names what works instead.
        """
        if self.is_mirrored():
            return
        length = "unknown" if self.length is None else self.length
        raise ValueError(
            f"The layer {name!r} must see the same windows on either strand. Received "
            f"input length {length}, kernel_size {self.taps}, strides {self.stride}, "
            f"dilation_rate {self.dilation}, padding {self.padding!r}, where they lie "
            f"otherwise on the other strand. What works: {self.what_works()}."
        )

    def what_works(self, taps: str = "kernel_size") -> str:
        """Say the nearest sizes that work; `taps` is what the layer calls them."""
        ways = []
        if self.length is None and self.stride > 1:
            ways.append("an input of known length")
        elif self.length is not None:
            length = self.length
            ways += _nearest("input length", length, lambda x: self._replace(length=x))
        ways += _nearest(taps, self.taps, lambda x: self._replace(taps=x))
        other: Literal["valid", "same"] = "same" if self.padding == "valid" else "valid"
        if self._replace(padding=other).is_mirrored():
            ways.append(f"padding={other!r}")
        if self.stride > 1 and self._replace(stride=1).is_mirrored():
            ways.append("strides=1")
        return ", or ".join(ways)


def _nearest(what: str, value: int, changed: Callable[[int], Grid]) -> list[str]:
    """Say the nearest sizes below and above `value` that work, if there are any."""

    def first(sizes: Iterable[int]) -> list[str]:
        return next(([str(x)] for x in sizes if changed(x).is_mirrored()), [])

    grid = changed(value)
    # From one window on, what works comes back within two strides.
    room = 2 * grid.stride + grid.taps * grid.dilation + (grid.length or 0)
    found = first(range(value - 1, 0, -1)) + first(range(value + 1, value + room + 1))
    return [f"{what} {' or '.join(found)}"] if found else []
