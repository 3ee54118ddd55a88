"""From a run's tables to what the report says of each of its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.logos import is_convincing, target_label
from keras_motif.motifs import Motif, is_dead
from keras_motif.report._filter_row import (
    ClassShare,
    Duplicate,
    ExampleSite,
    FilterRow,
    Hit,
    Positions,
    Target,
)
from keras_motif.report._histograms import svg_histogram
from keras_motif.report._pictures import Pictures
from keras_motif.report._tables import FilterTables

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SERVED_Q", "filter_rows"]

SERVED_Q = 0.05  # a filter serves a class when the enrichment's q-value is no larger

_SHOWN = 10  # matches and classes per filter; the tables to download hold all
_Records = dict[str, list[dict[str, Any]]]


def filter_rows(
    motifs: list[Motif], tables: FilterTables, pictures: Pictures
) -> list[FilterRow]:
    """Return one row per motif, in their order.

    Args:
        motifs: The motifs, under different names.
        tables: What is known of them, checked before.
        pictures: Draws their logos, and keeps what the page must define for them.

    Returns:
        The rows.

    Raises:
        ValueError: A match at an offset that cannot be.
    """
    hits = _by_filter(_all_of_matches(tables), "Query_ID")
    bins = _by_filter(tables.positions, "filter")
    shares = _by_filter(tables.enrichment, "filter")
    targets = _by_filter(tables.correlation, "filter")
    pairs = _duplicates(motifs, tables.duplicates)
    sites = _by_filter(tables.sites, "filter")
    rows = []
    for index, motif in enumerate(motifs, start=1):
        found = hits.get(motif.name, [])
        found.sort(key=lambda record: record["worth"] != "convincing")
        classes = [_class_share(record) for record in shares.get(motif.name, [])]
        classes.sort(key=lambda share: share.p_value)
        values = [_target(record) for record in targets.get(motif.name, [])]
        values.sort(key=lambda value: value.p_value)
        rows.append(
            FilterRow(
                index=index,
                name=motif.name,
                alt_name=motif.alt_name,
                state=_state(motif, found),
                num_sites=motif.num_sites,
                information=float(motif.information().sum()),
                width=motif.width,
                consensus=pictures.consensus(motif),
                picture="" if is_dead(motif) else pictures.alone(motif),
                hits=[_hit(motif, record, pictures) for record in found[:_SHOWN]],
                num_hits=len(found),
                named_family=found[0].get("named_family", "") if found else "",
                members=found[0].get("members", "").split(", ") if found else [],
                positions=_positions(motif.name, bins.get(motif.name, [])),
                classes=classes[:_SHOWN],
                num_classes=len(classes),
                served=[share for share in classes if share.q_value <= SERVED_Q],
                targets=values[:_SHOWN],
                num_targets=len(values),
                followed=[value for value in values if value.q_value <= SERVED_Q],
                duplicates=pairs[motif.name],
                sites=[_site(record) for record in sites.get(motif.name, [])],
            )
        )
    return rows


def _state(motif: Motif, found: list[dict[str, Any]]) -> str:
    if is_dead(motif):
        return "dead"
    worth = found[0]["worth"] if found else "unmatched"
    return "named" if worth == "convincing" else str(worth)


def _all_of_matches(tables: FilterTables) -> pd.DataFrame | None:
    """Return the matches, with what they are worth and their families beside them."""
    matches, support, families = tables.matches, tables.support, tables.families
    if matches is None:
        return None
    columns: dict[str, Any] = {"worth": "not judged", "supporting_bits": np.nan}
    if support is not None:
        good = is_convincing(matches, support)
        columns["worth"] = np.where(good, "convincing", "weak")
        columns["supporting_bits"] = support["supporting_bits"].to_numpy()
    if families is not None:
        columns |= {str(key): families[key].to_numpy() for key in families}
    return matches.assign(**columns)


def _by_filter(table: pd.DataFrame | None, column: str) -> _Records:
    """Return a table's rows by filter, in their order."""
    found: _Records = {}
    if table is not None:
        for record in table.to_dict("records"):
            row = {str(key): value for key, value in record.items()}
            found.setdefault(str(row[column]), []).append(row)
    return found


def _hit(query: Motif, record: dict[str, Any], pictures: Pictures) -> Hit:
    target_id, strand = str(record["Target_ID"]), str(record["Orientation"])
    offset = int(record["Optimal_offset"])
    target = pictures.targets.get(target_id)
    picture = None
    if target is not None:
        picture = pictures.aligned(query, target, offset, strand)
    return Hit(
        target_id=target_id,
        label=target_label(target_id, target),
        worth=record["worth"],
        supporting_bits=float(record["supporting_bits"]),
        family=record.get("tf_family", ""),
        p_value=float(record["p-value"]),
        e_value=float(record["E-value"]),
        q_value=float(record["q-value"]),
        overlap=int(record["Overlap"]),
        offset=offset,
        orientation=strand,
        picture=picture,
    )


def _positions(name: str, bins: list[dict[str, Any]]) -> Positions | None:
    """Return the histogram of a filter; None where it has no site."""
    bins = sorted(bins, key=lambda bin_: bin_["start"])
    counts = [int(bin_["num_sites"]) for bin_ in bins]
    total = sum(counts)
    if total == 0:
        return None
    half = int(np.searchsorted(np.cumsum(counts), total / 2))
    most = int(np.argmax(counts))
    label = (
        f"Sites of {name} along the sequence: {total:,}, most of them, "
        f"{counts[most]:,}, from base {bins[most]['start']} to {bins[most]['end']}"
    )
    return Positions(
        total=total,
        median=(bins[half]["start"] + bins[half]["end"]) / 2,
        length=int(bins[-1]["end"]),
        picture=svg_histogram(counts, label),
    )


def _site(record: dict[str, Any]) -> ExampleSite:
    sequence, start, end = record["sequence"], record["start"], record["end"]
    strand = record["strand"]
    place = f"{sequence}"
    if "chromosome" in record:  # of a genome, where a browser would look
        place = str(record["chromosome"])
        start, end = record["genome_start"], record["genome_end"]
        strand = record["genome_strand"]
    return ExampleSite(
        place, int(start), int(end), str(strand), float(record["activation"])
    )


def _class_share(record: dict[str, Any]) -> ClassShare:
    positives, negatives = int(record["positives"]), int(record["negatives"])
    return ClassShare(
        name=str(record["class"]),
        positives=positives,
        negatives=negatives,
        positive_share=_percent(record["positives_with_site"], positives),
        negative_share=_percent(record["negatives_with_site"], negatives),
        odds_ratio=float(record["odds_ratio"]),
        p_value=float(record["p-value"]),
        q_value=float(record["q-value"]),
    )


def _target(record: dict[str, Any]) -> Target:
    return Target(
        name=str(record["target"]),
        num_sequences=int(record["num_sequences"]),
        correlation=float(record["correlation"]),
        p_value=float(record["p-value"]),
        q_value=float(record["q-value"]),
    )


def _percent(part: int, whole: int) -> float:
    return 100 * int(part) / whole if whole else float("nan")


def _duplicates(
    motifs: list[Motif], table: pd.DataFrame | None
) -> dict[str, list[Duplicate]]:
    """Return each filter's duplicates, the surest first."""
    places = {motif.name: index for index, motif in enumerate(motifs, start=1)}
    found: dict[str, list[Duplicate]] = {motif.name: [] for motif in motifs}
    for record in [] if table is None else table.to_dict("records"):
        e_value, strand = float(record["E-value"]), str(record["orientation"])
        one, other = str(record["filter"]), str(record["duplicate"])
        found[one].append(Duplicate(other, places[other], e_value, strand))
        found[other].append(Duplicate(one, places[one], e_value, strand))
    for listed in found.values():
        listed.sort(key=lambda duplicate: duplicate.e_value)
    return found
