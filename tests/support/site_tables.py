"""Tables of sites, by hand and at random."""

import numpy as np
import pandas as pd


def sites_of(*rows):
    """Sites from (filter, sequence, start, end)."""
    return pd.DataFrame(rows, columns=["filter", "sequence", "start", "end"])


def random_sites(random, num_sequences, *, num_filters=3, num_sites=200, length=50):
    starts = random.integers(0, length - 9, num_sites)
    names = np.array([f"filter{index}" for index in range(num_filters)], dtype=object)
    return pd.DataFrame(
        {
            "filter": names[random.integers(num_filters, size=num_sites)],
            "sequence": random.integers(num_sequences, size=num_sites),
            "start": starts,
            "end": starts + 9,
            "activation": random.random(num_sites),
        }
    )
