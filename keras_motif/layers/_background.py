"""How often each base is, apart from motifs."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["checked_background"]

_SUM_LIMIT = 0.01


def checked_background(background: Any) -> list[float]:
    """Return frequencies of A C G T that sum to 1; None stands for a quarter each.

    Raises:
        ValueError: Not four numbers above 0 that sum to 1 within 0.01.
    """
    if background is None:
        return [0.25] * 4
    message = (
        "`background` must be four frequencies of A C G T, each above 0, that sum to "
        f"1, or None for a quarter each. Received {background!r}."
    )
    try:
        values = np.array(background, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(message) from None
    if values.shape != (4,) or not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(message)
    if values.min() == 0:
        raise ValueError(
            f"{message} Log-odds against 0 are infinite: give a base that never "
            "occurs a small frequency."
        )
    if abs(values.sum() - 1) > _SUM_LIMIT:
        raise ValueError(f"{message} They sum to {values.sum():g}.")
    return [float(x) for x in values / values.sum()]
