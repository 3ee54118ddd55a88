import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_motif as km
from keras_motif.datasets import (
    LabelledSequences,
    load_fasta,
    load_table,
    merge_labels,
    one_per_group,
    split_data,
    thin_label,
)


def write(folder, text, name="x.tsv"):
    path = folder / name
    path.write_bytes(text.encode())
    return path


def some(y, names=None, groups=None):
    """Labelled sequences whose letters spell their row number in base 4."""
    y = np.array(y, dtype=np.int8)
    digits = np.arange(len(y))[:, None] // 4 ** np.arange(6) % 4
    names = tuple(names or "ABCDEFGH"[: y.shape[1]])
    groups = None if groups is None else np.array(groups)
    return LabelledSequences(np.eye(4, dtype=np.int8)[digits], y, names, groups)


def rows_of(x):
    """The row numbers that `some` spelled."""
    return (x.argmax(axis=2) * 4 ** np.arange(6)).sum(axis=1)


def test_a_column_per_label(tmp_path):
    text = "MAX\tid\tsequence\tSP1\n1\ta\tACGT\t0\n0.0\tb\tggnn\tTrue\n"
    path = write(tmp_path, text)
    data = load_table(path, labels=["SP1", "MAX"])
    assert km.from_one_hot(data.x) == ["ACGT", "GGNN"]
    assert data.x.dtype == data.y.dtype == np.int8
    assert data.y.tolist() == [[0, 1], [1, 0]]
    assert data.label_names == ("SP1", "MAX")
    assert data.groups is None
    renamed = load_table(path, labels=["SP1", "MAX"], label_names=["s", "m"])
    assert renamed.label_names == ("s", "m")


def test_a_column_of_names(tmp_path):
    text = 'seq,tf\r\nACGT,"SP1, MAX"\r\n\r\n# note\r\nAAAA,\r\nCCCC,MAX\r\n'
    path = write(tmp_path, text)
    data = load_table(path, sequence="seq", labels="tf")
    assert data.label_names == ("MAX", "SP1")
    assert data.y.tolist() == [[1, 1], [0, 0], [1, 0]]
    wider = load_table(
        path, sequence="seq", labels="tf", label_names=["SP1", "X", "MAX"]
    )
    assert wider.y.tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 1]]
    path = write(tmp_path, "sequence;tf\nACGT;SP1|MAX\n")
    data = load_table(path, labels="tf", separator="|", delimiter=";")
    assert data.y.tolist() == [[1, 1]]


def test_a_column_of_flags_without_a_line_of_names(tmp_path):
    path = tmp_path / "x.tsv.gz"
    lines = "#labels: a b c\n7\tACGT\t011\n9\tGGGG\t000\n7\tTTTT\t100\n"
    path.write_bytes(gzip.compress(lines.encode()))
    options = {"sequence": 1, "labels": 2, "separator": "", "group": 0}
    data = load_table(path, **options)
    assert data.label_names == ("0", "1", "2")
    assert data.y.tolist() == [[0, 1, 1], [0, 0, 0], [1, 0, 0]]
    assert data.groups.tolist() == [0, 1, 0]
    named = load_table(path, **options, label_names=["a", "b", "c"])
    assert named.label_names == ("a", "b", "c")
    with pytest.raises(ValueError, match=r"line 2: expected 2 labels, .* of a, b. Rec"):
        load_table(path, **options, label_names=["a", "b"])


def test_groups_are_any_text(tmp_path):
    path = write(tmp_path, "sequence,y,chrom\nA,1,chrX\nC,0,chr1\nG,0,chrX\n")
    data = load_table(path, labels=["y"], group="chrom")
    assert data.groups.tolist() == [0, 1, 0]


def test_labels_in_fasta_headers(tmp_path):
    text = ">a SP1,MAX chr1:5-9\nACGT\n>b\nCC\nCC\n>c MAX\nTTTT\n"
    data = load_fasta(write(tmp_path, text))
    assert km.from_one_hot(data.x) == ["ACGT", "CCCC", "TTTT"]
    assert data.label_names == ("MAX", "SP1")
    assert data.y.tolist() == [[1, 1], [0, 0], [1, 0]]
    path = write(tmp_path, ">a 10\nACGT\n>b 11\nCCCC\n")
    data = load_fasta(path, separator="", label_names=["x", "y"])
    assert data.y.tolist() == [[1, 0], [1, 1]]
    with pytest.raises(ValueError, match="line 3: .* of one length, 4 letters as in"):
        load_fasta(write(tmp_path, ">a x\nACGT\n>b y\nC\n"))


def test_sequences_are_cut_and_padded_on_request(tmp_path):
    path = write(tmp_path, "sequence,y\nACGTA,1\nAC,0\n")
    data = load_table(path, labels=["y"], length=4)
    assert km.from_one_hot(data.x) == ["ACGT", "NACN"]
    with pytest.raises(ValueError, match="line 3: .* one length, 5 letters as in"):
        load_table(path, labels=["y"])
    with pytest.raises(ValueError, match="`length` must be 1 or more"):
        load_table(path, labels=["y"], length=0)


HEAD = "sequence,y\n"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {"labels": ["y"]}, r"x\.tsv: expected labelled sequences.*holds none"),
        (HEAD, {"labels": ["y"]}, "holds none"),
        (
            HEAD,
            {"labels": ["z"]},
            "line 1: expected one column 'z'.* sequence, y",
        ),
        ("y,y\n", {"labels": "y"}, "line 1: expected one column 'sequence'"),
        (
            "A,1\n",
            {"sequence": 0, "labels": [2]},
            "expected a column number from 0 to 1",
        ),
        ("A,1\n", {"sequence": -1, "labels": [1]}, "column number from 0 to 1.*-1"),
        (
            HEAD + "A,1\nA\n",
            {"labels": ["y"]},
            "line 3: expected 2 columns",
        ),
        (HEAD + "A,2\n", {"labels": ["y"]}, "line 2: expected 1 labels, .*Received 2"),
        (HEAD + "A,\n", {"labels": ["y"]}, "line 2: expected 1 labels, each 0 or 1"),
        (HEAD + "A,1\n", {"labels": "y"}, r"line 2: .*pass a list, `labels=\[...\]`"),
        (HEAD + "A,\n", {"labels": "y"}, "`label_names` must hold at least one name"),
        (
            HEAD + "A,u\n",
            {"labels": "y", "label_names": "v"},
            "`label_names` must hold",
        ),
        (HEAD + "A,u\n", {"labels": "y", "label_names": ["v", "v"]}, "each once"),
        (
            HEAD + "A,u\n",
            {"labels": "y", "label_names": ["v"]},
            "among v.*'u'",
        ),
        (
            HEAD + ",1\n",
            {"labels": ["y"]},
            "line 2: expected a sequence",
        ),
        (
            HEAD + "AQ,1\n",
            {"labels": ["y"]},
            "line 2: expected letters.*'Q' at pos",
        ),
        (
            HEAD + 'A,"1\n',
            {"labels": ["y"]},
            "line 2: expected one row of columns",
        ),
        (HEAD, {"labels": []}, "`labels` must name at least one column"),
    ],
)
def test_bad_tables_are_refused_with_line_and_reason(tmp_path, text, options, message):
    with pytest.raises(ValueError, match=message):
        load_table(write(tmp_path, text), **options)


def test_names_and_numbers_of_columns_do_not_mix(tmp_path):
    with pytest.raises(TypeError, match=r"all be names of columns.*Received 0, 'y'"):
        load_table(write(tmp_path, HEAD), sequence=0, labels="y")
    with pytest.raises(FileNotFoundError):
        load_table(tmp_path / "missing.csv", labels="y")


def test_merged_labels_are_positive_where_any_was():
    data = some([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], ("a1", "b", "a2"))
    merged = merge_labels(data, {"A": ["a1", "a2"], "B": ["b"]})
    assert merged.label_names == ("A", "B")
    assert merged.y.tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]
    assert merged.y.dtype == np.int8
    kept = merge_labels(data, {"a1": ["a2", "a1"]})
    assert kept.label_names == ("a1", "b")
    assert data.label_names == ("a1", "b", "a2")


def test_impossible_merges_are_refused():
    data = some([[1, 0, 0]], ("a1", "b", "a2"))
    for merged, message in (
        ({"A": ["a3"]}, "`merged` must name labels of the data: a1, b, a2. .*'a3'"),
        ({"A": []}, "to a list of the names"),
        ({"A": "a1"}, "to a list of the names"),
        (
            {"A": ["a1"], "B": ["a1"]},
            "once. Received 'a1' under 'A' and 'B'",
        ),
        ({"b": ["a1"]}, "names that differ. Received 'b'"),
    ):
        with pytest.raises(ValueError, match=message):
            merge_labels(data, merged)


def test_one_of_each_group_stays_in_order():
    groups = [5, 5, 2, 5, 9, 2]
    data = some(np.ones((6, 1)), groups=groups)
    seen = set()
    for seed in range(30):
        kept = one_per_group(data, seed=seed)
        rows = rows_of(kept.x)
        assert (np.diff(rows) > 0).all()
        assert sorted(kept.groups) == [2, 5, 9]
        assert [groups[row] for row in rows] == kept.groups.tolist()
        np.testing.assert_array_equal(rows, rows_of(one_per_group(data, seed=seed).x))
        seen |= set(rows)
    assert seen == set(range(6))
    with pytest.raises(ValueError, match="`data` must have groups"):
        one_per_group(data._replace(groups=None))


def test_thinning_touches_sequences_of_that_label_alone():
    y = [[1, 0]] * 8 + [[1, 1]] * 5 + [[0, 1]] * 4 + [[0, 0]] * 3
    data = some(y)
    kept = thin_label(data, "A", 0.25, seed=1)
    assert kept.y.tolist() == [[1, 0]] * 2 + y[8:]
    assert rows_of(kept.x)[2:].tolist() == list(range(8, 20))
    other = [tuple(rows_of(thin_label(data, "A", 0.25, seed=s).x)) for s in range(9)]
    assert len(set(other)) > 1
    assert len(thin_label(data, "A", 1).x) == 20
    assert len(thin_label(data, "A", 0).x) == 12
    with pytest.raises(ValueError, match="`label` must name labels of the data: A, B"):
        thin_label(data, "C", 0.5)
    with pytest.raises(ValueError, match="`share` must lie between 0 and 1.* 25"):
        thin_label(data, "A", 25)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=60, max_size=120),
    st.integers(0, 5),
)
def test_splits_hold_each_sequence_once_and_tear_no_group(groups, seed):
    data = some(np.ones((len(groups), 2)), groups=groups)
    largest = np.bincount(groups).max()
    try:
        splits = split_data(data, seed=seed)
    except ValueError as error:
        assert "part empty" in str(error)
        return
    rows = [rows_of(split.x) for split in splits]
    assert sorted(np.concatenate(rows)) == list(range(len(groups)))
    groups = np.array(groups)
    parts = [set(groups[part]) for part in rows]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    for part, share in zip(rows, (0.7, 0.1, 0.2), strict=True):
        assert abs(len(part) - share * len(groups)) <= largest + 1


def test_splits_without_groups_have_exact_shares_and_are_shuffled():
    y = np.arange(200)[:, None] % 2
    data = some(np.hstack([y, 1 - y]))
    splits = split_data(data, (0.5, 0.25, 0.25), seed=3)
    assert [len(split.x) for split in splits] == [100, 50, 50]
    for split in splits:
        rows = rows_of(split.x)
        np.testing.assert_array_equal(split.y[:, 0], rows % 2)
        assert (np.diff(rows) < 0).any()
        assert split.label_names == ("A", "B")
        assert split.model is None
    again = split_data(data, (0.5, 0.25, 0.25), seed=3)
    np.testing.assert_array_equal(splits.train.x, again.train.x)
    other = split_data(data, (0.5, 0.25, 0.25), seed=4)
    assert (splits.train.x != other.train.x).any()


def test_labels_without_positives_in_a_part_are_named():
    y = np.ones((10, 2), dtype=np.int8)
    y[:, 1] = 0
    with pytest.warns(UserWarning, match="'B' in the train part; 'B' in the"):
        split_data(some(y))


def test_impossible_splits_are_refused():
    data = some(np.ones((10, 1)))
    for shares in ((0.7, 0.3), (0.7, 0.2, 0.2), (1.0, 0.0, 0.0)):
        with pytest.raises(ValueError, match="`shares` must be three positive numbers"):
            split_data(data, shares)
    with pytest.raises(ValueError, match="10 sequences in 1 groups, which leaves"):
        split_data(data._replace(groups=np.zeros(10)))
    with pytest.raises(ValueError, match=r"10 sequences, labels of shape \(9, 1\)"):
        split_data(data._replace(y=data.y[:9]))
    with pytest.raises(ValueError, match="and 9 groups"):
        split_data(data._replace(groups=np.zeros(9)))
    with pytest.raises(ValueError, match="2 names for 1 columns"):
        split_data(data._replace(label_names=("A", "B")))
    with pytest.raises(ValueError, match=r"`data\.x` must be one-hot"):
        split_data(data._replace(x=data.x.transpose(0, 2, 1)))
