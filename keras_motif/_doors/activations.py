"""`keras_motif.activations` is `keras_motif.layers.activations`."""

import sys

from keras_motif.layers import activations

sys.modules[__name__] = activations
