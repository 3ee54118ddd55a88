"""Public modules whose files lie in a room: `keras_motif.loggers` is found here.

The package looks for its submodules in this folder too, so that they keep their import
path and the top level lists rooms alone.
"""
