"""`keras_motif.modisco` is `keras_motif.motifs.modisco`."""

import sys

from keras_motif.motifs import modisco

sys.modules[__name__] = modisco
