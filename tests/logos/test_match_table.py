import base64
import copy
import pickle
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from keras_motif.logos.match_table import LogoSources, MatchTable
from keras_motif.logos.plots import plot_alignment
from keras_motif.matching import (
    annotate,
    match_fractions,
    match_support,
    motif_match,
    write_matches,
)
from keras_motif.motifs.jaspar import jaspar_families, load_jaspar
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif


@pytest.fixture(scope="module")
def known():
    return load_jaspar("JASPAR2016")[:60]


@pytest.fixture(scope="module")
def queries(known):
    return [
        Motif(known[index].frequencies, f"filter{index}", num_sites=100)
        for index in (3, 7, 20)
    ]


@pytest.fixture
def table(queries, known):
    return motif_match(queries, known)


def pictures(table):
    """Return the logos that a notebook shows, in order."""
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', table._repr_html_())
    return [base64.b64decode(data).decode() for data in found]


def cells(table):
    html = re.sub("<img[^>]*>", "LOGOS", table._repr_html_())
    body = re.search("<tbody>(.*)</tbody>", html, re.S)[1]
    return [re.findall("<td>(.*?)</td>", row, re.S) for row in body.split("</tr>")[:-1]]


def test_each_row_shows_its_logos_beside_its_target(table):
    columns = list(table.columns)
    rows = cells(table)
    assert len(rows) == len(table)
    assert list(table.columns) == columns
    assert all(row[2] == "LOGOS" for row in rows)
    assert [tuple(row[:2]) for row in rows] == list(zip(*ids(table), strict=True))
    for picture in pictures(table):
        ElementTree.fromstring(picture)


def test_factors_families_and_short_numbers_fit_the_width():
    known = {motif.alt_name: motif for motif in load_jaspar("JASPAR2016")}
    found = motif_match(known["Gabpa"], "JASPAR2016").head(2)
    html = found._repr_html_()
    heads = re.findall("<th[^>]*>(.*?)</th>", html)[:10]
    wanted = ["Query_ID", "Target_ID", "Logos", "Factor", "Family", "p-value"]
    wanted += ["E-value", "q-value", "Orientation"]
    assert heads[1:] == wanted
    first = jaspar_families("JASPAR2016")[found.loc[0, "Target_ID"]]
    assert f"<td>{first.tf_family}</td>" in html
    number = f"{found.loc[1, 'E-value']:.2g}"
    assert f'<td style="white-space:nowrap">{number}</td>' in html
    assert "\ue002" not in html
    assert list(found.columns)[2] == "Optimal_offset"
    # Of targets without factors and families there is no column of them.
    bare = motif_match([Motif(np.eye(4), "q")], [Motif(np.eye(4), "t")], threshold=9)
    assert "Factor" not in bare._repr_html_()
    assert "Family" not in bare._repr_html_()


def letters_at(picture):
    """Return the letters over 1 bit of each logo with the column where they stand."""
    root = ElementTree.fromstring(picture)
    names = {"s": "http://www.w3.org/2000/svg"}
    logos = root.findall("s:g/s:g", names)
    found = []
    for logo in logos:
        left = float(re.search(r"\(([-0-9.]+)", logo.get("transform"))[1])
        letters = {}
        for use in logo.findall("s:use", names):
            numbers = re.search(r"\((.*)\)", use.get("transform"))[1].split()
            if float(numbers[3]) > 20:
                column = round((left + float(numbers[4]) - 0.25) / 10)
                letters[column] = use.get("href")[1:]
        found.append(letters)
    return found


def test_logos_stand_as_tomtom_aligned_them():
    query = Motif(np.eye(4)[[0, 1, 2, 3, 3]], "q", num_sites=20)  # ACGTT
    target = Motif(np.eye(4)[[2, 0, 0, 1, 2]], "t", num_sites=20)  # GAACG, - CGTTC
    found = motif_match([query], [target], threshold=1e9, min_overlap=4)
    assert found["Optimal_offset"].tolist() == [-1]
    assert found["Orientation"].tolist() == ["-"]
    (picture,) = pictures(found)
    assert letters_at(picture) == [
        {0: "A", 1: "C", 2: "G", 3: "T", 4: "T"},
        {1: "C", 2: "G", 3: "T", 4: "T", 5: "C"},
    ]
    assert 'class="shade" x="10" y="0" width="40"' in picture


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.head(3),
        lambda table: table.iloc[[4, 1, 2]],
        lambda table: table[table["E-value"] < 1e-3],
        lambda table: table.query("Overlap > 6"),
        lambda table: table.sort_values("q-value"),
        lambda table: table.drop_duplicates("Query_ID"),
        lambda table: table.groupby("Query_ID").head(1),
        lambda table: table.drop(columns=["q-value", "Query_consensus"]),
        lambda table: table[["Orientation", "Optimal_offset", "Target_ID", "Query_ID"]],
        lambda table: table.assign(strength=-np.log10(table["E-value"])),
        lambda table: table.set_index("Overlap"),
        lambda table: table.rename(index=lambda row: f"row {row}"),
        copy.copy,
        copy.deepcopy,
        lambda table: pickle.loads(pickle.dumps(table)),
    ],
)
def test_what_is_left_of_a_table_keeps_its_logos(table, change):
    all_of_it = dict(zip(zip(*ids(table), strict=True), pictures(table), strict=True))
    changed = change(table)
    assert isinstance(changed, MatchTable)
    shown = pictures(changed)
    assert shown == [all_of_it[key] for key in zip(*ids(changed), strict=True)]
    assert 0 < len(shown) == len(changed)


def ids(table):
    return table["Query_ID"], table["Target_ID"]


def test_tables_without_the_needed_columns_show_as_pandas_does(table):
    for columns in (["Query_ID"], ["Target_ID", "E-value"]):
        part = table[columns]
        assert part._repr_html_() == pd.DataFrame(part)._repr_html_()
    assert isinstance(table["E-value"], pd.Series)
    twice = pd.concat([table, table[["Query_ID"]]], axis=1)
    assert pictures(twice) == []


def test_joined_and_plain_tables_show_as_pandas_does(table):
    joined = pd.concat([table, table])
    assert pictures(joined) == []
    assert joined._repr_html_() == pd.DataFrame(joined)._repr_html_()
    assert pictures(MatchTable(pd.DataFrame(table))) == []


def test_long_tables_are_cut_as_pandas_cuts_them(known):
    table = motif_match(known[:20], known, threshold=1e9)
    assert len(pictures(table)) == 10  # pandas' display.min_rows
    with pd.option_context("display.min_rows", 4, "display.max_rows", 20):
        shown = pictures(table)
    assert shown == pictures(table.iloc[[0, 1, -2, -1]])
    with pd.option_context("display.max_rows", None):
        assert len(pictures(table.head(70))) == 70
    with pd.option_context("display.notebook_repr_html", False):
        assert table._repr_html_() is None


def test_an_empty_table_shows_its_header(known):
    html = motif_match([], known)._repr_html_()
    assert "Target_ID" in html
    assert "<img" not in html


def test_names_are_escaped(known):
    query = Motif(known[3].frequencies, '<script>"&')
    html = motif_match([query], known)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<img" in html


def test_edited_rows_show_no_logos_rather_than_wrong_ones(table):
    edited = table.head(4).copy()
    edited["Optimal_offset"] = [99, None, 0, 0]
    edited.loc[2, "Target_ID"] = "nobody"
    edited.loc[3, "Orientation"] = "?"
    assert [row[2] for row in cells(edited)] == [""] * 4


def test_an_id_of_two_different_targets_shows_no_logos(queries, known):
    one = Motif(known[3].frequencies, "same")
    other = Motif(known[3].frequencies[:-1], "same")
    again = Motif(known[7].frequencies, "twice")
    found = motif_match(queries, [[one, again], [other, again]], threshold=1e9)
    shown = {row[1]: row[2] for row in cells(found)}
    assert shown == {"same": "", "twice": "LOGOS"}


def test_only_motifs_of_the_rows_are_held(table, queries, known):
    sources = LogoSources.of(queries, known, table.head(2))
    assert list(sources.queries) == ["filter3"]
    assert set(sources.targets) == set(table["Target_ID"].head(2))


def test_the_table_is_a_data_frame_in_all_else(table, queries, known, tmp_path):
    plain = pd.DataFrame(table)
    assert type(plain) is pd.DataFrame
    pd.testing.assert_frame_equal(table, plain)
    assert repr(table) == repr(plain)
    assert list(table.attrs) == ["target_ids", "target_factors", "settings"]
    part = table[table["Overlap"] > 6]
    assert part.attrs == table.attrs
    assert match_fractions(part, 3) == match_fractions(pd.DataFrame(part), 3)
    support = match_support(part)
    plain_part = pd.DataFrame(part)
    assert annotate(queries, part) == annotate(queries, plain_part, support=support)
    write_matches(part, tmp_path / "matches.tsv")
    table.to_pickle(tmp_path / "matches.pkl")
    assert pictures(pd.read_pickle(tmp_path / "matches.pkl")) == pictures(table)


def test_a_row_is_drawn_as_its_motifs_are(table, queries, known):
    row = table[table["Orientation"] == "-"].iloc[0]
    targets = {motif.name: motif for motif in known}
    by_hand = plot_alignment(
        next(motif for motif in queries if motif.name == row["Query_ID"]),
        targets[row["Target_ID"]],
        offset=row["Optimal_offset"],
        orientation="-",
    )
    pictures = {
        plot_alignment(given)._repr_png_()
        for given in (row, table.loc[row.name], table.loc[[row.name]], row.copy())
    }
    assert pictures == {by_hand._repr_png_()}
    for _, other in table.sort_values("E-value").head(2).iterrows():
        title = plot_alignment(other).axes[1].get_title(loc="left")
        assert other["Target_ID"] in title


def test_a_row_of_rna_is_drawn_with_u():
    rna = MemeFile([Motif(np.eye(4), "M1")], alphabet="ACGU")
    drawn = plot_alignment(motif_match(rna, rna).iloc[0])
    as_dna = plot_alignment(rna.motifs[0], rna.motifs[0], offset=0)
    assert drawn._repr_png_() != as_dna._repr_png_()


def test_rows_that_know_no_motifs_say_what_to_pass(table, tmp_path, queries, known):
    write_matches(table, tmp_path / "matches.tsv")
    read = pd.read_csv(tmp_path / "matches.tsv", sep="\t", comment="#")
    with pytest.raises(ValueError, match=r"read from a file.*plot_alignment\(query, "):
        plot_alignment(read.iloc[0])
    with pytest.raises(ValueError, match=f"Received a table of {len(table)} rows"):
        plot_alignment(table)
    with pytest.raises(ValueError, match="a row without Optimal_offset, Orientation"):
        plot_alignment(table[["Query_ID", "Target_ID"]].iloc[0])
    with pytest.raises(ValueError, match="Pass the row alone"):
        plot_alignment(table.iloc[0], known[0], offset=1)
    with pytest.raises(TypeError, match="Received Motif, Motif and the offset None"):
        plot_alignment(queries[0], known[0])
    with pytest.raises(TypeError, match="Received str, NoneType"):
        plot_alignment("filter3")
