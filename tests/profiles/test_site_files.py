import numpy as np
import pandas as pd
import pytest

import keras_motif as km


def sites(**columns):
    table = {
        "filter": ["filter0", "filter1", "filter0"],
        "sequence": [0, 1, 1],
        "start": [7, 0, 3],
        "end": [12, 5, 8],
        "strand": ["+", "-", "+"],
        "activation": [2.0, 3.0, 1.5],
    }
    return pd.DataFrame({**table, **columns})


def test_bed_is_sorted_and_scored_by_each_filters_largest(tmp_path):
    km.write_sites(sites(sequence_name=["chr2", "chr1", "chr1"]), tmp_path / "a.bed")
    assert (tmp_path / "a.bed").read_text().splitlines() == [
        "chr1\t0\t5\tfilter1\t1000\t-",
        "chr1\t3\t8\tfilter0\t750\t+",
        "chr2\t7\t12\tfilter0\t1000\t+",
    ]


def test_a_genomes_coordinates_go_before_names_and_padding_is_left_out(tmp_path):
    table = sites(
        sequence_name=["a", "b", "c"],
        chromosome=["chr1"] * 3,
        genome_start=[100, -2, 50],
        genome_end=[105, 3, 55],
        genome_strand=["-", "+", "+"],
    )
    km.write_sites(table, tmp_path / "a.bed")
    assert (tmp_path / "a.bed").read_text().splitlines() == [
        "chr1\t50\t55\tfilter0\t750\t+",
        "chr1\t100\t105\tfilter0\t1000\t-",
    ]
    km.write_sites(table[:0], tmp_path / "a.bed")
    assert (tmp_path / "a.bed").read_text() == ""


def test_sites_without_a_place_are_refused(tmp_path):
    with pytest.raises(ValueError, match="must say where its sequences lie.*names"):
        km.write_sites(sites(), tmp_path / "a.bed")
    with pytest.raises(ValueError, match="names without blanks"):
        km.write_sites(sites(sequence_name=["a b", "c", "d"]), tmp_path / "a.bed")
    with pytest.raises(ValueError, match="lacks the columns filter"):
        km.write_sites(np.zeros((2, 2)), tmp_path / "a.bed")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.keras
def test_sites_of_windows_lie_where_their_bases_do(tmp_path):
    from keras_motif.extraction import activation_map, sites_from_map
    from support.networks import small_model

    random = np.random.default_rng(4)
    genome = np.eye(4, dtype=np.int8)[random.integers(4, size=500)]
    starts, strands = np.array([10, 300, 77]), np.array(["+", "-", "-"])
    windows = [genome[s : s + 60] for s in starts]
    x = np.stack(
        [
            w if strand == "+" else w[::-1, ::-1]
            for w, strand in zip(windows, strands, strict=True)
        ]
    )

    class Windows(list):
        def coordinates(self, rows):
            names = np.array(["chr7"] * 3, dtype=object)
            return names[rows], starts[rows], starts[rows] + 60, strands[rows]

    maps = activation_map(small_model())
    table = sites_from_map(maps, Windows([x]), reverse_complement=True)
    assert set(table["genome_strand"]) == {"+", "-"}
    for row in table.itertuples():
        read = x[row.sequence, row.start : row.end]
        read = read if row.strand == "+" else read[::-1, ::-1]
        there = genome[row.genome_start : row.genome_end]
        there = there if row.genome_strand == "+" else there[::-1, ::-1]
        np.testing.assert_array_equal(read, there)
    km.write_sites(table, tmp_path / "sites.bed")
    assert len((tmp_path / "sites.bed").read_text().splitlines()) == len(table)
    assert "chromosome" not in sites_from_map(maps, x)
