import gzip
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.matching.match import motif_match
from keras_motif.matching.table import write_matches
from keras_motif.motifs.jaspar import load_jaspar
from keras_motif.motifs.meme import read_meme, write_meme
from keras_motif.motifs.motif import Motif
from support.paths import GOLDEN, SHARED
from support.tomtom_tables import QUERIES, TARGETS, uncommented


def golden_commands():
    """Yield file, query file, target file and options of each command."""
    for line in (GOLDEN / "INDEX.tsv").read_text().splitlines():
        name, command = line.split("\t")
        *words, queries, targets = command.split()[2:]
        options = {"threshold": 0.5, "threshold_on": "qvalue"}
        words = iter(words)
        for word in words:
            if word == "-evalue":
                options["threshold_on"] = "evalue"
            elif word == "-norc":
                options["reverse_complement"] = False
            elif word == "-internal":
                options["internal"] = True
            elif word == "-thresh":
                options["threshold"] = float(next(words))
            elif word == "-dist":
                options["distance"] = next(words)
            elif word == "-min-overlap":
                options["min_overlap"] = int(next(words))
            elif word == "-motif-pseudo":
                options["pseudocount"] = float(next(words))
            else:
                raise AssertionError(word)
        yield name, queries, targets, options


@pytest.mark.filterwarnings("ignore:The distance .* weighs columns")
@pytest.mark.parametrize(
    ("name", "queries", "targets", "options"),
    [pytest.param(*command, id=command[0]) for command in golden_commands()],
)
def test_the_text_is_tomtoms(name, queries, targets, options, tmp_path):
    matches = motif_match(GOLDEN / queries, GOLDEN / targets, **options)
    write_matches(matches, tmp_path / "matches.tsv")
    written = (tmp_path / "matches.tsv").read_bytes().decode()
    with gzip.open(GOLDEN / f"{name}.gz", "rt", newline="") as file:
        printed = file.read()
    assert len(printed) > 1000
    assert uncommented(written) == uncommented(printed)


def as_alphabet(path, alphabet, strands="+ -"):
    return replace(read_meme(path), alphabet=alphabet, strands=strands)


@pytest.mark.parametrize(
    ("queries", "targets", "both"),
    [
        ("ACGT", "ACGT", True),
        ("ACGT", "ACGU", False),
        ("ACGU", "ACGT", False),
        ("ACGU", "ACGU", False),
    ],
)
def test_rna_is_compared_on_one_strand(queries, targets, both, tmp_path):
    found = motif_match(
        as_alphabet(QUERIES, queries), as_alphabet(TARGETS, targets), threshold=1e9
    )
    assert found.attrs["settings"]["reverse_complement"] is both
    assert found.attrs["settings"]["alphabet"] == ("ACGT" if both else "ACGU")
    write_matches(found, tmp_path / "matches.tsv")
    # What the program printed, with and without -norc.
    printed = gzip.decompress(
        (GOLDEN / f"all.{'ed' if both else 'norc'}.tsv.gz").read_bytes()
    )
    written = (tmp_path / "matches.tsv").read_text()
    assert uncommented(written) == uncommented(printed.decode())


def test_the_strands_can_be_chosen_whatever_the_alphabet():
    rna, dna = as_alphabet(TARGETS, "ACGU"), as_alphabet(TARGETS, "ACGT", "+")
    both = motif_match(QUERIES, rna, reverse_complement=True)
    assert "-" in set(both["Orientation"])
    assert both.attrs["settings"]["reverse_complement"] is True
    # The letters stay RNA's, and a line of a DNA file is not a choice.
    assert both.attrs["settings"]["alphabet"] == "ACGU"
    pd.testing.assert_frame_equal(both, motif_match(QUERIES, dna))
    one = motif_match(QUERIES, TARGETS, reverse_complement=False)
    pd.testing.assert_frame_equal(one, motif_match(QUERIES, rna))


def test_an_rna_motif_doesnt_match_its_reverse_complement(tmp_path):
    pumilio = Motif(np.eye(4)[[3, 2, 3, 0, 0, 0, 3, 0]] * 0.88 + 0.03, "PUM2")
    write_meme([pumilio], tmp_path / "rna.meme", alphabet="ACGU")
    for query, num_rows in ((pumilio, 1), (pumilio.reverse_complement(), 0)):
        found = motif_match(query, tmp_path / "rna.meme", threshold=0.01)
        assert len(found) == num_rows
        assert set(found["Target_consensus"]) <= {"TGTAAATA"}


def test_dna_beside_rna_among_the_targets_is_refused():
    message = "`targets` must be all of DNA or all of RNA"
    with pytest.raises(ValueError, match=message):
        motif_match(QUERIES, [as_alphabet(TARGETS, "ACGU"), "JASPAR2016"])


def test_all_golden_files_are_tested():
    listed = {f"{name}.gz" for name, *_ in golden_commands()}
    assert listed == {path.name for path in GOLDEN.glob("*.gz")}
    assert len(listed) == 26


def test_the_defaults_are_the_studys_command(table):
    assert len(table) == 23
    assert (table["E-value"] <= 0.1).all()
    assert table["Query_ID"].iloc[0] == "filter2"


def test_thresholds_cut_each_querys_rows(filters, database):
    every = motif_match(filters, database, threshold=1e9)
    # float32, in which the thresholds are compared too.
    for criterion, column in (("pvalue", "p-value"), ("qvalue", "q-value")):
        cut = motif_match(filters, database, threshold=0.3, threshold_on=criterion)
        pd.testing.assert_frame_equal(
            cut, every[every[column] <= np.float32(0.3)].reset_index(drop=True)
        )
    best = every["p-value"].iloc[0]
    kept = motif_match(
        filters[:1], database, threshold=float(best), threshold_on="pvalue"
    )
    assert kept["p-value"].tolist() == [best]


def test_p_values_below_single_precision_are_0():
    random = np.random.default_rng(0)
    targets = random.dirichlet(np.full(4, 0.3), (40, 40))
    best = motif_match(targets[:1], targets).iloc[0]
    assert best["Target_ID"] == "filter0"
    assert 0 <= best["p-value"] < 1e-38
    assert best["E-value"] == 40 * float(best["p-value"])


# Inputs


def as_biopython(motif):
    from Bio.motifs import Motif as Biopython

    counts = dict(zip("ACGT", (motif.frequencies * 20).T.tolist(), strict=True))
    found = Biopython(alphabet="ACGT", counts=counts)
    found.name = motif.name
    return found


@pytest.fixture(scope="module")
def expected(filters, database):
    """Five queries, 20 sites each, against the database."""
    motifs = [Motif(motif.frequencies, motif.name) for motif in filters[:5]]
    return motif_match(motifs, database, threshold=1e9)


def test_inputs_of_all_kinds_give_one_table(filters, database, expected):
    five = filters[:5]
    frame = {
        motif.name: pd.DataFrame(motif.frequencies[:, ::-1], columns=list("TGCA"))
        for motif in five
    }
    kinds = [
        (Motif(motif.frequencies, motif.name) for motif in five),
        {motif.name: motif.frequencies for motif in five},
        {motif.name: Motif(motif.frequencies, "other") for motif in five},
        [as_biopython(motif) for motif in five],
        frame,
    ]
    for queries in kinds:
        found = motif_match(queries, database, threshold=1e9)
        pd.testing.assert_frame_equal(found, expected)


def test_names_of_arrays_and_of_lists_without_names(filters, database):
    wide = [motif for motif in filters if motif.width == 19]
    stacked = np.stack([motif.frequencies for motif in wide])
    named = motif_match(wide, database)
    found = motif_match(stacked, database, threshold=1e9)
    assert found["Query_ID"].unique().tolist() == [
        f"filter{index}" for index in range(len(wide))
    ]
    assert not named.empty
    listed = motif_match(list(stacked), database, threshold=1e9)
    assert listed["Query_ID"].unique().tolist() == [
        f"motif{index}" for index in range(len(wide))
    ]
    frame = pd.DataFrame(stacked[0], columns=list("ACGT"))
    assert set(motif_match(frame, database, threshold=1e9)["Query_ID"]) == {"motif0"}


def test_a_single_motif_may_stand_alone(filters, database, expected):
    found = motif_match(filters[0], database, threshold=1e9)
    pd.testing.assert_frame_equal(found, expected[:60])
    found = motif_match(as_biopython(filters[0]), database, threshold=1e9)
    pd.testing.assert_frame_equal(found, expected[:60])


@pytest.mark.parametrize("kind", [str, Path, read_meme])
def test_files_and_their_contents_are_the_same(kind, table):
    pd.testing.assert_frame_equal(motif_match(kind(QUERIES), kind(TARGETS)), table)


def test_a_compressed_file_is_read(tmp_path, table):
    with gzip.open(tmp_path / "targets.meme.gz", "wb") as file:
        file.write(TARGETS.read_bytes())
    found = motif_match(QUERIES, tmp_path / "targets.meme.gz")
    pd.testing.assert_frame_equal(found, table)


def test_biopython_counts_carry_their_sites(filters, database):
    from Bio.motifs import jaspar

    counted = np.round(filters[0].frequencies * 1000)
    counts = dict(zip("ACGT", counted.T, strict=True))
    motif = jaspar.Motif("MA9999.1", "XYZ", counts=counts, alphabet="ACGT")
    frequencies = counted / counted.sum(axis=1, keepdims=True)
    plain = Motif(frequencies, "MA9999.1", num_sites=1000)
    found = motif_match([motif], database, threshold=1e9, reverse_complement=True)
    expected = motif_match([plain], database, threshold=1e9)
    pd.testing.assert_frame_equal(found, expected)


def test_biopython_frequencies_and_empty_columns(database):
    from Bio.motifs import Motif as Biopython

    counts = {"A": [1.0, 0], "C": [0.0, 0], "G": [0.0, 0], "U": [0.0, 0]}
    motif = Biopython(alphabet="ACGU", counts=counts)
    found = motif_match([motif], database, threshold=1e9, reverse_complement=True)
    plain = Motif([[1, 0, 0, 0], [0.25] * 4], "motif0")
    pd.testing.assert_frame_equal(found, motif_match(plain, database, threshold=1e9))


def test_pymemesuite_motifs_go_by_their_accession(database):
    common = pytest.importorskip("pymemesuite.common")
    with common.MotifFile(str(TARGETS)) as file:
        motif = file.read()
    found = motif_match([motif], database)
    assert found["Query_ID"].iloc[0] == found["Target_ID"].iloc[0] == "MA0051.1"


def test_a_release_is_a_database(filters):
    release = motif_match(filters, "JASPAR2016")
    pd.testing.assert_frame_equal(
        release, motif_match(filters, load_jaspar("JASPAR2016"))
    )
    assert len(release.attrs["target_ids"]) == 519


def test_a_release_goes_before_a_file_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(TARGETS, "JASPAR2016")
    assert len(motif_match([], "JASPAR2016").attrs["target_ids"]) == 519
    assert len(motif_match([], Path("JASPAR2016")).attrs["target_ids"]) == 60
    assert len(motif_match([], "./JASPAR2016").attrs["target_ids"]) == 60


def test_several_databases_are_pooled(filters, database, table):
    halves = [database[:20], database[20:]]
    pd.testing.assert_frame_equal(motif_match(QUERIES, halves), table)
    pooled = motif_match(filters, [TARGETS, "JASPAR2016", read_meme(TARGETS)])
    ids = pooled.attrs["target_ids"]
    assert len(ids) == 60 + 519 + 60
    assert ids[:60] == ids[-60:]
    single = motif_match(filters, [filters[0], TARGETS])
    assert single.attrs["target_ids"][:2] == ("filter0", "MA0051.1")


def test_the_query_files_background_is_used_unless_another_is_given():
    file = GOLDEN / "queries32_bg.meme"
    found = motif_match(file, TARGETS, threshold=1e9)
    given = motif_match(
        QUERIES, TARGETS, threshold=1e9, background=[0.4, 0.1, 0.2, 0.3]
    )
    pd.testing.assert_frame_equal(found, given)
    plain = motif_match(QUERIES, TARGETS, threshold=1e9)
    assert not found["p-value"].equals(plain["p-value"])
    again = motif_match(file, TARGETS, threshold=1e9, background=[0.25] * 4)
    pd.testing.assert_frame_equal(again, plain)


def test_neither_motifs_nor_arrays_are_changed(filters, database):
    stacked = np.stack([motif.frequencies for motif in filters if motif.width == 19])
    before = stacked.copy()
    motif_match(stacked, database, pseudocount=0)
    np.testing.assert_array_equal(stacked, before)


def test_allr_leaves_out_motifs_with_a_zero():
    sharp = Motif([[1, 0, 0, 0]] * 6, "sharp", num_sites=20)
    random = np.random.default_rng(0)
    soft = [
        Motif(random.dirichlet(np.ones(4), 6), f"soft{index}", num_sites=20)
        for index in range(3)
    ]
    options = {"distance": "allr", "pseudocount": 0, "threshold": 1e9}
    with pytest.warns(UserWarning, match="`queries` are left out.*'sharp'"):
        found = motif_match([sharp, *soft], soft, **options)
    pd.testing.assert_frame_equal(found, motif_match(soft, soft, **options))
    with pytest.warns(UserWarning, match="`targets` are left out.*'sharp'"):
        found = motif_match(soft, [*soft, sharp], **options)
    assert "sharp" not in set(found["Target_ID"])
    with pytest.warns(UserWarning, match="`targets` are left out.*'sharp'"):
        assert motif_match(soft, sharp, **options).empty
    with pytest.raises(ValueError, match="'kullback' has no value where .*'sharp'"):
        motif_match(soft, sharp, distance="kullback", pseudocount=0)


@pytest.mark.parametrize("distance", ["ed", "pearson"])
def test_any_number_of_workers_gives_the_same_table(distance):
    random = np.random.default_rng(3)
    # Above 100 entries the random numbers of the q-values run on between queries.
    targets = [
        Motif(random.dirichlet(np.full(4, 0.6), random.integers(5, 15)), f"t{index}")
        for index in range(60)
    ]
    found = [
        motif_match(
            targets[:11], targets, distance=distance, threshold=1e9, workers=workers
        )
        for workers in (1, 2, np.int64(3), 20, None)
    ]
    assert len(found[0]) == 11 * 60
    assert found[0]["q-value"].nunique() > 30
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other, check_exact=True)


# Errors

UNIFORM = np.full((2, 5, 4), 0.25)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distance": "euclid"}, "`distance` must be one of ed, pearson.*'euclid'"),
        ({"threshold_on": "fdr"}, "`threshold_on` must be one of evalue.*'fdr'"),
        ({"threshold": 0}, "`threshold` must be a finite number above 0.*Received 0"),
        ({"threshold": np.inf}, "`threshold` must be a finite number.*inf"),
        ({"threshold": np.nan}, "`threshold` must be a finite number.*nan"),
        ({"min_overlap": 0}, "`min_overlap` must be a whole number.*Received 0"),
        ({"min_overlap": 2.5}, "`min_overlap` must be a whole number.*2.5"),
        ({"min_overlap": True}, "`min_overlap` must be a whole number.*True"),
        ({"pseudocount": -1}, "`pseudocount` must be a finite number.*-1"),
        ({"workers": 0}, "`workers` must be a whole number of threads.*Received 0"),
        ({"workers": True}, "`workers` must be a whole number.*Received True"),
        ({"workers": "a"}, "`workers` must be a whole number.*Received 'a'"),
        ({"workers": 1.5}, "`workers` must be a whole number.*Received 1.5"),
        ({"background": [0.5, 0.5]}, "`background` must be four frequencies.*0.5"),
        ({"background": [0, 0, 0, 0]}, "`background` must be four .*sum to 1"),
        ({"background": [1.5, -0.5, 0, 0]}, "`background` must be four .*1.5"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        motif_match(UNIFORM, UNIFORM, **options)


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        (UNIFORM.transpose(0, 2, 1), r"`queries\.transpose\(0, 2, 1\)`"),
        (UNIFORM[0], r"Received shape \(5, 4\). .*pass `queries\[None\]`"),
        (UNIFORM[0].T, r"pass `queries\.T\[None\]`"),
        (UNIFORM[..., :3], r"Received shape \(2, 5, 3\)"),
        (UNIFORM * 8, r"`queries`, motif 'filter0': .*must lie in \[0, 1\]"),
        ({"x": UNIFORM[0].T}, r"`queries`, motif 'x': .*pass `frequencies\.T`"),
        ([Motif(UNIFORM[0], "x")] * 2, "different `name` each. Received 'x' twice"),
        (
            "nowhere.meme",
            "`queries` must be a file of motifs or a known .*'nowhere.meme'",
        ),
        (Path("nowhere.meme"), "`queries` must be a file of motifs.*'nowhere.meme'"),
    ],
)
def test_values_that_are_no_motif_are_refused(queries, message):
    with pytest.raises(ValueError, match=message):
        motif_match(queries, UNIFORM)


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        (None, "`queries` must be motifs, .*Received NoneType"),
        ([1.0], "Received float"),
        ([[0.25] * 4], "Received list"),
        ({"x": "ACGT"}, "Received str"),
        (pd.DataFrame({"A": [1.0], "B": [0.0]}), "with the columns A, B"),
        ([[Motif(UNIFORM[0])]], "Received list"),
    ],
)
def test_other_kinds_are_refused(queries, message):
    with pytest.raises(TypeError, match=message):
        motif_match(queries, UNIFORM)


def test_protein_motifs_of_biopython_are_refused():
    from Bio.motifs import Motif as Biopython

    letters = "ACDEFGHIKLMNPQRSTVWY"
    motif = Biopython(alphabet=letters, counts={letter: [1] for letter in letters})
    with pytest.raises(ValueError, match="must be over DNA or RNA. .*letters ACDEF"):
        motif_match([motif], UNIFORM)


def test_targets_must_hold_a_motif():
    with pytest.raises(ValueError, match="`targets` must hold at least one motif"):
        motif_match(UNIFORM, [])
    with pytest.raises(
        ValueError, match="`targets` must be a file of motifs.*JASPAR2036"
    ):
        motif_match(UNIFORM, "JASPAR2036")


# Properties

motifs = st.builds(
    lambda seed, width: np.random.default_rng(seed).dirichlet(np.full(4, 0.6), width),
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
)


def numbered(matrices, name):
    return {f"{name}{index}": matrix for index, matrix in enumerate(matrices)}


@settings(max_examples=30, deadline=None)
@given(
    queries=st.lists(motifs, min_size=1, max_size=3).map(lambda x: numbered(x, "q")),
    targets=st.lists(motifs, min_size=1, max_size=60).map(lambda x: numbered(x, "t")),
    distance=st.sampled_from(["ed", "pearson", "kullback", "sandelin"]),
)
def test_tables_are_lawful(queries, targets, distance):
    found = motif_match(queries, targets, distance=distance, threshold=1e9)
    assert len(found) == len(queries) * len(targets)
    assert found["p-value"].between(0, 1).all()
    assert found["q-value"].between(0, 1).all()
    expected = found["p-value"].astype(float) * len(targets)
    np.testing.assert_array_equal(found["E-value"], expected)
    for _, rows in found.groupby("Query_ID"):
        assert set(rows["Target_ID"]) == set(targets)
        assert rows["p-value"].is_monotonic_increasing
        assert rows["q-value"].is_monotonic_increasing


# The whole JASPAR file takes a few seconds.
@pytest.mark.slow
@pytest.mark.parametrize("distance", ["ed", "pearson"])
def test_every_known_motif_finds_its_own_copy(distance):
    path = SHARED / "data" / "JASPAR_CORE_2016_vertebrates.meme"
    if not path.exists():
        pytest.skip(f"needs {path.name}")
    found = motif_match(
        path, path, distance=distance, threshold_on="pvalue", threshold=1
    )
    assert len(found) == 518**2
    own = found[found["Query_ID"] == found["Target_ID"]].set_index("Query_ID")
    least = found.groupby("Query_ID")["p-value"].min()
    assert (own["p-value"] == least[own.index]).all()
    assert (own["Orientation"] == "+").all()
    assert (own["Optimal_offset"] == 0).all()


@pytest.mark.parametrize("distance", ["blic1", "blic5", "llr1", "llr5"])
def test_queries_that_nothing_can_match_are_warned_of(distance):
    known = load_jaspar("JASPAR2016")
    queries = [
        Motif(m.frequencies, f"q{i}", num_sites=800) for i, m in enumerate(known[:7])
    ]
    said = r"every p-value is 1, as in the program,.*7 queries \('q0', .*, \.\.\.\)"
    with pytest.warns(UserWarning, match=said):
        table = motif_match(queries, known, distance=distance, threshold=1e9)
    assert (table["p-value"] == 1).all()
    few = [Motif(m.frequencies, m.name, num_sites=20) for m in known]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = motif_match(few[:7], few, distance=distance)
        motif_match(queries, known)  # the default weighs nothing
    assert set(table["Query_ID"]) == {motif.name for motif in few[:7]}
