"""From a model and sequences to motifs and to the sites that they are made of."""
