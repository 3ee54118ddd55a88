"""`keras_motif.interchange` is `keras_motif.motifs.interchange`."""

import sys

from keras_motif.motifs import interchange

sys.modules[__name__] = interchange
