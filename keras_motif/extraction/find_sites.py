"""From a trained model and sequences to the sites where its filters fire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack

import keras
import numpy as np

from keras_motif.extraction._search import Search
from keras_motif.extraction._sites import cutoffs
from keras_motif.extraction.activation_maps import (
    ActivationMap,
    LayerLike,
    activation_map,
)
from keras_motif.extraction.options import ExtractionOptions, prepared

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["activation_sites", "sites_from_map"]


def activation_sites(
    model: keras.Model,
    sequences: Any,
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
    threshold: float = 0.5,
    threshold_of: Literal["observed", "achievable"] = "observed",
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    reverse_complement: bool = False,
    batch_size: int | None = None,
    compat: Literal["released"] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Return where in the sequences each filter fires: the sites of its motif.

    Args:
        model: See `extract_motifs`, like all other arguments.
        sequences: One-hot sequences.
        layer: Whose filters.
        inputs: Which input takes the sequences.
        threshold: Share of the largest activation.
        threshold_of: "observed" or "achievable".
        select: "all" or "best".
        window: Width of the sites.
        reverse_complement: Whether to search the reverse complements too.
        batch_size: Sequences per batch.
        compat: None or "released".
        progress: Whether to show a progress bar.

    Returns:
        One row per site, by sequence, start, strand and filter. Columns: filter (the
        motif's name), sequence (index), start and end (0-based on the given strand,
        end not included), strand ("-" where the reverse complement fires),
        activation. `attrs["length"]` is the sequences' length.

    Raises:
        ValueError: As `extract_motifs`.
        TypeError: As `extract_motifs`.
    """
    return sites_from_map(
        activation_map(model, layer, inputs=inputs),
        sequences,
        threshold=threshold,
        threshold_of=threshold_of,
        select=select,
        window=window,
        reverse_complement=reverse_complement,
        batch_size=batch_size,
        compat=compat,
        progress=progress,
    )


def sites_from_map(
    maps: ActivationMap, sequences: Any, **options: Unpack[ExtractionOptions]
) -> pd.DataFrame:
    """Do `activation_sites`' work on a layer found before.

    Args:
        maps: What `activation_maps.activation_map` returned for the layer.
        sequences: See `extract_motifs`.
        options: See `ExtractionOptions`.

    Returns:
        The table of `activation_sites`; its `attrs` hold the sequences' `length`.
    """
    import pandas as pd

    batches, rule, known = prepared(maps, sequences, options)
    search = Search(maps, batches, rule, known)
    parts = []
    for block, found in search:
        length = block.codes.shape[1]
        starts, width = found.starts[block.positions], found.width
        is_reverse = block.rows >= block.num_sequences
        table = {
            "filter": block.filters,
            "sequence": block.first + block.rows % block.num_sequences,
            "start": np.where(is_reverse, length - starts - width, starts),
            "strand": np.where(is_reverse, "-", "+"),
            "activation": block.activations,
        }
        parts.append(pd.DataFrame(table))
    sites = pd.concat(parts, ignore_index=True)
    limits = cutoffs(search.largest, rule.threshold)
    sites = sites[sites["activation"] > limits[sites["filter"]]]
    sites = sites.sort_values(["sequence", "start", "strand", "filter"])
    sites.insert(3, "end", sites["start"] + found.width)
    names = np.array(maps.filter_names, dtype=object)
    sites["filter"] = names[sites["filter"]]
    sites = sites.reset_index(drop=True)
    sites.attrs["length"] = length
    return sites
