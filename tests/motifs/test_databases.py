import io
import tarfile
import zipfile

import numpy as np
import pytest

import keras_motif as km
from keras_motif.motifs import databases
from keras_motif.motifs.meme import write_meme
from keras_motif.motifs.motif import Motif

WORDS = {"CTCF": "CCACCAGGGGGCGC", "GATA1": "AGATAAGA", "SRF": "CCATATTAGG"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_MOTIF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def rows_of(word):
    return 0.9 * km.one_hot(word)[0] + 0.025


@pytest.fixture
def hocomoco(tmp_path):
    """A file as HOCOMOCO's MEME format: ids that begin with the factor."""
    motifs = [
        Motif(rows_of(word), f"{factor}.H13CORE.0.P.B", num_sites=500)
        for factor, word in WORDS.items()
    ]
    write_meme(motifs, tmp_path / "H13CORE_meme_format.meme")
    return tmp_path / "H13CORE_meme_format.meme"


def matrix(word, letters="ACGT"):
    """A matrix as CIS-BP has it."""
    lines = ["\t".join(["Pos", *letters])]
    for place, row in enumerate(rows_of(word), start=1):
        lines.append("\t".join(map(str, [place, *row])))
    return "\n".join(lines) + "\n"


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


CISBP = {
    "Homo_sapiens/README.txt": "This folder contains files downloaded from ...",
    "Homo_sapiens/pwms_all_motifs/M00111_2.00.txt": matrix(WORDS["GATA1"]),
    "Homo_sapiens/pwms_all_motifs/M00222_2.00.txt": matrix(WORDS["SRF"]),
    # As CIS-BP has it in the place of a matrix of TRANSFAC.
    "Homo_sapiens/pwms_all_motifs/M09999_2.00.txt": "Pos\tA\tC\tG\tT\n",
    "Homo_sapiens/logos_all_motifs/M00111_2.00_fwd.png": "picture",
    "Homo_sapiens/Escores.txt": "8mer\tM00111_2.00\nAAAAAAAA\t0.1\n",
    "Homo_sapiens/TF_Information.txt": (
        "TF_ID\tMotif_ID\tTF_Name\tTF_Status\tFamily_Name\n"
        "T1\tM00111_2.00\tGATA4\tI\tGATA\n"
        "T2\tM00111_2.00\tGATA1\tD\tGATA\n"
        "T3\t.\tNONE\tN\tAP-2\n"
    ),
    "Homo_sapiens/TF_Information_all_motifs.txt": (
        "TF_ID\tMotif_ID\tTF_Name\tTF_Status\tFamily_Name\n"
        "T4\tM00222_2.00\tSRF\tI\tMADS box\n"
    ),
}


def test_an_added_database_goes_wherever_a_release_does(hocomoco):
    added = km.add_database(hocomoco, "HOCOMOCO13")
    assert (added.num_motifs, added.alphabet) == (3, "ACGT")
    assert km.list_databases() == ["HOCOMOCO13", *km.jaspar_releases()]
    query = Motif(rows_of(WORDS["SRF"]), "filter0", num_sites=100)
    by_name = km.motif_match(query, "hocomoco13")
    by_file = km.motif_match(query, hocomoco)
    assert by_name.to_dict("list") == by_file.to_dict("list")
    assert by_name.loc[0, "Target_ID"] == "SRF.H13CORE.0.P.B"
    # Exact, with the factor as its other name.
    assert by_name.attrs["target_factors"] == tuple(WORDS)
    stored = km.read_motifs(hocomoco)
    kept = databases.load_database("HOCOMOCO13").content
    assert [m.frequencies.tolist() for m in kept] == [
        m.frequencies.tolist() for m in stored
    ]
    assert (kept.background, kept[0].num_sites) == (stored.background, 500)
    assert km.match_fractions(by_name, 1, ["srf", "CTCF"]).coverage == 1 / 2
    assert km.annotate([query], by_name, "HOCOMOCO13")[0].alt_name == "SRF"


def test_adding_again_replaces_and_removing_forgets(hocomoco, tmp_path, cache):
    km.add_database(hocomoco, "Mine")
    write_meme([Motif(np.eye(4), "one")], tmp_path / "other.meme")
    km.add_database(tmp_path / "other.meme", "mine")
    assert [one.num_motifs for one in databases.added_databases()] == [1]
    km.remove_database("MINE")
    assert km.list_databases() == km.jaspar_releases()
    assert list(cache.iterdir()) == []
    with pytest.raises(ValueError, match="there is none.*Received 'MINE'"):
        km.remove_database("MINE")


def test_cisbp_is_read_with_its_factors_and_families(tmp_path):
    path = zipped(tmp_path / "Homo_sapiens.zip", CISBP)
    added = km.add_database(path, "CISBP")
    assert (added.num_motifs, added.num_empty) == (2, 1)
    found = databases.load_database("CISBP")
    # The factor that was measured comes before one that it is inferred for.
    names = {motif.name: motif.alt_name for motif in found.content}
    assert names == {"M00111_2.00": "GATA1", "M00222_2.00": "SRF"}
    query = Motif(rows_of(WORDS["GATA1"]), "filter0")
    families = km.match_families(km.motif_match(query, "cisbp"), "CISBP")
    assert families.loc[0, ["factor", "tf_family"]].tolist() == ["GATA1", "GATA"]
    # The folder that it unpacks to holds the same.
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    km.add_database(tmp_path / "unpacked", "folder")
    assert databases.load_database("folder").content == found.content


def test_rna_is_told_by_its_letters_or_by_hand(tmp_path):
    files = {
        "pwms_all_motifs/M001_0.6.txt": matrix("ACATACAT", "ACGU"),
        "RBP_Information.txt": (
            "RBP_ID\tMotif_ID\tRBP_Name\tRBP_Status\tFamily_Name\n"
            "T1\tM001_0.6\tPUM1\tD\tPUF\n"
        ),
    }
    path = zipped(tmp_path / "rna.zip", files)
    assert km.add_database(path, "CISBP-RNA").alphabet == "ACGU"
    query = Motif(rows_of("ATGTATGT"), "filter0")  # the reverse complement
    assert (km.motif_match(query, "CISBP-RNA", threshold=9)["Orientation"] == "+").all()
    write_meme([Motif(rows_of("ACATACAT"), "M1")], tmp_path / "dna.meme")
    km.add_database(tmp_path / "dna.meme", "told", alphabet="ACGU")
    assert km.motif_match(query, "told").attrs["settings"]["alphabet"] == "ACGU"
    both = {"a.txt": matrix("ACATACAT", "ACGU"), "b.txt": matrix("ACATACAT")}
    with pytest.raises(ValueError, match=r"both, in a\.txt and b\.txt"):
        km.add_database(zipped(tmp_path / "both.zip", both), "both")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_tar_archives_are_read(mode, tmp_path):
    """As HOCOMOCO offers its counts: a file each, `>id` above the rows."""
    path = tmp_path / "H13CORE_pcm.tar.gz"
    with tarfile.open(path, mode) as archive:
        for factor, word in WORDS.items():
            counts = np.round(400 * rows_of(word))
            rows = "\n".join("\t".join(map(str, row)) for row in counts)
            data = f">{factor}.H13CORE.0.P.B\n{rows}\n".encode()
            info = tarfile.TarInfo(f"./pcm/{factor}.H13CORE.0.P.B.pcm")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert km.add_database(path, "counts").num_motifs == 3
    first = databases.load_database("counts").content[0]
    assert (first.alt_name, first.num_sites) == ("CTCF", 400)


def test_files_that_are_no_database_say_why_and_change_nothing(
    hocomoco, tmp_path, cache
):
    km.add_database(hocomoco, "kept")
    before = (cache / "database-kept.json").read_bytes()
    bad = tmp_path / "bad"
    twice = {"x/a.txt": matrix("ACGTA"), "y/a.txt": matrix("ACGTA")}
    cases = {
        "no motif": (zipped(bad, {"notes.csv": "1"}), r"Received notes\.csv"),
        "one bad": (zipped(tmp_path / "b", {"x.pfm": ">a\n1 2\n"}), r"b: x\.pfm, line"),
        "twice": (
            zipped(tmp_path / "c", twice),
            r"'a' in x/a\.txt and in y/a\.txt",
        ),
    }
    for path, said in cases.values():
        with pytest.raises(ValueError, match=said):
            km.add_database(path, "kept")
    damaged = tmp_path / "damaged.zip"
    whole = zipped(tmp_path / "whole.zip", CISBP).read_bytes()
    damaged.write_bytes(whole.replace(whole[90:140], b"\0" * 50))
    with pytest.raises(ValueError, match="expected a whole archive"):
        km.add_database(damaged, "kept")
    (tmp_path / "page.meme").write_text("<!DOCTYPE html>\n<p>Not found</p>\n")
    with pytest.raises(ValueError, match="This is XML or HTML"):
        km.add_database(tmp_path / "page.meme", "kept")
    with pytest.raises(FileNotFoundError):
        km.add_database(tmp_path / "missing.meme", "kept")
    assert (cache / "database-kept.json").read_bytes() == before


@pytest.mark.parametrize("name", ["", "a b", "../up", "-x", "jaspar2016", "a" * 61])
def test_names_are_words_that_no_release_has(name, hocomoco):
    with pytest.raises(ValueError, match="`name` must"):
        km.add_database(hocomoco, name)
    with pytest.raises(ValueError, match='must be "ACGT", or "ACGU"'):
        km.add_database(hocomoco, "fine", alphabet="protein")


def test_without_a_home_the_variable_is_named(hocomoco, monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(databases, "cache_folder", no_home)
    with pytest.raises(OSError, match="KERAS_MOTIF_CACHE"):
        km.add_database(hocomoco, "mine")
    assert km.list_databases() == km.jaspar_releases()
    assert databases.load_database("mine") is None


def test_an_unknown_name_gives_the_command(hocomoco):
    command = "keras-motif database add FILE --name HOCOMOCO12"
    with pytest.raises(ValueError, match=f"JASPAR2016.*{command}"):
        km.motif_match(Motif(np.eye(4), "m"), "HOCOMOCO12")


def test_a_damaged_database_is_told_and_a_file_comes_first(
    hocomoco, cache, tmp_path, monkeypatch
):
    km.add_database(hocomoco, "mine")
    path = cache / "database-mine.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match="'mine' is damaged.*add FILE --name mine"):
        km.motif_match(Motif(np.eye(4), "m"), "mine")
    (cache / "database-junk.json").write_text("junk")
    assert [one.name for one in databases.added_databases()] == ["mine"]
    monkeypatch.chdir(tmp_path)
    write_meme([Motif(np.eye(4), "own")], "mine")
    found = km.motif_match(Motif(np.eye(4), "m"), "mine")
    assert found.attrs["target_ids"] == ("own",)
