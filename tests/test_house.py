"""The house is as docs/design.md says: rooms, what they export, what is their own."""

import ast
import importlib
import inspect
import types

import pytest

import keras_motif as km
from support.paths import PACKAGE

ROOMS = sorted(
    path.parent.name
    for path in PACKAGE.glob("*/__init__.py")
    if path.parent.name != "_doors"
)
# Rooms that are public modules themselves: their `__all__` is for users.
PUBLIC = {"datasets", "layers", "models"}


def imports_of(path):
    """Yield room, file (or None) and names of every import from the package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("keras_motif."):
            room, *rest = node.module.split(".")[1:]
            yield room, ".".join(rest), [alias.name for alias in node.names]


SOURCES = {
    path: list(imports_of(path))
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py" or path.parent.name in ROOMS
}


def room_of(path):
    return path.relative_to(PACKAGE).parts[0]


def used_from_outside(room):
    """Return the names and the files of a room that other rooms import."""
    names, files = set(), set()
    for path, imports in SOURCES.items():
        if room_of(path) != room:
            for other, file, imported in imports:
                if other == room and file:
                    files.add(file)
                elif other == room:
                    names |= set(imported)
    return names, files


def test_the_top_level_lists_rooms():
    names = {path.name for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert len(names) <= 22


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_what_it_exports(room):
    module = importlib.import_module(f"keras_motif.{room}")
    assert module.__doc__.strip()
    assert module.__all__ is not None
    for name in module.__all__:
        getattr(module, name)


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_hides_behind_what_its_room_exports(room):
    module = importlib.import_module(f"keras_motif.{room}")
    for path in (PACKAGE / room).glob("*.py"):
        value = vars(module).get(path.stem)
        assert value is None or isinstance(value, types.ModuleType), path.stem


@pytest.mark.parametrize("room", ROOMS)
def test_files_of_one_room_alone_begin_with_an_underscore(room):
    module = importlib.import_module(f"keras_motif.{room}")
    homes = set()
    for name in module.__all__:
        value = getattr(module, name)
        is_module = isinstance(value, types.ModuleType)
        homes.add(value.__name__ if is_module else getattr(value, "__module__", None))
    init = (PACKAGE / room / "__init__.py").read_text()
    _, files = used_from_outside(room)
    for path in (PACKAGE / room).glob("[a-z]*.py"):
        file = f"keras_motif.{room}.{path.stem}"
        is_exported = file in homes or f"from {file} import" in init
        stub = path.with_name("__init__.pyi")
        is_exported |= stub.exists() and f"from .{path.stem} import" in stub.read_text()
        assert is_exported or path.stem in files | used_from_outside(room)[0], file


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_other_rooms_are_entered_by_their_door(path):
    for room, file, names in SOURCES[path]:
        if room == room_of(path) or room not in ROOMS or room_of(path) == "_doors":
            continue
        # Files that a public module must not show, and one that loads pandas.
        assert room in PUBLIC or file in ("", "match_table"), (room, file)
        assert not file.startswith("_"), (room, file)
        if not file:
            exported = importlib.import_module(f"keras_motif.{room}").__all__
            files = {p.stem for p in (PACKAGE / room).glob("[a-z]*.py")}
            assert set(names) <= {*exported, *files}, (room, names)


def test_inside_a_room_imports_go_one_way():
    for room in ROOMS:
        needs = {}
        for path, imports in SOURCES.items():
            if room_of(path) == room and path.name != "__init__.py":
                own = ".".join(path.relative_to(PACKAGE / room).with_suffix("").parts)
                needs[own] = {file for other, file, _ in imports if other == room}
        while free := [file for file, wanted in needs.items() if not wanted & {*needs}]:
            for file in free:
                del needs[file]
        assert not needs, f"circle in {room}: {needs}"


def parameters(function):
    return dict(inspect.signature(function).parameters)


def agree(one, other, but=()):
    """Assert that what two signatures share has one default and one annotation."""
    first, second = parameters(one), parameters(other)
    shared = (first.keys() & second.keys()) - {*but, "self"}
    for name in shared:
        assert first[name].default == second[name].default, name
        assert str(first[name].annotation) == str(second[name].annotation), name
    return shared


def test_extractions_take_the_same_options():
    from keras_motif.extraction import ExtractionOptions

    options = set(ExtractionOptions.__annotations__)
    model = {"model", "sequences", "layer", "inputs", "receptive_field", "unknown"}
    assert {*parameters(km.extract_motifs)} == {*model, *options, "weighted", "trim"}
    assert agree(km.extract_motifs, km.activation_sites) == model | options
    shared = agree(
        km.extract_motifs, km.FilterMotifExtractor, but={"progress", "model"}
    )
    assert shared >= (model | options | {"weighted"}) - {"model", "compat", "progress"}


def test_the_studys_networks_take_the_same_options():
    networks = [km.models.cnn_2, km.models.cnn_50, km.models.cnn_deep]
    for network in networks[1:]:
        shared = agree(networks[0], network, but={"pools", "dropouts", "name"})
        assert shared | {"pools", "dropouts", "name"} == {*parameters(networks[0])}
        assert {*parameters(network)} == {*parameters(networks[0])}
    released = ["cnn_local", "cnn_dist", "basset", "residual_bind"]
    first, *others = [getattr(km.models, name) for name in released]
    for network in others:
        own = {"input_shape", "num_outputs", "num_filters", "name"}
        shared = agree(first, network, but={*own, "dropouts", "pools"})
        assert {*parameters(network)} == {*parameters(first)}
        assert "activation" in shared
