"""Motifs, and the files, databases and tools that they come from and go to."""
