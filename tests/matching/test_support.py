import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from keras_motif.matching.match import motif_match
from keras_motif.matching.support import match_support
from keras_motif.matching.table import write_matches
from keras_motif.motifs.meme import MemeFile, write_meme
from keras_motif.motifs.motif import Motif
from keras_motif.motifs.overlap import motif_overlap
from support.motif_examples import motif_of, random_motifs

COLUMNS = [
    "target_coverage",
    "query_coverage",
    "shared_bits",
    "differing_bits",
    "supporting_bits",
    "num_sites",
    "is_convincing",
]
MEASURES = COLUMNS[:4]


@pytest.fixture(scope="module")
def words():
    """Words of 8 and 12 bases and their surroundings, as a database."""
    random = np.random.default_rng(3)
    return [
        motif_of("".join(random.choice(list("ACGT"), width)), f"word{index}")
        for index, width in enumerate([8, 12] * 40)
    ]


def test_each_row_has_what_its_two_motifs_share(table, filters, database):
    support = match_support(table)
    assert support.columns.tolist() == COLUMNS
    assert support.index.equals(table.index)
    queries = {motif.name: motif for motif in filters}
    targets = {motif.name: motif for motif in database}
    for (_, row), (_, found) in zip(table.iterrows(), support.iterrows(), strict=True):
        query, target = queries[row["Query_ID"]], targets[row["Target_ID"]]
        _, *expected = motif_overlap(
            query, target, row["Optimal_offset"], row["Orientation"]
        )
        assert found[MEASURES].tolist() == pytest.approx(expected)
        assert found["supporting_bits"] == pytest.approx(expected[2] - expected[3])
        assert found["num_sites"] == query.num_sites


def test_a_word_is_convincing_and_a_flat_motif_is_not(words):
    word = Motif(words[0].frequencies, "word", num_sites=100)
    spaced = np.full((20, 4), 0.25)
    spaced[:3], spaced[-3:] = words[1].frequencies[:3], words[1].frequencies[-3:]
    pool = [*words, Motif(spaced, "spaced")]
    flat = Motif(np.full((8, 4), 0.25), "flat", num_sites=5000)
    matches = motif_match([word, flat], pool)
    support = match_support(matches)
    found = support.groupby(matches["Query_ID"])["is_convincing"].any()
    assert found.to_dict() == {"word": True, "flat": False}
    first = support.iloc[0]
    # All 8 columns: 2 bits less .0216 each.
    bits = 16 - 8 * 0.0216404
    assert first[MEASURES].tolist() == pytest.approx([1, 1, bits, 0])
    assert first["supporting_bits"] == pytest.approx(bits)
    assert (support["shared_bits"][matches["Query_ID"] == "flat"] == 0).all()


def test_bits_that_differ_speak_against_a_name():
    # ACG is shared, 6 bits. Each further column shares 2 bits and differs by 2.
    target = motif_of("ACGTTG", "target")
    word = motif_of("ACGCCC").frequencies
    for column, kept in ((3, 6), (4, 6), (5, 6)):
        query = Motif(word[: column + 1], "query")
        matches = motif_match(query, [target], threshold=1)
        matches["Optimal_offset"], matches["Orientation"] = 0, "+"
        matches["Target_consensus"] = target.consensus
        matches["E-value"] = 0.1
        support = match_support(matches)
        assert support["shared_bits"].tolist() == [2 * (column + 1)]
        assert support["supporting_bits"].tolist() == [kept]
        assert support["is_convincing"].all()
    matches["Optimal_offset"] = -1  # CGCCC below ACGTT: no base agrees
    support = match_support(matches)
    assert support["supporting_bits"].tolist() == [0]
    assert not support["is_convincing"].any()


def test_few_sites_and_a_large_e_value_do_not_convince(words):
    # 2 bits a column less 1.08 at 2 sites: 3.7 of 4 columns.
    for sites, convinces in ((None, True), (20, True), (2, False), (1, False)):
        word = Motif(words[0].frequencies[:4], "word", num_sites=sites)
        matches = motif_match(word, words[:1], threshold=1)
        matches["E-value"] = 0.05
        assert match_support(matches)["is_convincing"].tolist() == [convinces]
        matches["E-value"] = 0.11
        assert not match_support(matches)["is_convincing"].any()


def test_unknown_sites_are_missing(words):
    support = match_support(motif_match(words[:1], words))
    assert support["num_sites"].isna().all()
    assert support["num_sites"].dtype == np.float64
    assert support["is_convincing"].dtype == bool


def test_rows_may_be_taken_and_sorted(table):
    whole = match_support(table)
    some = table.sort_values("q-value").iloc[::2]
    pd.testing.assert_frame_equal(match_support(some), whole.loc[some.index])


def test_an_empty_table_has_empty_support(database):
    support = match_support(motif_match([], database))
    assert support.columns.tolist() == COLUMNS
    assert support.empty
    assert support["is_convincing"].dtype == bool


def test_a_table_from_a_file_needs_the_motifs(table, filters, database, tmp_path):
    write_matches(table, tmp_path / "tomtom.tsv")
    read = pd.read_csv(tmp_path / "tomtom.tsv", sep="\t", comment="#")
    pd.testing.assert_frame_equal(
        match_support(read, filters, database)[MEASURES],
        match_support(table)[MEASURES],
    )
    with pytest.raises(ValueError, match="`motifs` must be given: the table .* file"):
        match_support(read)
    with pytest.raises(ValueError, match="`targets` must be given"):
        match_support(read, filters)


def test_ties_in_the_consensus_are_no_difference():
    # Tomtom takes the later of two equal bases where single precision rounds down,
    # and a background decides between nearly equal ones.
    random = np.random.default_rng(0)
    targets = random_motifs(random, 60, 9)
    tied = [Motif(random.permuted([[0.3, 0.3, 0.2, 0.2]] * 8, axis=1), "tied")]
    for background in (None, (0.4, 0.1, 0.1, 0.4)):
        matches = motif_match(tied, targets, threshold=60, background=background)
        assert len(match_support(matches, tied, targets)) == len(matches) > 0


def test_other_motifs_than_the_matched_are_refused(table, filters, database):
    trimmed = [motif.trim(1.0, 0) for motif in filters]
    with pytest.raises(ValueError, match="`motifs` must be those that were matched"):
        match_support(table, trimmed, database)
    turned = [motif.reverse_complement() for motif in filters]
    with pytest.raises(ValueError, match="Received 'filter2' with the consensus"):
        match_support(table, turned)
    others = [Motif(m.frequencies[1:], m.name) for m in database]
    with pytest.raises(ValueError, match="`targets` must be those that were matched"):
        match_support(table, targets=others)


def test_a_missing_motif_is_named(table, filters, database):
    with pytest.raises(ValueError, match="`motifs` must hold every .*: 'filter2'. Pa"):
        match_support(table, [m for m in filters if m.name != "filter2"])
    few = [target for target in database if target.name != table["Target_ID"][0]]
    with pytest.raises(ValueError, match="`targets` must hold every motif .*Missing"):
        match_support(table, filters, few)


def test_an_id_of_two_targets_is_refused(filters, database):
    changed = [Motif(m.frequencies[::-1], m.name) for m in database]
    matches = motif_match(filters, [database, changed])
    for targets in (None, [database, changed]):
        with pytest.raises(ValueError, match="one motif of each id. Received 'MA"):
            match_support(matches, targets=targets)
    # The same motif in two databases is one target.
    twice = motif_match(filters, [database, database])
    assert len(match_support(twice)) == len(twice)


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="must be a table of `motif_match`"):
        match_support(pd.DataFrame({"Query_ID": []}))


def test_tomtoms_table_stays_as_it_is(table):
    before = table.copy()
    km.match_support(table)
    pd.testing.assert_frame_equal(before, table)


def test_rna_is_supported_as_dna_is(words, tmp_path):
    rna = MemeFile(words, alphabet="ACGU")
    write_meme(rna.motifs, tmp_path / "rna.meme", alphabet="ACGU")
    query = Motif(words[0].frequencies, "filter0", num_sites=100)
    dna, of_rna = motif_match(query, words), motif_match(query, tmp_path / "rna.meme")
    assert of_rna.attrs["settings"]["alphabet"] == "ACGU"
    expected = match_support(dna)[dna["Orientation"] == "+"]
    found = match_support(of_rna, query, tmp_path / "rna.meme")
    shared = found.index[: len(expected)]
    assert (found.loc[shared, "is_convincing"] == expected["is_convincing"]).all()
    assert found["is_convincing"].any()
