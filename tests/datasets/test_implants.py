import numpy as np
import pytest

import keras_motif as km


def test_implanted_sites_are_all_that_was_implanted(small_data):
    split = small_data.train
    sites = km.datasets.implanted_sites(split.model)
    covered = np.zeros(split.x.shape[:2], dtype=int)
    for site in sites.itertuples():
        covered[site.sequence, site.start : site.end] += 1
    # Implanted motifs don't overlap, and all else is uniform.
    assert covered.max() == 1
    implanted = (split.model != 0.25).any(axis=2)
    assert not (implanted & (covered == 0)).any()
    labels = np.zeros_like(split.y)
    names = list(km.datasets.SYNTHETIC_FACTORS)
    labels[sites["sequence"], sites["factor"].map(names.index)] = 1
    np.testing.assert_array_equal(labels, split.y)


def test_implanted_sites_know_their_strand(small_data):
    model = small_data.train.model
    motifs = km.datasets.implanted_motifs()
    sites = km.datasets.implanted_sites(model)
    assert set(sites["strand"]) == {"+", "-"}
    for site in sites.head(100).itertuples():
        motif = motifs[site.factor]
        if site.strand == "-":
            motif = motif.reverse_complement()
        np.testing.assert_allclose(
            model[site.sequence, site.start : site.end], motif.frequencies, rtol=1e-6
        )


def test_a_palindrome_counts_once():
    symmetric = km.datasets.implanted_motifs()["MAX"].frequencies
    model = np.full((1, 40, 4), 0.25, dtype=np.float32)
    model[0, 7 : 7 + len(symmetric)] = symmetric
    sites = km.datasets.implanted_sites(model)
    assert sites[["sequence", "start", "factor"]].to_numpy().tolist() == [[0, 7, "MAX"]]


def test_implanted_sites_want_the_model_of_sequences():
    with pytest.raises(ValueError, match="`model` must be one-hot with shape"):
        km.datasets.implanted_sites(np.zeros((3, 4, 10)))
