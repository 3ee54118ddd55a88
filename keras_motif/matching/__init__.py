"""Which known motifs a motif resembles, and where motifs occur in sequences."""
