"""From a trained model and sequences to the sites where its filters fire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Unpack, overload

import keras
import numpy as np

from keras_motif._checks import with_shapes
from keras_motif.extraction._batches import MAX_STREAMED
from keras_motif.extraction._coordinates import add_coordinates
from keras_motif.extraction._labels import LabelTable, required_labels
from keras_motif.extraction._search import Search
from keras_motif.extraction._sites import cutoffs
from keras_motif.extraction._strands import find_strands
from keras_motif.extraction.activation_maps import (
    ActivationMap,
    FieldLike,
    LayerLike,
)
from keras_motif.extraction.layers_read import LayersRead, activation_map
from keras_motif.extraction.options import (
    ExtractionOptions,
    Prepared,
    prepared,
    readable,
)
from keras_motif.sequences import SequencesLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SitesAndLabels", "activation_sites", "read_sites", "sites_from_map"]


class SitesAndLabels(NamedTuple):
    """Sites, and the labels that came with the sequences in the same reading.

    Attributes:
        sites: See `activation_sites`.
        labels: `(n, num_labels)`, a row per sequence: an array, or a DataFrame where
            the model's outputs have names.
    """

    sites: pd.DataFrame
    labels: Any

    def __repr__(self) -> str:
        return with_shapes(self)


class _Options(ExtractionOptions, total=False):
    layer: LayerLike
    inputs: str | int | None
    receptive_field: FieldLike
    unknown: float | None


@overload
def activation_sites(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    return_labels: Literal[False] = False,
    **options: Unpack[_Options],
) -> pd.DataFrame: ...


@overload
def activation_sites(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    return_labels: Literal[True],
    **options: Unpack[_Options],
) -> SitesAndLabels: ...


def activation_sites(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
    receptive_field: FieldLike = None,
    unknown: float | None = None,
    threshold: float = 0.5,
    threshold_of: Literal["observed", "achievable"] = "observed",
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    reverse_complement: bool = False,
    batch_size: int | None = None,
    compat: Literal["released"] | None = None,
    progress: bool | None = None,
    max_streamed: int | None = MAX_STREAMED,
    length: int | None = None,
    tile: bool = False,
    return_labels: bool = False,
) -> pd.DataFrame | SitesAndLabels:
    """Return where in the sequences each filter fires: the sites of its motif.

    Args:
        model: See `extract_motifs`, like all other arguments.
        sequences: One-hot sequences.
        layer: Whose filters.
        inputs: Which input takes the sequences.
        receptive_field: What position 0 of the layer sees.
        unknown: What the model is given for each base of an N.
        threshold: Share of the largest activation.
        threshold_of: "observed" or "achievable".
        select: "all" or "best".
        window: Width of the sites.
        reverse_complement: Whether to search the reverse complements too, which is
            always so for paired channels, see `extract_motifs`.
        batch_size: Sequences per batch.
        compat: None or "released".
        progress: Whether to show a progress bar.
        max_streamed: How many sequences to read of a source without a known end.
        length: To how many bases to fill shorter and to cut longer sequences.
        tile: Whether to cut longer sequences into pieces; starts and ends of sites are
            those in the whole sequences.
        return_labels: Whether to return the labels too that come with the batches,
            as `fit` takes them. They fit the rows even where each reading shuffles.

    Returns:
        One row per site, by sequence, start, strand and filter. Columns: filter (the
        motif's name), sequence (index), start and end (0-based on the given strand,
        end not included), strand ("-" where the reverse complement fires),
        activation; of windows of a genome (`datasets.GenomeSequences`, or a FASTA file
        whose names say where its records lie, as bedtools getfasta writes) also
        chromosome, genome_start, genome_end (0-based) and genome_strand.
        `attrs` hold the sequences' `length`; `layers`: which were read, and how the
        receptive field was found; and `order`: "changes" where a second reading gives
        the sequences in another order, "once" where there can be none. With
        `return_labels`, these sites and the labels, see `SitesAndLabels`.

    Raises:
        ValueError: As `extract_motifs`; labels are wanted, and the sequences come
            without.
        TypeError: As `extract_motifs`.
    """
    sites, labels = read_sites(
        activation_map(
            model,
            layer,
            inputs=inputs,
            receptive_field=receptive_field,
            unknown=unknown,
        ),
        sequences,
        with_labels=return_labels,
        threshold=threshold,
        threshold_of=threshold_of,
        select=select,
        window=window,
        reverse_complement=reverse_complement,
        batch_size=batch_size,
        compat=compat,
        progress=progress,
        max_streamed=max_streamed,
        length=length,
        tile=tile,
    )
    return SitesAndLabels(sites, required_labels(labels)) if return_labels else sites


def sites_from_map(
    read: LayersRead, sequences: SequencesLike, **options: Unpack[ExtractionOptions]
) -> pd.DataFrame:
    """Do `activation_sites`' work on a layer found before.

    Args:
        read: What `activation_map` returned for the layers.
        sequences: See `extract_motifs`.
        options: See `ExtractionOptions`.

    Returns:
        The table of `activation_sites`.
    """
    return read_sites(read, sequences, with_labels=False, **options)[0]


def read_sites(
    read: LayersRead,
    sequences: SequencesLike,
    *,
    with_labels: bool,
    **options: Unpack[ExtractionOptions],
) -> tuple[pd.DataFrame, LabelTable | None]:
    """Find the sites, and take the labels that come with the sequences.

    Args:
        read: See `sites_from_map`, like all that follow.
        sequences: One-hot sequences.
        with_labels: Whether to keep the labels.
        options: See `ExtractionOptions`.

    Returns:
        The sites, and the labels of the same reading; None where they aren't wanted,
        or there is no table of them.
    """
    import pandas as pd

    kept, order = readable(read, sequences, options)
    tables, labels, own_order = [], None, "fixed"
    for maps in read:
        batches = prepared(maps, kept, options, with_labels=with_labels)
        tables.append(_layer_sites(maps, batches))
        if maps is read[-1]:
            labels = batches.batches.labels() if with_labels else None
            own_order = order or batches.batches.order()
    length = tables[0].attrs["length"]
    layers = "; ".join(table.attrs["layer"] for table in tables)
    sites = tables[0]
    if len(tables) > 1:
        for table in tables:
            table.attrs.clear()
        sites = pd.concat(tables, ignore_index=True)
        columns = ["sequence", "start", "strand"]
        sites = sites.sort_values(columns, kind="stable").reset_index(drop=True)
    add_coordinates(sites, sequences)
    sites.attrs.clear()
    sites.attrs.update(length=length, layers=layers)
    if labels is None and own_order != "fixed":
        sites.attrs["order"] = own_order
    return sites, labels


def _layer_sites(maps: ActivationMap, ready: Prepared) -> pd.DataFrame:
    import pandas as pd

    batches, rule, known = ready
    strands, largest = find_strands(maps, batches, rule)
    search = Search(maps, batches, rule, largest if known is None else known)
    parts = []
    for block, found in search:
        length = found.num_bases
        starts, width = found.starts[block.positions], found.width
        is_reverse = block.rows >= block.num_sequences
        is_other = is_reverse
        if strands is not None:
            is_other = is_reverse ^ strands.is_reverse(block, found)
        table = {
            "filter": block.filters,
            "sequence": block.first + block.rows % block.num_sequences,
            "start": np.where(is_reverse, length - starts - width, starts),
            "strand": np.where(is_other, "-", "+"),
            "activation": block.activations,
        }
        parts.append(pd.DataFrame(table))
    sites = pd.concat(parts, ignore_index=True)
    limits = cutoffs(search.largest, rule.threshold)
    sites = sites[sites["activation"] > limits[sites["filter"]]]
    sites = sites.sort_values(["sequence", "start", "strand", "filter"])
    sites.insert(3, "end", sites["start"] + found.width)
    origins = batches.origins()
    if origins is not None:
        rows = sites["sequence"].to_numpy()
        sites["sequence"] = origins[0][rows]
        sites[["start", "end"]] += origins[1][rows][:, None]
        sites = sites.sort_values(["sequence", "start", "strand", "filter"])
        length = batches.length
    names = np.array(maps.filter_names, dtype=object)
    sites["filter"] = names[sites["filter"]]
    sites = sites.reset_index(drop=True)
    sites.attrs.update(length=length, layer=maps.told(batches.row_length))
    return sites
