import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.matching.scan import motif_scan
from keras_motif.motifs.meme import MemeFile, write_meme
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import from_one_hot, one_hot

EBOX = Motif(np.eye(4)[[1, 0, 1, 2, 3, 2]], "E-box", alt_name="MYC")  # CACGTG
GATA = Motif(np.eye(4)[[2, 0, 3, 0]], "GATA", num_sites=500)


@pytest.fixture(autouse=True)
def _pymemesuite(request):
    if "without" not in request.node.name:
        pytest.importorskip(
            "pymemesuite", reason="has no wheel for this Python or system"
        )


def scan_oracle(motif, strings, background, *, pseudocount=0.1, num_strands=2):
    """FIMO's scores and p-values, one word at a time.

    The grid has 1000 steps from the whole number below the smallest score to the
    largest score.
    """
    b = np.asarray(background)
    sites = int(motif.num_sites or 0) or 20
    scores = np.log2(
        (motif.frequencies * sites + pseudocount * b) / (sites + pseudocount) / b
    )
    offset = np.floor(scores.min())
    steps = np.floor(1000 / (scores.max() - offset))
    grid = np.floor((scores - offset) * steps + 0.5).astype(int)
    chances = {0: 1.0}  # of each sum of grid scores in a random word
    for row in grid:
        longer = {}
        for total, chance in chances.items():
            for base in range(4):
                key = total + int(row[base])
                longer[key] = longer.get(key, 0.0) + chance * b[base]
        chances = longer
    found = []
    for number, string in enumerate(strings):
        for start in range(len(string) - motif.width + 1):
            for strand in "+-"[:num_strands]:
                word = string[start : start + motif.width]
                if strand == "-":
                    word = word[::-1].translate(str.maketrans("ACGT", "TGCA"))
                if "N" in word:
                    continue
                total = sum(
                    int(row["ACGT".index(x)]) for row, x in zip(grid, word, strict=True)
                )
                pvalue = sum(c for key, c in chances.items() if key >= total)
                score = total / steps + motif.width * offset
                found.append(
                    (
                        number,
                        start + 1,
                        start + motif.width,
                        strand,
                        score,
                        pvalue,
                        word,
                    )
                )
    return found


def test_a_planted_word_is_found_where_it_stands():
    found = motif_scan(GATA, ["CCCCGATACC", "CCTATCCCCC"], threshold=0.01)
    columns = ["motif_id", "sequence_name", "start", "stop", "strand"]
    assert found[columns].to_numpy().tolist() == [
        ["GATA", 0, 5, 8, "+"],
        ["GATA", 1, 3, 6, "-"],
    ]
    assert found["matched_sequence"].tolist() == ["GATA", "GATA"]
    # One word of 4 ** 4 scores as much.
    np.testing.assert_allclose(found["p-value"], 1 / 256, rtol=1e-12)
    # Two hits of that p-value among 2 x 7 words on 2 strands.
    np.testing.assert_allclose(found["q-value"], 28 / 256 / 2, rtol=1e-12)


def test_the_columns_are_fimos():
    found = motif_scan(EBOX, "TTTTTTTT")
    assert found.empty
    assert found.columns.tolist() == [
        "motif_id",
        "motif_alt_id",
        "sequence_name",
        "start",
        "stop",
        "strand",
        "score",
        "p-value",
        "q-value",
        "matched_sequence",
    ]
    assert found["start"].dtype == np.int64
    assert found["score"].dtype == np.float64


def test_the_last_word_of_a_sequence_is_scored():
    found = motif_scan(EBOX, ["AAAACACGTG", "CACGTG"], threshold=0.001)
    sites = found[["sequence_name", "start", "stop", "strand"]].to_numpy().tolist()
    assert sites == [[0, 5, 10, "+"], [0, 5, 10, "-"], [1, 1, 6, "+"], [1, 1, 6, "-"]]


def test_motifs_keep_their_names_and_their_order():
    found = motif_scan([GATA, EBOX], "GATACACGTG", threshold=0.005)
    assert found["motif_id"].drop_duplicates().tolist() == ["GATA", "E-box"]
    assert found["motif_alt_id"].drop_duplicates().tolist() == ["", "MYC"]


def test_a_motif_of_one_position_works_and_none_at_all_is_refused():
    found = motif_scan(Motif([[0, 0, 0, 1]], "T"), "AT", threshold=0.3)
    assert found[["start", "strand"]].to_numpy().tolist() == [[1, "-"], [2, "+"]]
    with pytest.raises(ValueError, match="width 1 or more"):
        Motif(np.zeros((0, 4)))


def test_words_with_n_are_not_scored():
    found = motif_scan(GATA, "GANATAGATA", threshold=1.0)
    assert set(found["start"]) == {4, 5, 6, 7}
    assert len(found) == 8


def test_the_threshold_is_included():
    assert len(motif_scan(GATA, "GATACC", threshold=1 / 256)) == 1
    assert motif_scan(GATA, "GATACC", threshold=1 / 257).empty


def test_one_strand_alone_can_be_searched():
    found = motif_scan(GATA, "GATATC", threshold=0.01, both_strands=False)
    assert found["strand"].tolist() == ["+"]
    assert found["q-value"].tolist() == [pytest.approx(3 / 256)]


def test_rna_is_searched_on_one_strand(tmp_path):
    rna = MemeFile([GATA], alphabet="ACGU")
    write_meme([GATA], tmp_path / "rna.meme", alphabet="ACGU")
    for motifs in (rna, tmp_path / "rna.meme"):
        found = motif_scan(motifs, "GATATC", threshold=0.01)
        assert found["strand"].tolist() == ["+"]
    found = motif_scan(rna, "GATATC", threshold=0.01, both_strands=True)
    assert found["strand"].tolist() == ["+", "-"]
    found = motif_scan(MemeFile([GATA], strands="+"), "GATATC", threshold=0.01)
    assert found["strand"].tolist() == ["+", "-"]


@pytest.mark.parametrize(
    "background", [None, [0.3, 0.2, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4]]
)
@pytest.mark.parametrize("num_sites", [None, 0, 7.9, 1000])
def test_every_score_and_pvalue_equals_the_oracle(random, background, num_sites):
    motif = Motif(random.dirichlet([0.3] * 4, 5), "m", num_sites=num_sites)
    letters = random.choice(list("ACGTN"), p=[0.24] * 4 + [0.04], size=(4, 30))
    strings = ["".join(row) for row in letters]
    found = motif_scan(motif, strings, threshold=1.0, background=background)
    expected = scan_oracle(motif, strings, background or [0.25] * 4)
    keys = ["sequence_name", "start", "stop", "strand"]
    found = found.sort_values(keys)
    assert found[keys].to_numpy().tolist() == [list(row[:4]) for row in expected]
    assert found["matched_sequence"].tolist() == [row[6] for row in expected]
    # Scores are the same grid points; p-values are sums in another order.
    np.testing.assert_allclose(found["score"], [row[4] for row in expected], atol=1e-9)
    np.testing.assert_allclose(
        found["p-value"], [row[5] for row in expected], rtol=1e-9
    )


def test_qvalues_are_those_of_benjamini_and_hochberg(random):
    motif = Motif(random.dirichlet([0.3] * 4, 4), "m")
    strings = ["".join(random.choice(list("ACGT"), 40))]
    found = motif_scan(motif, strings, threshold=1.0)
    p = found["p-value"].to_numpy()
    assert (np.diff(p) >= 0).all()
    expected = [min(1, min(x * len(p) / sum(p <= x) for x in p[p >= y])) for y in p]
    np.testing.assert_allclose(found["q-value"], expected, rtol=1e-12)


def test_more_hits_than_fimo_stores_by_default_are_all_kept():
    found = motif_scan(Motif([[0.4, 0.2, 0.2, 0.2]], "m"), "A" * 60_000, threshold=1.0)
    assert len(found) == 120_000


def test_the_same_call_gives_the_same_table(random):
    strings = ["".join(row) for row in random.choice(list("ACGT"), (20, 600))]
    first = motif_scan(GATA, strings, threshold=0.05)
    assert len(first) > 50
    assert first.equals(motif_scan(GATA, strings, threshold=0.05))


def test_arrays_strings_and_mappings_are_the_same_sequences(sequences):
    strings = from_one_hot(sequences)
    expected = motif_scan(GATA, strings, threshold=0.01)
    assert len(expected) > 10
    assert motif_scan(GATA, sequences, threshold=0.01).equals(expected)
    assert motif_scan(GATA, sequences.astype(float), threshold=0.01).equals(expected)
    lower = iter([string.lower() for string in strings])
    assert motif_scan(GATA, lower, threshold=0.01).equals(expected)
    named = motif_scan(
        GATA, {f"chr{i}": s for i, s in enumerate(strings)}, threshold=0.01
    )
    assert named["sequence_name"].tolist() == [
        f"chr{i}" for i in expected["sequence_name"]
    ]


def test_motif_files_bring_their_background(tmp_path):
    background = (0.4, 0.1, 0.1, 0.4)
    write_meme([GATA], tmp_path / "gata.meme", background=background)
    expected = motif_scan([GATA], "CCGATACC", threshold=0.1, background=background)
    assert expected["p-value"][0] == pytest.approx(0.4**3 * 0.1)
    for motifs in (
        tmp_path / "gata.meme",
        str(tmp_path / "gata.meme"),
        MemeFile([GATA], background),
    ):
        assert motif_scan(motifs, "CCGATACC", threshold=0.1).equals(expected)
    assert motif_scan(
        MemeFile([GATA], background), "GATA", background=[0.25] * 4, threshold=0.1
    )["p-value"].tolist() == [pytest.approx(1 / 256)]


@settings(max_examples=30, deadline=None)
@given(st.text("ACGTN", min_size=4, max_size=40), st.floats(1e-3, 1))
def test_the_other_strand_gives_the_same_hits_mirrored(string, threshold):
    pytest.importorskip("pymemesuite")
    mirrored = from_one_hot(one_hot(string)[:, ::-1, ::-1])[0]
    motif = Motif([[0.7, 0.1, 0.1, 0.1], [0.1, 0.2, 0.3, 0.4], [0, 0, 1, 0]], "m")
    here = motif_scan(motif, string, threshold=threshold)
    there = motif_scan(motif, mirrored, threshold=threshold)
    flipped = {
        (len(string) + 1 - stop, len(string) + 1 - start, "-+"[strand == "-"], score)
        for start, stop, strand, score in there[
            ["start", "stop", "strand", "score"]
        ].itertuples(index=False)
    }
    assert flipped == set(
        here[["start", "stop", "strand", "score"]].itertuples(index=False, name=None)
    )
    assert (here["p-value"] <= threshold).all()
    assert (here["q-value"] >= here["p-value"] * (1 - 1e-12)).all()


@pytest.mark.parametrize(
    ("arguments", "options", "match"),
    [
        (([], "ACGT"), {}, "`motifs` must hold at least one"),
        (([GATA, GATA], "ACGT"), {}, "different `name` each.*'GATA' twice"),
        ((GATA, []), {}, "`sequences` must hold at least one sequence"),
        ((GATA, ""), {}, "'GATA' of width 4 and sequences of at most 0"),
        ((EBOX, ["ACGT", "ACGTA"]), {}, "'E-box' of width 6 .* at most 5 letters"),
        ((GATA, ["ACGT", "ACRT"]), {}, "'R' in sequence 1, position 2"),
        ((GATA, {"x": "ACGU"}), {}, "'U' in sequence x, position 3.*by T"),
        ((GATA, np.zeros((2, 4, 9))), {}, r"transpose\(0, 2, 1\)"),
        ((GATA, np.full((2, 9, 4), 0.3)), {}, "`sequences` must be one-hot"),
        ((GATA, "ACGT"), {"threshold": 0}, r"`threshold` must be in \(0, 1\]"),
        ((GATA, "ACGT"), {"threshold": 1.5}, r"`threshold` must be in \(0, 1\]"),
        ((GATA, "ACGT"), {"pseudocount": 0}, "`pseudocount` must be greater than 0"),
        ((GATA, "ACGT"), {"background": [0, 0, 0.5, 0.5]}, "each greater than 0"),
        ((GATA, "ACGT"), {"background": [0.25] * 3}, "four frequencies"),
    ],
)
def test_bad_arguments_are_explained(arguments, options, match):
    with pytest.raises(ValueError, match=match):
        motif_scan(*arguments, **options)


def test_other_kinds_of_motifs_are_type_errors():
    with pytest.raises(TypeError, match="Received list"):
        motif_scan([[[1, 0, 0, 0]]], "ACGT")


def test_without_pymemesuite_the_error_says_where_it_exists(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymemesuite", None)
    with pytest.raises(ImportError, match=r"CPython up to 3\.12 on Linux and macOS"):
        motif_scan(GATA, "GATA")


def test_the_module_imports_without_pandas_and_pymemesuite():
    code = (
        "import sys; import keras; before = set(sys.modules)\n"
        "import keras_motif.matching.scan\n"
        "new = set(sys.modules) - before\n"
        "assert not new & {'pandas', 'pymemesuite'}, new"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_motif_that_says_nothing_scores_every_word_alike():
    found = motif_scan(Motif([[0.25] * 4] * 3, "flat"), "ACGTA", threshold=1.0)
    assert found["p-value"].tolist() == [1.0] * 6
    assert found["score"].tolist() == [0.0] * 6
