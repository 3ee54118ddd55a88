"""Files of saved models: measured, and their configuration read, before Keras is."""

from __future__ import annotations

import collections
import io
import json
import math
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import h5py

from keras_motif.motifs import binary_files, hdf5

__all__ = ["REBUILD", "checked_config", "objects", "read_config"]

_FIX = "Save one with `model.save('model.keras')`."
# Worked for every published network that was tried.
REBUILD = (
    "Build the model in code, and read its weights: in the environment that wrote it, "
    "`model.save_weights('model.weights.h5')`; here, `keras-motif extract "
    "my_models:build SEQUENCES --weights model.weights.h5`, where `build` of "
    "my_models.py returns the same layers, made by Keras 3."
)
_CONFIGURATION = (
    "a saved Keras model, with its configuration, and not one of weights or of data"
)
_MOST_BYTES = 2**23  # of a configuration; NASNetLarge's has an eighth
_MOST_DEPTH = 200  # models in models; each takes four or five
_SIZES = (
    "depth_multiplier",
    "filters",
    "input_dim",
    "kernel_size",
    "key_dim",
    "num_heads",
    "output_dim",
    "units",
)  # by whose product a layer has weights, or more
_HARMLESS_WEIGHTS = 2**24  # of all layers, for one channel of each
_WEIGHTS_PER_BYTE = 2  # as Keras packs those of four bits


def read_config(path: Path) -> Any:
    """Return the configuration of a saved model whose size could be true.

    Args:
        path: A `.keras` file, or a whole model in Keras' older HDF5 format.

    Raises:
        ValueError: No saved model, a damaged one, or one that declares far more than
            it could hold.
        OSError: The file is missing or cannot be opened.
    """
    place = os.fspath(path)
    if path.is_dir():
        is_saved_model = (path / "saved_model.pb").exists()
        raise ValueError(
            f"{place}: expected a saved Keras model. Received a folder of TensorFlow's "
            f"SavedModel format, which Keras 3 doesn't load. {REBUILD}"
            if is_saved_model
            else f"{place}: expected a saved Keras model. Received a folder. {_FIX}"
        )
    path.open("rb").close()  # raises what Python raises
    text: str | bytes
    if path.suffix == ".keras" and zipfile.is_zipfile(path):
        text, num_bytes = _read_keras(path)
    elif path.suffix in (".h5", ".hdf5") and h5py.is_hdf5(path):
        text, num_bytes = _read_hdf5(path)
    else:
        raise ValueError(
            f"{place}: expected a saved Keras model. Received neither a `.keras` file "
            f"nor a model in HDF5 (`.h5`). {_FIX}"
        )
    return checked_config(text, num_bytes, place)


def checked_config(text: str | bytes, num_bytes: int, place: str) -> Any:
    """Return a configuration whose size could be true.

    Args:
        text: It as JSON.
        num_bytes: The size of the weights beside it.
        place: Where it comes from, for messages.

    Raises:
        ValueError: No JSON, or one that declares far more than it could hold.
    """
    if len(text) > _MOST_BYTES:
        raise ValueError(
            f"{place}: expected a configuration of at most {_MOST_BYTES:,} bytes. "
            f"Received {len(text):,}. {_FIX}"
        )
    with binary_files.reading(place, _CONFIGURATION, _FIX):
        config = json.loads(text)
    for _, depth in _nodes(config):
        if depth > _MOST_DEPTH:
            raise ValueError(
                f"{place}: expected a configuration nested at most {_MOST_DEPTH} deep. "
                f"Received a deeper one; the file is damaged. {_FIX}"
            )
    _check_weights_needed(config, num_bytes, place)
    return config


def objects(config: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a configuration: what has a `class_name`."""
    for node, _ in _nodes(config):
        if isinstance(node, dict) and isinstance(node.get("class_name"), str):
            yield node


def _nodes(config: Any) -> Iterator[tuple[Any, int]]:
    """Yield every dict and list with its depth, from the outermost inwards."""
    waiting = [(config, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        if not isinstance(node, dict | list):
            continue
        values = node.values() if isinstance(node, dict) else node
        waiting += [
            (value, depth + 1)
            for value in reversed([*values])
            if isinstance(value, dict | list)
        ]


def _check_weights_needed(config: Any, num_bytes: int, place: str) -> None:
    """Raise where layers would make far more weights than the file holds.

    Keras makes a model's weights before it reads them.
    """
    most = max(_HARMLESS_WEIGHTS, _WEIGHTS_PER_BYTE * num_bytes)
    needed = sum(_weights_needed(node.get("config")) for node in objects(config))
    if needed > most:
        raise ValueError(
            f"{place}: expected layers of at most {most:,} weights for each of their "
            f"channels, since the file holds {num_bytes:,} bytes of weights. Received "
            f"a configuration of {needed:,}; the file is damaged. {_FIX}"
        )


def _weights_needed(inner: Any) -> int:
    """Return how many weights a layer has at least, by its sizes; 0 without any."""
    if not isinstance(inner, dict):
        return 0
    sizes = [
        abs(size)
        for value in map(inner.get, _SIZES)
        for size in (value if isinstance(value, list) else [value])
        if isinstance(size, int) and size
    ]
    return math.prod(sizes) if sizes else 0


def _read_keras(path: Path) -> tuple[bytes, int]:
    """Return the configuration, and the size of the weights beside it."""
    with binary_files.reading(os.fspath(path), _CONFIGURATION, _FIX):
        archive = zipfile.ZipFile(path)
    with archive:
        entries = archive.infolist()
        _check_names(entries, os.fspath(path))
        declared = sum(entry.file_size for entry in entries)
        num_bytes = 0
        binary_files.check_size(declared, path.stat().st_size, os.fspath(path))
        for entry in entries:
            if entry.filename.endswith(".h5"):
                name = binary_files.one_line(entry.filename)
                num_bytes += _check_weights(archive, entry, f"{path}, {name}")
        with binary_files.reading(os.fspath(path), _CONFIGURATION, _FIX):
            entry = archive.getinfo("config.json")
            with archive.open(entry) as stream:
                return stream.read(_MOST_BYTES + 1), num_bytes


def _check_names(entries: list[zipfile.ZipInfo], place: str) -> None:
    """Raise where two parts have one name, or one would lie outside."""
    names = collections.Counter(entry.filename for entry in entries)
    for name, count in names.items():
        parts = PurePosixPath(name.replace("\\", "/"))
        if count > 1 or parts.is_absolute() or ".." in parts.parts:
            fault = "stands in it twice" if count > 1 else "leads out of it"
            raise ValueError(
                f"{place}: expected a saved Keras model. The part "
                f"{binary_files.one_line(name)} {fault}. {_FIX}"
            )


def _check_weights(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> int:
    with binary_files.reading(place, "a model's weights", _FIX):
        weights = h5py.File(io.BytesIO(archive.read(entry)), "r")
    with weights:
        return hdf5.Hdf5File(weights, place).check_all()


def _read_hdf5(path: Path) -> tuple[str, int]:
    with hdf5.open_hdf5(path, _CONFIGURATION, _FIX) as file:
        if not file.has_attribute("model_config"):
            raise ValueError(
                f"{path}: expected {_CONFIGURATION}. The file has no attribute "
                f"model_config. {_FIX} Where it holds the weights of a model: "
                f"{REBUILD}"
            )
        num_bytes = file.check_all()
        values: list[Any] = file.attribute("model_config", str)
        return "".join(values), num_bytes
