"""Pictures of motifs and of their matches."""
