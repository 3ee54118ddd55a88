"""Six kinds of data as people have them, each from its file to a motif.

A filter is set to the planted word by hand, so that nothing is trained.
"""

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from keras import layers

import keras_motif as km
from keras_motif.cli.app import commands

pytestmark = pytest.mark.keras

WORD = "GATTACAGC"
NUMBER = 40  # sequences with the word, the first ones


def network(length):
    """One filter that fires where the word stands, and at one mismatch."""
    inputs = keras.Input((length, 4))
    conv = layers.Conv1D(1, len(WORD), activation="relu", name="conv")
    model = keras.Model(inputs, conv(inputs))
    kernel = km.one_hot(WORD).transpose(1, 2, 0).astype("float32")
    conv.set_weights([kernel, np.array([1.5 - len(WORD)])])
    return model


def planted(random, number, length, flank=0):
    """Random strings, of which the first hold the word once, within the flanks."""
    strings = []
    for index in range(number):
        letters = "".join(random.choice(list("ACGT"), length))
        if index < NUMBER:
            place = random.integers(flank, length - flank - len(WORD) + 1)
            letters = letters[:place] + WORD + letters[place + len(WORD) :]
        strings.append(letters)
    return strings


def fasta(path, strings):
    path.write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(strings)))
    return path


def check(motifs):
    (motif,) = motifs
    assert motif.consensus == WORD
    assert motif.num_sites >= NUMBER


def extract_by_command(model, sequences, folder, *options):
    model.save(folder / "model.keras")
    out = str(folder / "found.meme")
    files = [str(folder / "model.keras"), str(sequences)]
    done = CliRunner().invoke(commands, ["extract", *files, "-o", out, *options])
    assert done.exit_code == 0, done.output
    return km.read_meme(out)


def test_peaks_with_soft_masking_and_gaps(random, tmp_path):
    strings = planted(random, 60, 80)
    strings = [s[:20] + s[20:50].lower() + s[50:] for s in strings]
    strings[-1] = "N" * 30 + strings[-1][30:]
    path = fasta(tmp_path / "peaks.fa", strings)
    motifs = km.extract_motifs(network(80), path)
    check(motifs)
    assert extract_by_command(network(80), path, tmp_path).motifs == motifs


def test_rna_of_clip_in_upper_and_lower_case(random, tmp_path):
    strings = [s.replace("T", "U") for s in planted(random, 60, 101)]
    strings[1] = strings[1].lower()
    path = fasta(tmp_path / "clip.fa", strings)
    motifs = km.extract_motifs(network(101), path)
    check(motifs)
    known = km.MemeFile([km.Motif(km.one_hot(WORD)[0], "RNCMPT1")], alphabet="ACGU")
    matches = km.motif_match(motifs, known)
    assert matches["Orientation"].tolist() == ["+"]


def test_selex_reads_of_flanks_and_duplicates(random, tmp_path):
    left, right = "TGCATG", "CCGTAA"
    cores = planted(random, 60, 20)
    reads = [left + core + right for core in cores] + [left + cores[0] + right] * 30
    path = fasta(tmp_path / "selex.fa", reads)
    length = len(reads[0])
    motifs = km.extract_motifs(network(length), path)
    check(motifs)
    sites = km.activation_sites(network(length), path, select="best")
    best = sites[sites["sequence"] < NUMBER]
    assert best["start"].between(len(left) - 8, length - len(right)).all()
    # The same read counts as often as it was read.
    (motif,) = km.extract_motifs(network(length), path, threshold=0.9)
    assert motif.num_sites >= NUMBER + 30


def test_an_mpra_table_of_measured_values(random, tmp_path):
    strings = planted(random, 120, 60)
    values = random.normal(size=(120, 2))
    values[:NUMBER, 0] += 4  # the word raises the first activity
    texts = [[f"{x:.3f}" for x in row] for row in values]
    texts[5][1] = "NA"
    rows = [f"{s},{a},{b}\n" for s, (a, b) in zip(strings, texts, strict=True)]
    path = tmp_path / "mpra.csv"
    path.write_text("sequence,dev,hk\n" + "".join(rows))
    data = km.datasets.load_table(path, labels=["dev", "hk"])
    assert np.isnan(data.y[5, 1])
    check(km.extract_motifs(network(60), data.x))
    activity = km.filter_activity(network(60), data.x)
    found = km.target_correlation(activity, data.y, target_names=["dev", "hk"])
    found = found.set_index("target")
    assert found.loc["dev", "correlation"] > 0.5
    assert found.loc["dev", "q-value"] < 1e-8
    assert found.loc["hk", "p-value"] > 1e-3
    assert found["num_sequences"].tolist() == [120, 119]


def test_regions_of_a_genome(random, tmp_path):
    strings = planted(random, 60, 100)
    (tmp_path / "genome.fa").write_text(">chr2\n" + "".join(strings) + "\n")
    rows = [f"chr2\t{100 * i}\t{100 * i + 100}\tp{i}\t0\t+\n" for i in range(60)]
    (tmp_path / "peaks.bed").write_text("".join(rows))
    genome = km.datasets.Genome(tmp_path / "genome.fa")
    data = km.datasets.GenomeSequences(genome, tmp_path / "peaks.bed", length=100)
    motifs = km.extract_motifs(network(100), data)
    check(motifs)
    sites = km.activation_sites(network(100), data, threshold=0.9)
    text = "".join(strings)
    for site in sites.itertuples():
        assert text[site.genome_start : site.genome_end] == WORD


@pytest.mark.parametrize("channels_first", [True, False])
def test_hdf5_of_either_layout(channels_first, random, tmp_path):
    import h5py

    x = km.one_hot(planted(random, 60, 80))
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["X_test"] = x.transpose(0, 2, 1) if channels_first else x
    with h5py.File(path) as file:
        check(km.extract_motifs(network(80), file["X_test"]))
    check(extract_by_command(network(80), path, tmp_path).motifs)
