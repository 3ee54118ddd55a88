import gzip
import pickle

import keras
import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from keras_motif.datasets import Genome, GenomeSequences

pytestmark = pytest.mark.keras

SIZES = {"chr1": 5000, "chr2": 3000, "chrX": 400}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_MOTIF_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def strings(random):
    letters = np.array(list("ACGTN"))
    shares = [0.24, 0.24, 0.24, 0.24, 0.04]
    return {n: "".join(random.choice(letters, s, p=shares)) for n, s in SIZES.items()}


@pytest.fixture
def genome(tmp_path, strings):
    path = tmp_path / "genome.fa"
    path.write_text("".join(f">{name}\n{text}\n" for name, text in strings.items()))
    return Genome(path)


@pytest.fixture
def bed(tmp_path):
    def write(text, name="peaks.bed"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def padded(string, start, end):
    """Return a piece of a string, N beyond its ends."""
    return "".join(
        string[place] if 0 <= place < len(string) else "N"
        for place in range(start, end)
    )


def reverse(string):
    return string[::-1].translate(str.maketrans("ACGT", "TGCA"))


def inputs(batch):
    return batch[0] if isinstance(batch, tuple) else batch


def handed_out(data):
    """Return all sequences of an epoch as strings."""
    batches = [inputs(data[index]) for index in range(data.num_batches)]
    return km.from_one_hot(np.concatenate(batches))


def agrees(data, strings):
    """Check every sequence against its coordinates, in whole and at any rows."""
    found = handed_out(data)
    places = data.coordinates(np.arange(data.num_windows))
    for text, name, start, end, strand in zip(found, *places, strict=True):
        expected = padded(strings[name], start, end)
        assert text == (expected if strand == "+" else reverse(expected))
    some = np.array([len(found) - 1, 0, 0, len(found) // 2])
    for one, other in zip(data.coordinates(some), places, strict=True):
        np.testing.assert_array_equal(one, other[some])
    return places


def test_the_repr_tells_windows_labels_and_genome(genome, bed):
    peaks = bed("chr1\t10\t20\tp\t1\nchr1\t30\t40\tp\t0\nchr1\t50\t60\tp\t1\n")
    data = GenomeSequences(genome, peaks, length=20, labels=[4], batch_size=2)
    assert repr(data) == (
        f"GenomeSequences(3 windows of 20 bases, 1 labels, in 2 batches, {genome!r})"
    )


def test_bed_regions_become_windows_about_their_middle(genome, bed, strings):
    path = bed("chr1\t100\t110\nchr2\t7\t8\nchrX\t390\t400\n")
    data = GenomeSequences(genome, path, length=31, batch_size=2)
    assert (data.num_batches, len(data), data.num_windows) == (2, 2, 3)
    assert [data[0].shape, data[1].shape] == [(2, 31, 4), (1, 31, 4)]
    assert data[0].dtype == np.float32
    places = agrees(data, strings)
    assert places.chromosome.tolist() == ["chr1", "chr2", "chrX"]
    assert places.start.tolist() == [105 - 15, 7 - 15, 395 - 15]
    assert (places.end - places.start == 31).all()
    with pytest.raises(IndexError, match="from 0 to 1. Received 2"):
        data[2]
    with pytest.raises(IndexError, match="from 0 to 2. Received 0 to 3"):
        data.coordinates(np.array([0, 3]))


@pytest.mark.parametrize(
    "text",
    [
        "chr1\t10\t20\nchr2\t5\t9\n",
        "chr1\t10\t20\r\nchr2\t5\t9\r\n",
        "chr1 10 20\nchr2  5 9\n",
        "#a comment\nbrowser x\ntrack name=a\n\nchr1\t10\t20\nchr2\t5\t9\n",
        "chr1\t10\t20\tname\t7\t.\nchr2\t5\t9\tname\t7\t.\n",
        "chrom\tstart\tend\nchr1\t10\t20\nchr2\t5\t9\n",
        "#chrom\tstart\tend\nchr1\t10\t20\nchr2\t5\t9\n",
        "Start,Stop,Chromosome\n10,20,chr1\n5,9,chr2\n",
        "seqnames,start,end,width\nchr1,10,20,10\nchr2,5.0,9.0,4\n",
        gzip.compress(b"chr1\t10\t20\nchr2\t5\t9\n", mtime=0),
    ],
)
def test_tables_of_many_kinds_give_the_same_windows(text, genome, bed):
    for path in (bed(text), str(bed(text, "regions"))):
        places = GenomeSequences(genome, path, length=4).coordinates(np.arange(2))
        assert places.chromosome.tolist() == ["chr1", "chr2"]
        assert places.start.tolist() == [13, 5]
        assert places.strand.tolist() == ["+", "+"]


def test_frames_and_tuples_are_regions_too(genome):
    frame = pd.DataFrame({"start": [10, 5], "end": [20, 9], "chrom": ["chr1", "chr2"]})
    frame["strand"], frame["score"] = ["-", "."], [0.5, np.nan]
    data = GenomeSequences(genome, frame, length=4, labels="score")
    assert data.coordinates([0, 1]).strand.tolist() == ["-", "+"]
    np.testing.assert_array_equal(data[0][1], [[0.5], [np.nan]])
    rows = [("chr1", 10, 20, "-"), ("chr2", np.int64(5), 9)]
    other = GenomeSequences(genome, iter(rows), length=4)
    for one, two in zip(
        data.coordinates([0, 1]), other.coordinates([0, 1]), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_summits_of_narrow_peaks_are_centres(genome, bed, strings):
    text = (
        "chr1\t100\t200\ta\t7\t.\t3.5\t4.1\t2.2\t20\n"
        "chr1\t300\t400\tb\t7\t-\t3.5\t4.1\t2.2\t-1\n"
    )
    data = GenomeSequences(genome, bed(text), length=10, labels=[6])
    places = agrees(data, strings)
    assert places.start.tolist() == [115, 345]
    assert places.strand.tolist() == ["+", "-"]
    assert data[0][1].tolist() == [[3.5], [3.5]]
    text = "chrom\tstart\tend\tsummit\nchr1\t100\t200\t120\n"
    table = GenomeSequences(genome, bed(text), length=10)
    assert table.coordinates([0]).start.tolist() == [115]


def test_labels_come_by_name_or_number_with_what_was_not_measured(genome, bed):
    text = "chrom\tstart\tend\tDev\tHk\nchr1\t10\t20\t1.5\t-2\nchr2\t5\t9\tNA\t\n"
    data = GenomeSequences(genome, bed(text), length=4, labels=["Hk", "Dev"])
    assert data.label_names == ("Hk", "Dev")
    _, y = data[0]
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, [[-2, 1.5], [np.nan, np.nan]])


def test_either_strand_jitter_and_order_are_drawn_by_a_seed(genome, strings):
    rows = [("chr1", 50 * i, 50 * i + 20) for i in range(100)]

    def make(seed):
        return GenomeSequences(
            *(genome, rows),
            length=30,
            batch_size=16,
            strands="random",
            jitter=5,
            shuffle=True,
            seed=seed,
        )

    one, same, other = make(1), make(1), make(2)
    first = agrees(one, strings)
    assert handed_out(one) == handed_out(same) != handed_out(other)
    one.on_epoch_end()
    second = agrees(one, strings)
    same.on_epoch_end()
    assert handed_out(one) == handed_out(same)
    for places in (first, second):
        assert 20 < (places.strand == "-").sum() < 80
        middles = np.sort(places.start + 15)
        moves = middles - (np.arange(100) * 50 + 10)
        assert moves.min() == -5
        assert moves.max() == 5
        assert (np.diff(places.start) < 0).any()
    assert (first.start != second.start).any()
    assert one._windows.start[:2].tolist() == [-5, 45]  # what was read stays


def test_windows_beyond_the_ends_are_padded_or_dropped(genome, strings):
    rows = [("chrX", 0, 10), ("chrX", 100, 110), ("chrX", 395, 400)]
    data = GenomeSequences(genome, rows, length=40)
    assert agrees(data, strings).start.tolist() == [-15, 85, 377]
    quarters = GenomeSequences(genome, rows, length=40, unknown=0.25)
    np.testing.assert_array_equal(quarters[0][0, :15], np.full((15, 4), 0.25))
    np.testing.assert_array_equal(data[0][0, :15], np.zeros((15, 4)))
    data = GenomeSequences(genome, rows, length=40, edges="drop")
    assert data.coordinates(np.arange(data.num_windows)).start.tolist() == [85]
    with pytest.raises(ValueError, match='at least one window .*`edges="pad"`'):
        GenomeSequences(genome, rows[:1], length=40, edges="drop")


def test_whole_chromosomes_are_tiled(genome, strings):
    data = GenomeSequences(genome, length=100, step=50, chromosomes=["chrX"])
    assert agrees(data, strings).start.tolist() == list(range(0, 400, 50))
    data = GenomeSequences(genome, length=100, chromosomes=["chrX"], edges="drop")
    assert agrees(data, strings).start.tolist() == [0, 100, 200, 300]
    everything = GenomeSequences(genome, length=1000)
    assert everything.num_windows == 5 + 3 + 1


def test_parts_are_split_by_chromosome(genome, strings):
    rows = [(n, 20 * i, 20 * i + 10) for n in SIZES for i in range(20)]
    data = GenomeSequences(
        genome, rows, length=10, strands="random", jitter=3, shuffle=True
    )
    train, valid, test = data.split(valid=["chr2"], test=["chrX"])
    assert [part.num_windows for part in (train, valid, test)] == [20, 20, 20]
    assert {*agrees(train, strings).chromosome} == {"chr1"}
    for part in (valid, test):
        places = agrees(part, strings)
        assert places.start.tolist() == [20 * i for i in range(20)]
        assert {*places.strand} == {"+"}
    train.on_epoch_end()
    assert data._epoch == 0
    with pytest.raises(ValueError, match="no chromosome in common. Received chr2"):
        data.split(valid=["chr2"], test=["chr2", "chr1"])
    with pytest.raises(ValueError, match="leave windows in each part. Received none"):
        data.split(valid=["chr2"], test=[])
    only = GenomeSequences(genome, rows, length=10, chromosomes="chr2")
    assert {*agrees(only, strings).chromosome} == {"chr2"}


def test_negatives_have_the_gc_of_the_regions_and_touch_none(tmp_path, random):
    # A genome whose GC changes from place to place; regions where it is high.
    shares = np.repeat(random.uniform(0.2, 0.8, 400), 200)
    codes = np.where(random.random(80_000) < shares, 1, 0) + 2 * random.integers(
        2, size=80_000
    )
    text = "".join(np.array(list("ACTG"))[codes])
    (tmp_path / "g.fa").write_text(f">a\n{text}\n>b\nACGT\n")
    rich = np.flatnonzero(shares[::200] > 0.6)[:60] * 200
    rows = [("a", int(start), int(start) + 150) for start in rich]
    data = GenomeSequences(
        tmp_path / "g.fa", rows, length=100, negatives=2, batch_size=1000
    )
    assert data.label_names == ("region",)
    x, y = data[0]
    assert y[:, 0].tolist() == [1] * 60 + [0] * 120
    gc = np.round(x[:, :, 1:3].sum((1, 2)) / 2).astype(int)  # in fiftieths
    first, second = (np.bincount(part, minlength=51) for part in (gc[:60], gc[60:]))
    np.testing.assert_array_equal(2 * first, second)
    places = data.coordinates(np.arange(60, 180))
    for start, end in zip(places.start, places.end, strict=True):
        assert all(end <= first or start >= last for _, first, last in rows)
        assert 0 <= start < end <= 80_000
    assert {*places.strand} == {"+", "-"}
    again = GenomeSequences(tmp_path / "g.fa", rows, length=100, negatives=2)
    np.testing.assert_array_equal(
        again.coordinates(np.arange(60, 180)).start, places.start
    )


def test_fewer_negatives_than_asked_for_are_a_warning(genome):
    with pytest.warns(UserWarning, match=r"found 0 of 2 windows .* on chrX") as log:
        data = GenomeSequences(genome, [("chrX", 0, 400)], length=50, negatives=2)
    assert log[0].filename == __file__
    assert data.num_windows == 1


@pytest.fixture
def signal(tmp_path):
    """A bigWig file: 2 over chr1:100-150, 4 over chr1:150-160."""
    pybigtools = pytest.importorskip("pybigtools")
    path = tmp_path / "signal.bw"
    rows = [("chr1", 100, 150, 2.0), ("chr1", 150, 160, 4.0)]
    pybigtools.open(str(path), "w").write(SIZES, iter(rows))
    return path


def test_signal_is_averaged_over_each_window(genome, signal):
    rows = [("chr1", 100, 120), ("chr1", 145, 165), ("chr2", 0, 4), ("chr1", 0, 2)]
    data = GenomeSequences(genome, rows, length=20, signal=signal)
    assert data.label_names == ("signal.bw",)
    np.testing.assert_allclose(data[0][1][:, 0], [2, (5 * 2 + 10 * 4) / 20, 0, 0])
    frame = pd.DataFrame(rows, columns=["chrom", "start", "end"]).assign(a=1)
    both = GenomeSequences(genome, frame, length=20, labels="a", signal=[signal])
    assert both.label_names == ("a", "signal.bw")
    assert both[0][1][0].tolist() == [1, 2]
    copy = pickle.loads(pickle.dumps(both))
    np.testing.assert_array_equal(copy[0][1], both[0][1])


def test_signals_that_cannot_be_read_say_why(genome, signal, bed, monkeypatch):
    rows = [("chrX", 100, 120)]
    with pytest.raises(ValueError, match=r"x\.bw: expected a bigWig file"):
        GenomeSequences(genome, rows, length=20, signal=bed("hello", "x.bw"))
    with pytest.raises(FileNotFoundError):
        GenomeSequences(genome, rows, length=20, signal="missing.bw")
    monkeypatch.setitem(__import__("sys").modules, "pybigtools", None)
    with pytest.raises(ImportError, match=r"pybigtools.*keras-motif\[genome\]"):
        GenomeSequences(genome, rows, length=20, signal=signal)


BAD = {
    "empty": ("", {}, r"peaks\.bed: expected regions.*Received none"),
    "comments": ("#a\ntrack x\n", {}, r"peaks\.bed: expected regions"),
    "other names": (
        "chr1\t1\t2\n2\t5\t9\n",
        {},
        r"line 2: .*chr1, chr2, chrX. Received '2'. The genome calls it 'chr2'.*sed",
    ),
    "unknown chromosome": ("chr1\t1\t2\nchrUn\t1\t2\n", {}, r"line 2: .*'chrUn'.*Pass"),
    "beyond the end": (
        "chr1\t1\t2\nchrX\t390\t401\n",
        {},
        r"line 2: expected a region of chrX, .*<= 400.*another genome",
    ),
    "start behind end": ("chr1\t20\t10\n", {}, r"line 1: expected a region of chr1"),
    "negative": ("chr1\t-1\t10\n", {}, r"line 1: expected a region of chr1"),
    "no number": ("chr1\t1\t2\nchr1\t1\tx\n", {}, r"line 2: .*whole numbers.*'x'"),
    "too few": ("chr1\t1\t2\nchr1\t1\n", {}, r"line 2: expected 3 columns or more"),
    "strand": ("chr1\t1\t2\ta\t0\tplus\n", {}, r"line 1: .*strand.*'plus'"),
    "no such column": (
        "chrom\tstart\tend\tb\nchr1\t1\t2\t3\n",
        {"labels": "a"},
        r"line 1: expected the column 'a' of `labels`. Received chrom, start, end, b",
    ),
    "no line of names": (
        "chr1\t1\t2\t3\n",
        {"labels": "a"},
        r"line 1: expected a line of names with the column 'a'",
    ),
    "no such number": (
        "chr1\t1\t2\n",
        {"labels": 7},
        r"line 1: .*column 7 .*3 columns",
    ),
    "no label": (
        "chr1\t1\t2\t3\nchr1\t1\t2\tx\n",
        {"labels": 3},
        r"line 2: expected a number for each label.*'x'",
    ),
    "summit": (
        "chr1\t10\t20\ta\t7\t.\t3\t4\t2\t30\n",
        {},
        r"line 1: expected a summit within the region. Received '30'",
    ),
    "none kept": (
        "chr1\t1\t2\n",
        {"chromosomes": ["chr2"]},
        r"expected regions on chr2. None of 1 is",
    ),
    "gz cut short": (
        gzip.compress(b"chr1\t1\t2\n" * 999)[:-12],
        {},
        r"peaks\.bed, after line .*damaged or incomplete",
    ),
    "zip": (b"PK\x03\x04" + bytes(60), {}, r"peaks\.bed: .*a zip archive"),
    "names without start": (
        "chrom\tstart\tstop_codon\nchr1\t1\t2\n",
        {},
        r"line 1: expected columns named chrom, start and end",
    ),
}


@pytest.mark.parametrize(("text", "options", "match"), BAD.values(), ids=BAD)
def test_rows_that_are_no_regions_name_file_and_line(text, options, match, genome, bed):
    path = bed(text)
    with pytest.raises(ValueError, match=match) as error:
        GenomeSequences(genome, path, length=4, **options)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"length": 0}, "`length` must be a whole number, 1 or more. Received 0"),
        ({"batch_size": 0}, "`batch_size` must be"),
        ({"step": 0}, "`step` must be"),
        ({"jitter": -1}, "`jitter` must be a whole number, 0 or more"),
        ({"jitter": 1.5}, "`jitter` must be"),
        ({"negatives": -1}, "`negatives` must be 0 or more"),
        ({"strands": "both"}, "`strands` must be one of given, random, \\+"),
        ({"edges": "cut"}, '`edges` must be "pad" or "drop"'),
        ({"unknown": 0.5}, "`unknown` must be 0, or 0.25"),
        ({"unknown": 0.25, "dtype": "int8"}, "`unknown` must be 0, or 0.25"),
        ({"chromosomes": ["1"]}, r"Chromosomes must be those of .*genome\.fa: chr1"),
        ({"labels": "a"}, "`labels` must be None where `regions` are tuples"),
        ({"regions": None, "labels": "a"}, "must be left out where `regions` is None"),
        ({"regions": None, "negatives": 1}, "must be left out where `regions` is None"),
        ({"regions": ["chr1:1-2"]}, r"`regions`, row 0: expected \(chromosome, start"),
        ({"regions": []}, "`regions`: expected regions"),
        ({"regions": pd.DataFrame({"a": [1]})}, "expected columns named chrom, start"),
    ],
)
def test_options_that_cannot_be_are_explained(options, match, genome):
    options = {"regions": [("chr1", 1, 2)], "length": 4, **options}
    with pytest.raises(ValueError, match=match):
        GenomeSequences(genome, **options)


def test_other_kinds_of_regions_are_type_errors(genome):
    with pytest.raises(TypeError, match="`regions` must be the path of a BED"):
        GenomeSequences(genome, 7, length=4)
    with pytest.raises(FileNotFoundError):
        GenomeSequences(genome, "missing.bed", length=4)
    with pytest.raises(FileNotFoundError):
        GenomeSequences("missing.fa", length=4)


def network(length):
    return keras.Sequential(
        [
            keras.Input((length, 4)),
            keras.layers.Conv1D(4, 5, activation="relu"),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(1),
        ]
    )


@pytest.mark.filterwarnings("ignore:.*fork")
@pytest.mark.parametrize(
    ("workers", "processes"),
    [(1, False), (2, False), pytest.param(2, True, marks=pytest.mark.slow)],
)
def test_a_network_is_fit_and_read_from_disk(workers, processes, genome):
    rows = pd.DataFrame({"chrom": "chr1", "start": np.arange(60) * 70})
    rows["end"], rows["y"] = rows["start"] + 40, np.arange(60) % 2
    data = GenomeSequences(
        *(genome, rows),
        length=40,
        labels="y",
        batch_size=16,
        shuffle=True,
        workers=workers,
        use_multiprocessing=processes,
    )
    model = network(40)
    model.compile("adam", "mse")
    history = model.fit(data, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert model.predict(data, verbose=0).shape == (60, 1)
    held = np.concatenate([data[index][0] for index in range(data.num_batches)])
    for one, other in zip(
        km.extract_motifs(model, data), km.extract_motifs(model, held), strict=True
    ):
        np.testing.assert_array_equal(one.frequencies, other.frequencies)


def test_a_copy_reads_the_same(genome):
    data = GenomeSequences(genome, length=100, shuffle=True, batch_size=10)
    data.on_epoch_end()
    copy = pickle.loads(pickle.dumps(data))
    np.testing.assert_array_equal(copy[1], data[1])
