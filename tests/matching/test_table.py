import numpy as np
import pandas as pd
import pytest

from keras_motif.matching.fractions import match_fractions
from keras_motif.matching.match import motif_match
from keras_motif.matching.table import write_matches
from support.tomtom_tables import COLUMNS, uncommented

NUMBERS = ["p-value", "E-value", "q-value"]


def test_columns_and_dtypes_are_fixed_even_when_empty(table, database):
    empty = motif_match([], database)
    assert empty.empty
    for found in (table, empty):
        assert list(found.columns) == COLUMNS
        assert found["p-value"].dtype == found["q-value"].dtype == np.float32
        assert found["E-value"].dtype == np.float64
        assert found["Optimal_offset"].dtype == found["Overlap"].dtype == np.int64
    assert (empty.dtypes == table.dtypes).all()
    assert isinstance(table.index, pd.RangeIndex)
    assert empty.attrs["target_ids"] == table.attrs["target_ids"]


def test_a_written_table_reads_back(table, tmp_path):
    write_matches(table, tmp_path / "matches.tsv")
    found = pd.read_csv(tmp_path / "matches.tsv", sep="\t", comment="#")
    assert list(found.columns) == COLUMNS
    for column in NUMBERS:
        np.testing.assert_allclose(found[column], table[column], rtol=1e-5)
    assert found["Target_ID"].tolist() == table["Target_ID"].tolist()
    write_matches(found, tmp_path / "again.tsv")
    texts = [(tmp_path / name).read_text() for name in ("matches.tsv", "again.tsv")]
    assert uncommented(texts[0]) == uncommented(texts[1])


def test_the_comments_name_the_options(table, tmp_path):
    write_matches(table, tmp_path / "matches.tsv")
    lines = (tmp_path / "matches.tsv").read_text().splitlines()
    assert lines[0] == "\t".join(COLUMNS)
    assert lines[-3] == ""
    assert lines[-2] == "# Tomtom's statistics, by keras-motif."
    assert "distance='ed', threshold=0.1, threshold_on='evalue'" in lines[-1]


def test_an_empty_table_is_a_header(database, tmp_path):
    write_matches(motif_match([], database), tmp_path / "matches.tsv")
    text = (tmp_path / "matches.tsv").read_text()
    assert uncommented(text) == ["\t".join(COLUMNS), "", ""]


def test_a_file_is_written_whole_or_not_at_all(table, tmp_path):
    path = tmp_path / "matches.tsv"
    path.write_text("before")
    with pytest.raises(ValueError, match="columns are missing: p-value, Overlap"):
        write_matches(table.drop(columns=["p-value", "Overlap"]), path)
    broken = table.assign(Query_ID="a\tb")
    with pytest.raises(ValueError, match=r"must not hold tabs .*'a\\tb' in Query_ID"):
        write_matches(broken, path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="columns are missing: Overlap"):
        match_fractions(table.drop(columns="Overlap"), 40)
