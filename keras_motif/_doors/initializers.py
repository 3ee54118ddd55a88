"""`keras_motif.initializers` is `keras_motif.layers.initializers`."""

import sys

from keras_motif.layers import initializers

sys.modules[__name__] = initializers
