"""`keras_motif.loggers` is `keras_motif.callbacks.loggers`."""

import sys

from keras_motif.callbacks import loggers

sys.modules[__name__] = loggers
