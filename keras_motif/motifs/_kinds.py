"""Which objects are motifs, told without importing the packages that make them."""

from __future__ import annotations

import numpy as np

from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET

__all__ = ["is_frame", "is_from", "is_motif", "is_single"]


def is_motif(item: object) -> bool:
    return is_single(item) or (isinstance(item, np.ndarray) and item.ndim == 2)


def is_single(item: object) -> bool:
    """Tell whether something is one motif whatever its shape."""
    return (
        isinstance(item, Motif)
        or is_frame(item)
        or (is_from("Bio.motifs", item) and hasattr(item, "counts"))
        or (is_from("pymemesuite", item) and hasattr(item, "frequencies"))
    )


def is_from(package: str, item: object) -> bool:
    """Tell by its class where an object comes from, without importing the package."""
    return any(kind.__module__.startswith(package) for kind in type(item).__mro__)


def is_frame(item: object) -> bool:
    return is_from("pandas", item) and set(getattr(item, "columns", ())) == {*ALPHABET}
