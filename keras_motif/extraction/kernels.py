"""The kernels of a first convolution, and how far training has moved them."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.extraction._achievable import base_kernel
from keras_motif.extraction.layers_read import LayersRead

__all__ = ["filter_kernels", "kernel_cosines"]

Array = np.ndarray[Any, Any]


def filter_kernels(read: LayersRead) -> Array | None:
    """Return the kernel of each filter, as far as it tells sequences apart.

    Each column is taken less its mean over the four bases, which adds the same to
    every sequence.

    Args:
        read: Whose filters.

    Returns:
        Array of shape `(num_filters, taps * 4)`, float64; None where the layer is no
        first convolution, or several are read.
    """
    if len(read) > 1:
        return None
    try:
        kernel = base_kernel(read[0]).astype(np.float64)
    except ValueError:
        return None
    return np.asarray(
        (kernel - kernel.mean(axis=1, keepdims=True)).reshape(-1, kernel.shape[-1]).T
    )


def kernel_cosines(before: Array, after: Array) -> Array:
    """Return the cosine between each filter's kernels.

    Args:
        before: Array of shape `(num_filters, taps * 4)`.
        after: The same of another time.

    Returns:
        Array of shape `(num_filters,)`, -1 to 1; 1 for a kernel that is 0 at both
        times, 0 for one that is at one of them.
    """
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    products = (before * after).sum(axis=1)
    same = (before == after).all(axis=1).astype(np.float64)
    return np.asarray(np.divide(products, lengths, out=same, where=lengths > 0))
