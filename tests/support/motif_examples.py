"""Motifs that spell a word, say nothing, or are drawn at random."""

import numpy as np

from keras_motif.motifs.motif import Motif

UNIFORM = np.full((5, 4), 0.25)


def motif_of(consensus, name="m", **fields):
    rows = dict(zip("ACGT", np.eye(4), strict=True))
    return Motif([rows[base] for base in consensus], name, **fields)


def random_motifs(random, count, width=12):
    return [
        Motif(random.dirichlet([0.3] * 4, width), f"filter{index}", num_sites=9)
        for index in range(count)
    ]
