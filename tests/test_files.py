import errno
import os
import stat
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import keras_motif as km
from keras_motif._files import whole_file
from keras_motif.motifs.motif import Motif


def test_the_file_takes_its_place_when_the_body_ends(tmp_path):
    path = tmp_path / "out.txt"
    with whole_file(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".txt"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_there_is_replaced_whole(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old and longer")
    with whole_file(str(path)) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old and longer"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_on_any_error_all_stays_as_it_was(tmp_path, error):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(error), whole_file(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_while_the_file_is_made_leaves_none(tmp_path, monkeypatch):
    make = Path.touch

    def make_and_interrupt(path, **options):
        make(path, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "touch", make_and_interrupt)
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "out.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_takes_the_temporary_file_away_fails(tmp_path):
    path = tmp_path / "out.txt"
    with pytest.raises(FileNotFoundError), whole_file(path) as temporary:
        temporary.unlink()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file(tmp_path, umask):
    before = os.umask(umask)
    try:
        with whole_file(tmp_path / "out.txt") as temporary:
            temporary.write_text("new")
        (tmp_path / "plain.txt").write_text("new")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_missing_folder_is_an_os_error(tmp_path):
    with (
        pytest.raises(FileNotFoundError),
        whole_file(tmp_path / "none" / "out.txt"),
    ):
        raise AssertionError("the body must not run")


def test_two_writers_at_once_leave_the_last_ones_file(tmp_path):
    path = tmp_path / "out.txt"
    with whole_file(path) as first, whole_file(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # whose body ended last


def test_the_umask_is_never_touched(tmp_path, monkeypatch):
    def fail(mask):
        raise AssertionError("another thread's files would be world-writable")

    monkeypatch.setattr(os, "umask", fail)
    with whole_file(tmp_path / "out.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "out.txt").read_text() == "new"


def test_what_a_killed_process_left_goes_a_day_later_and_nothing_else(tmp_path):
    def leave(name, days):
        path = tmp_path / name
        path.write_text("left")
        then = time.time() - days * 86_400
        os.utime(path, (then, then))
        return name

    leave(".keras-motif-0123456789abcdef.txt", days=1.1)
    leave(".keras-motif-0123456789abcdee", days=40)
    kept = {
        leave(".keras-motif-0123456789abcded.txt", days=0.9),  # perhaps being written
        leave(".keras-motif-notes.txt", days=40),
        leave("a.keras-motif-0123456789abcdef.txt", days=40),
        leave(".keras-motif-0123456789abcdefa.txt", days=40),
    }
    with whole_file(tmp_path / "out.txt"):
        pass
    assert {path.name for path in tmp_path.iterdir()} == kept | {"out.txt"}


def test_a_full_disk_is_said_with_the_files_name(tmp_path):
    path = tmp_path / "out.txt"
    full = OSError(errno.ENOSPC, "No space left on device")
    said = pytest.raises(OSError, match=r"No space left on device: '.*out\.txt'")
    with said, whole_file(path):
        raise full
    # What isn't the disk's fault is passed on as it is.
    with pytest.raises(OSError, match="^mine$"), whole_file(path):
        raise OSError("mine")
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_can_be_written(tmp_path):
    path = tmp_path / ("a" * 250 + ".txt")
    with whole_file(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_many_threads_leave_files_with_the_permissions_of_their_process(tmp_path):
    before = os.umask(0o077)
    try:

        def write(index):
            for _ in range(50):
                with whole_file(tmp_path / f"{index}.txt") as temporary:
                    temporary.write_text("x")

        threads = [threading.Thread(target=write, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        assert os.umask(before) == 0o077
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize(
    ("write", "first"),
    [
        (km.write_meme, "motifs"),
        (km.write_matches, "matches"),
        (km.write_sites, "sites"),
        (km.datasets.write_hdf5, "splits"),
    ],
)
def test_swapped_arguments_are_told_their_order(write, first, tmp_path):
    order = rf"Received list\. The order is `{write.__name__}\({first}, path\)`\."
    with pytest.raises(TypeError, match=order):
        write(tmp_path / "file", [Motif(np.eye(4), "M1")])
    assert not list(tmp_path.iterdir())


def test_a_report_is_told_the_order_of_its_arguments(tmp_path):
    with pytest.raises(TypeError, match=r"`write_report\(path, motifs, matches\)`"):
        km.write_report([Motif(np.eye(4), "M1")], tmp_path / "report.html")
