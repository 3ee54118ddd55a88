import io
import json
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from keras_motif._files import cache_folder
from keras_motif.motifs import _jaspar_cache, jaspar
from keras_motif.motifs._jaspar_database import Table
from keras_motif.motifs.inputs import as_motifs
from keras_motif.motifs.jaspar import (
    FactorFamily,
    factor_ids,
    jaspar_families,
    jaspar_releases,
    load_jaspar,
)
from keras_motif.motifs.meme import read_meme, write_meme
from keras_motif.motifs.motif import Motif
from support.paths import SHARED

STUDY = SHARED / "data/JASPAR_CORE_2016_vertebrates.meme"

LOAD = (
    "import sys; from keras_motif.motifs.jaspar import load_jaspar; "
    "print(len(load_jaspar('JASPAR2016', 'SPLICE', None)), "
    "'pyjaspar' in sys.modules)"
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Each test has a cache folder of its own and nothing kept in memory."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("KERAS_MOTIF_CACHE", str(folder))
    jaspar._load.cache_clear()
    yield folder
    jaspar._load.cache_clear()


def load_small():
    """Load six motifs: the smallest collection."""
    jaspar._load.cache_clear()
    return load_jaspar("JASPAR2016", "SPLICE", None)


def test_jaspar_2016_equals_the_studys_file():
    if not STUDY.exists():
        pytest.skip("the study's target file is not part of the project")
    ours = {motif.name: motif for motif in load_jaspar("JASPAR2016")}
    theirs = read_meme(STUDY).motifs
    assert [name for name in ours if name != "MA0615.1"] == [m.name for m in theirs]
    assert len(ours) == 519
    for motif in theirs:
        same = ours[motif.name]
        assert same.alt_name == motif.alt_name
        assert same.num_sites == motif.num_sites
        # The file has six decimals.
        np.testing.assert_allclose(same.frequencies, motif.frequencies, atol=5.1e-7)


def test_a_matrix_known_by_heart():
    by_name = {motif.name: motif for motif in load_jaspar("JASPAR2016")}
    arnt = by_name["MA0004.1"]  # 20 sites of CACGTG
    assert (arnt.alt_name, arnt.num_sites, arnt.consensus) == ("Arnt", 20, "CACGTG")
    assert arnt.frequencies[0].tolist() == [0.2, 0.8, 0.0, 0.0]


def test_the_default_is_the_newest_cores_vertebrates():
    motifs = load_jaspar()
    names = [motif.name for motif in motifs]
    assert len(names) == len(set(names)) > 1000
    bases = [name.split(".")[0] for name in names]
    assert bases == sorted(set(bases))  # one version each, in the order of ids


def test_all_versions_hold_the_latest_and_more():
    latest = load_jaspar("JASPAR2016")
    every = load_jaspar("JASPAR2016", all_versions=True)
    assert set(latest) < set(every)
    keys = [(m.name.split(".")[0], int(m.name.split(".")[1])) for m in every]
    assert keys == sorted(keys)


def test_sites_are_the_mean_column_total_rounded_half_up():
    table = Table(["a.1"], ["x"], [2], [""], [""], [1, 1, 1, 1, 0, 0, 0, 9])
    (motif,) = jaspar._motifs(table)
    assert motif.num_sites == 7  # 6.5
    assert motif.frequencies.tolist() == [[0.25] * 4, [0, 0, 0, 1]]


def test_a_column_without_counts_is_uniform():
    table = Table(["a.1"], ["x"], [2], [""], [""], [0, 0, 0, 0, 0, 0, 0, 9])
    (motif,) = jaspar._motifs(table)
    assert motif.frequencies.tolist() == [[0.25] * 4, [0, 0, 0, 1]]


def test_names_of_collections_and_groups_may_be_in_either_case():
    upper = load_jaspar("JASPAR2016", "core", "Nematodes")
    assert upper == load_jaspar("JASPAR2016", "CORE", "nematodes")


def test_each_call_returns_a_list_of_its_own():
    load_jaspar("JASPAR2016", "SPLICE", None).clear()
    assert len(load_jaspar("JASPAR2016", "SPLICE", None)) == 6


def test_releases_are_listed_newest_first():
    releases = jaspar_releases()
    assert releases == sorted(releases, reverse=True)
    assert {"JASPAR2016", "JASPAR2026"} <= set(releases)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("JASPAR1999",), r"`release` .*'JASPAR2026', .*Received 'JASPAR1999'"),
        (("JASPAR2016", "KORE"), r"`collection` .*'CNE', 'CORE'.*Received 'KORE'"),
        (
            ("JASPAR2016", "CORE", "birds"),
            r"`tax_group` .*'plants', .*None\. Received 'birds'",
        ),
        (("JASPAR2016", "SPLICE", "vertebrates"), r"ones of collection SPLICE.*None\."),
        (("JASPAR2016", "x' OR '1'='1"), r"`collection`"),
    ],
)
def test_unknown_names_list_the_known_and_print_nothing(arguments, match):
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(ValueError, match=match):
        load_jaspar(*arguments)
    assert out.getvalue() == ""


def test_parts_of_a_release_go_by_a_name():
    found = as_motifs("jaspar2016:Plants", "targets")
    assert found.name == "JASPAR2016:plants"
    assert found.motifs == load_jaspar("JASPAR2016", tax_group="plants")
    assert found.families == jaspar_families("JASPAR2016", tax_group="plants")
    every = as_motifs("JASPAR2016:all", "targets").motifs
    assert every == load_jaspar("JASPAR2016", tax_group=None)
    splice = as_motifs("JASPAR2016:splice", "targets")
    assert splice.motifs == load_jaspar("JASPAR2016", "SPLICE", None)
    said = "groups .*plants.* collections .*SPLICE.* Received 'plant'"
    with pytest.raises(ValueError, match=said):
        as_motifs("JASPAR2016:plant", "targets")


def test_releases_are_known_in_any_case(tmp_path, monkeypatch):
    assert load_jaspar("jaspar2016") == load_jaspar("JASPAR2016")
    found = as_motifs("Jaspar2016", "targets")
    assert found.name == "JASPAR2016"
    assert found.families["MA0062.2"].tf_family == "Ets-related factors"
    # A file of the name comes first, unless the name is the release's own.
    monkeypatch.chdir(tmp_path)
    write_meme([Motif(np.eye(4), "mine")], "jaspar2016")
    assert [motif.name for motif in as_motifs("jaspar2016", "targets").motifs] == [
        "mine"
    ]


def test_no_connection_is_left_open():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_small()
        with pytest.raises(ValueError, match="`collection`"):
            load_jaspar("JASPAR2016", "none")
        import gc

        gc.collect()


def test_the_second_call_reads_the_file_and_not_the_database(cache, monkeypatch):
    first = load_small()
    assert [path.suffix for path in cache.iterdir()] == [".json"]

    def fail(selection):
        raise AssertionError("the database was read")

    monkeypatch.setattr(jaspar, "query", fail)
    assert load_small() == first


def test_a_new_process_does_not_even_import_pyjaspar():
    load_small()
    done = subprocess.run(
        [sys.executable, "-c", LOAD], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["6", "False"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:100],
        lambda data: data[:-1],
        lambda data: data.replace(b"1", b"2", 5),
        lambda data: b"\x00" * len(data),
        lambda data: b"no newline",
    ],
)
def test_a_damaged_file_is_read_again_from_the_database_and_mended(cache, damage):
    first = load_small()
    (path,) = cache.iterdir()
    good = path.read_bytes()
    path.write_bytes(damage(good))
    assert load_small() == first
    assert path.read_bytes() == good


def test_another_version_of_pyjaspar_has_files_of_its_own(cache, monkeypatch):
    load_small()
    monkeypatch.setattr(_jaspar_cache, "version", lambda name: "99.0")
    load_small()
    assert len(list(cache.iterdir())) == 2


def test_a_cache_that_cannot_be_written_costs_only_time(cache, monkeypatch):
    cache.write_text("a file where the folder should be")
    assert len(load_small()) == 6
    assert len(load_small()) == 6
    monkeypatch.setenv("KERAS_MOTIF_CACHE", os.devnull)
    assert len(load_small()) == 6


def test_without_a_home_there_is_no_cache(monkeypatch):
    def fail():
        raise RuntimeError("no home")

    monkeypatch.delenv("KERAS_MOTIF_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", fail)
    monkeypatch.setattr(sys, "platform", "linux")
    assert len(load_small()) == 6


def test_the_folder_follows_the_environment_then_the_system(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setenv("KERAS_MOTIF_CACHE", "/mine")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache_folder() == Path("/mine")
    monkeypatch.setenv("KERAS_MOTIF_CACHE", "")
    assert cache_folder() == Path("/xdg/keras-motif")
    monkeypatch.delenv("XDG_CACHE_HOME")
    for platform, folder in {
        "linux": "/home/me/.cache/keras-motif",
        "darwin": "/home/me/Library/Caches/keras-motif",
        "win32": "/local/keras-motif/Cache",
    }.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == Path(folder)


def test_concurrent_calls_leave_one_whole_file(cache):
    processes = [
        subprocess.Popen([sys.executable, "-c", LOAD], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: load_small(), range(8)))
    assert all(result == results[0] for result in results)
    assert [process.communicate()[0].split()[0] for process in processes] == [b"6"] * 3
    (path,) = cache.iterdir()
    assert len(json.loads(path.read_bytes().split(b"\n", 1)[1])["names"]) == 6


def test_factors_are_found_by_name_also_in_complexes():
    ids = factor_ids(["arid3a", "MAX", "SP1"], "JASPAR2016")
    assert list(ids) == ["arid3a", "MAX", "SP1"]
    assert ids["arid3a"] == ("MA0151",)
    assert ids["MAX"] == ("MA0058", "MA0059")  # MAX, and MAX::MYC
    names = {m.name.split(".")[0]: m.alt_name for m in load_jaspar("JASPAR2016")}
    assert {names[matrix].upper() for matrix in ids["SP1"]} == {"SP1"}


def test_factors_without_a_matrix_are_said():
    with pytest.warns(UserWarning, match=r"JASPAR2016 has no matrix of \['NOSUCH'\]"):
        assert list(factor_ids(["SP1", "NOSUCH"], "JASPAR2016")) == ["SP1"]
    with pytest.raises(ValueError, match="must be names of factors"):
        factor_ids(["NOSUCH"])
    with pytest.raises(ValueError, match=r"pass \['SP1'\]"):
        factor_ids("SP1")


def test_families_are_jaspars_of_every_matrix():
    found = jaspar_families("JASPAR2016")
    assert list(found) == [motif.name for motif in load_jaspar("JASPAR2016")]
    zinc = "C2H2 zinc finger factors"
    assert found["MA0139.1"] == FactorFamily(
        zinc, "More than 3 adjacent zinc finger factors"
    )
    # Of a complex each class and family once: Ahr::Arnt, Pou5f1::Sox2.
    bhlh = "Basic helix-loop-helix factors (bHLH)"
    assert found["MA0006.1"] == (bhlh, "PAS domain factors")
    assert found["MA0142.1"].tf_family == "POU domain factors::SOX-related factors"
    assert 0 < sum(not family.tf_family for family in found.values()) < 10
    found.clear()
    assert jaspar_families("JASPAR2016")


def test_families_come_from_the_file_too(cache):
    expected = jaspar_families("JASPAR2016", "SPLICE", None)
    jaspar._load.cache_clear()
    assert len(list(cache.iterdir())) == 1
    assert jaspar_families("JASPAR2016", "SPLICE", None) == expected
    with pytest.raises(ValueError, match="`release` must be one of"):
        jaspar_families("JASPAR1999")
