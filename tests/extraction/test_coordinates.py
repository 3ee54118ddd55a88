"""Sites where their sequences lie in the genome."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km

pytestmark = pytest.mark.keras

WORD = "GATTACAG"


@pytest.fixture
def model():
    """One filter that fires on the word alone."""
    inputs = keras.Input((60, 4))
    conv = layers.Conv1D(1, len(WORD), activation="relu", name="conv")
    model = keras.Model(inputs, conv(inputs))
    kernel = km.one_hot(WORD).transpose(1, 2, 0).astype("float32")
    conv.set_weights([kernel, np.array([1.0 - len(WORD)])])
    return model


@pytest.fixture
def genome(random, tmp_path):
    """A genome of two chromosomes, the word planted on both strands."""
    turned = reversed_string(WORD)
    chromosomes = {}
    for name, size in (("chr1", 900), ("chrX", 700)):
        letters = list("".join(random.choice(list("ACGT"), size)))
        for place in range(40, size - 60, 100):
            letters[place : place + len(WORD)] = WORD if place % 200 == 40 else turned
        chromosomes[name] = "".join(letters)
    path = tmp_path / "genome.fa"
    path.write_text("".join(f">{name}\n{s}\n" for name, s in chromosomes.items()))
    return path, chromosomes


def reversed_string(text):
    return km.from_one_hot(km.reverse_complement(km.one_hot([text])))[0]


REGIONS = [
    ("chr1", 20, 80, "+"),
    ("chr1", 125, 185, "-"),
    ("chrX", 10, 70, "-"),
    ("chrX", 330, 390, "+"),
]
STYLES = {
    "getfasta": lambda c, s, e, strand: f"{c}:{s}-{e}",
    "getfasta -s": lambda c, s, e, strand: f"{c}:{s}-{e}({strand})",
    "getfasta -name -s": lambda c, s, e, strand: f"peak::{c}:{s}-{e}({strand})",
    "faidx": lambda c, s, e, strand: f"{c}:{s + 1}-{e}",
}


def sequence_at(site, chromosomes):
    text = chromosomes[site.chromosome][site.genome_start : site.genome_end]
    return reversed_string(text) if site.genome_strand == "-" else text


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_names_of_fasta_records_tell_where_they_lie(
    style, both, model, genome, tmp_path
):
    _, chromosomes = genome
    records = []
    for chromosome, start, end, strand in REGIONS:
        text = chromosomes[chromosome][start:end]
        if "-s" in style and strand == "-":
            text = reversed_string(text)
        name = STYLES[style](chromosome, start, end, strand)
        records.append(f">{name}\n{text}\n")
    path = tmp_path / "peaks.fa"
    path.write_text("".join(records))
    for sequences in (path, km.datasets.FastaSequences(path)):
        sites = km.activation_sites(model, sequences, reverse_complement=both)
        assert len(sites) >= (4 if both else 1)
        for site in sites.itertuples():
            assert sequence_at(site, chromosomes) == WORD


@pytest.mark.parametrize("name", ["peak1", "chr1:20-70", "chr1:20", "a b:20-80"])
def test_names_that_tell_nothing_leave_the_table_as_it_is(
    name, model, genome, tmp_path
):
    _, chromosomes = genome
    path = tmp_path / "peaks.fa"
    text = chromosomes["chr1"][20:80]
    path.write_text(f">chr1:20-80\n{text}\n>{name}\n{text}\n")
    sites = km.activation_sites(model, path)
    assert len(sites) == 2
    assert "chromosome" not in sites


@pytest.mark.parametrize("both", [False, True])
def test_bases_under_the_sites_of_a_genome_are_the_words(both, model, genome, tmp_path):
    path, chromosomes = genome
    bed = tmp_path / "regions.bed"
    rows = [f"{c}\t{s}\t{e}\tr\t0\t{strand}\n" for c, s, e, strand in REGIONS]
    bed.write_text("".join(rows))
    data = km.datasets.GenomeSequences(
        km.datasets.Genome(path), bed, length=60, batch_size=3
    )
    sites = km.activation_sites(model, data, reverse_complement=both)
    assert len(sites) >= (4 if both else 1)
    for site in sites.itertuples():
        assert sequence_at(site, chromosomes) == WORD
    km.write_sites(sites, tmp_path / "sites.bed")
    lines = (tmp_path / "sites.bed").read_text().splitlines()
    fields = [line.split("\t") for line in lines]
    assert all(len(row) == 6 for row in fields)
    keys = [(row[0], int(row[1]), int(row[2])) for row in fields]
    assert keys == sorted(keys)
    for chromosome, start, end, name, score, strand in fields:
        text = chromosomes[chromosome][int(start) : int(end)]
        assert (reversed_string(text) if strand == "-" else text) == WORD
        assert (name, score) == ("filter0", "1000")
