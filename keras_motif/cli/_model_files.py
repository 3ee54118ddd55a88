"""Files of saved models: measured, and their configuration read, before Keras is."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from keras_motif.motifs import binary_files, hdf5

__all__ = ["objects", "read_config"]

_FIX = "Save one with `model.save('model.keras')`."
_CONFIGURATION = (
    "a saved Keras model, with its configuration, and not one of weights or of data"
)
_MOST_BYTES = 2**26  # of a configuration; a large network's has a hundredth
_MOST_DEPTH = 200  # models in models; each takes four or five


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
        raise ValueError(
            f"{place}: expected a saved Keras model. Received a folder. {_FIX}"
        )
    path.open("rb").close()  # raises what Python raises
    text: str | bytes
    if path.suffix == ".keras" and zipfile.is_zipfile(path):
        text = _read_keras(path)
    elif path.suffix in (".h5", ".hdf5") and h5py.is_hdf5(path):
        text = _read_hdf5(path)
    else:
        raise ValueError(
            f"{place}: expected a saved Keras model. Received neither a `.keras` file "
            f"nor a model in HDF5 (`.h5`). {_FIX}"
        )
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
        values = node.values() if isinstance(node, dict) else node
        waiting += [
            (value, depth + 1)
            for value in reversed([*values])
            if isinstance(value, dict | list)
        ]


def _read_keras(path: Path) -> bytes:
    with binary_files.reading(os.fspath(path), _CONFIGURATION, _FIX):
        archive = zipfile.ZipFile(path)
    with archive:
        entries = archive.infolist()
        declared = sum(entry.file_size for entry in entries)
        binary_files.check_size(declared, path.stat().st_size, os.fspath(path))
        for entry in entries:
            if entry.filename.endswith(".h5"):
                name = binary_files.one_line(entry.filename)
                _check_weights(archive, entry, f"{path}, {name}")
        with binary_files.reading(os.fspath(path), _CONFIGURATION, _FIX):
            entry = archive.getinfo("config.json")
            with archive.open(entry) as stream:
                return stream.read(_MOST_BYTES + 1)


def _check_weights(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str
) -> None:
    with binary_files.reading(place, "a model's weights", _FIX):
        weights = h5py.File(io.BytesIO(archive.read(entry)), "r")
    with weights:
        hdf5.Hdf5File(weights, place).check_all()


def _read_hdf5(path: Path) -> str | bytes:
    with hdf5.open_hdf5(path, _CONFIGURATION, _FIX) as file:
        if not file.has_attribute("model_config"):
            raise ValueError(
                f"{path}: expected {_CONFIGURATION}. The file has no attribute "
                f"model_config. {_FIX}"
            )
        file.check_all()
        values: list[Any] = file.attribute("model_config", str)
        return "".join(values)
