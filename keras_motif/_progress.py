"""Bars that tell how far long work is, in terminals and notebooks."""

from __future__ import annotations

from typing import Any

from tqdm.auto import tqdm

__all__ = ["progress_bar"]

_DELAY = 2  # seconds before a bar that was not asked for appears


def progress_bar(
    description: str, unit: str, total: int | None, progress: bool | None
) -> tqdm[Any]:
    """Return a bar on standard error, or in the notebook.

    Args:
        description: What is being done.
        unit: What is counted, in the plural.
        total: How many there are; None where unknown.
        progress: Whether to show it; None shows it after a while, on a terminal or in
            a notebook only.
    """
    return tqdm(
        total=total,
        desc=description,
        unit=f" {unit}",
        disable=None if progress is None else not progress,
        delay=_DELAY if progress is None else 0,
        leave=False,
    )
