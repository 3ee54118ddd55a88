import os
import sys
from pathlib import Path

# Before Keras: TensorFlow's start-up notes would drown what matters.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pytest

import keras_motif as km


@pytest.fixture(autouse=True)
def fresh_keras():
    """Each test starts from the same random numbers, policy and names."""
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")
    keras.utils.clear_session(free_memory=False)


@pytest.fixture
def own_modules(tmp_path):
    """Modules of the test's own folder are imported anew by the next test."""
    yield
    for name, module in list(sys.modules.items()):
        # Not by `getattr`, at which lazy modules load.
        file = getattr(module, "__dict__", {}).get("__file__")
        if file and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.fixture
def sequences(random):
    """Random one-hot sequences, (64, 60, 4), int8, some N among them."""
    codes = random.choice(5, p=[0.24, 0.24, 0.24, 0.24, 0.04], size=(64, 60))
    return np.eye(5, 4, dtype=np.int8)[codes]


@pytest.fixture(scope="session")
def small_data():
    """Simulated sequences of the study, few."""
    return km.datasets.synthetic(600, seed=5)
