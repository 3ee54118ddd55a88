"""`keras_motif.regularizers` is `keras_motif.layers.regularizers`."""

import sys

from keras_motif.layers import regularizers

sys.modules[__name__] = regularizers
