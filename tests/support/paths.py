"""Where the tests find files."""

from pathlib import Path

import keras_motif

# The one that is tested: that of a wheel when the tests of an sdist run against it.
PACKAGE = Path(keras_motif.__file__).parent
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
SHARED = ROOT.parent / "shared"  # data that are not part of the project; may be missing
