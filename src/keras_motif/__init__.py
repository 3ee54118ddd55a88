"""Layers, models and tools for CNNs whose filters read as sequence motifs."""
