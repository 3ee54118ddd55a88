"""What a release promises: names, versions, files and dependencies that agree."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from importlib.metadata import metadata, requires, version
from importlib.resources import files
from types import ModuleType

import pytest

import keras_motif as km
from support.paths import PACKAGE, ROOT

HEAVY = ["matplotlib", "pandas", "logomaker", "pyjaspar", "pymemesuite", "jinja2"]
PUBLIC_MODULES = [
    getattr(km, name)
    for name in km.__all__
    if isinstance(getattr(km, name), ModuleType)
]
# Modules of packages that come with one of the declared dependencies.
COMES_WITH = {"PIL": "matplotlib", "markupsafe": "jinja2", "Bio": "pyjaspar"}
# Modules whose package is spelt otherwise.
SPELT = {"lazy_loader": "lazy-loader"}
# Needed by one function alone, which says so when they are missing.
OPTIONAL = {"jax", "torch", "lightmotif", "pybigtools", "tensorboard"}


def imported_modules(path):
    """Yield the first part of every absolute import in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def declared_names(requirements):
    return {re.match(r"[\w.-]+", text)[0].lower() for text in requirements}


@pytest.mark.keras
def test_importing_adds_no_heavy_module():
    code = (
        "import sys, keras\n"
        "before = set(sys.modules)\n"
        "import keras_motif\n"
        f"print(*(set({HEAVY}) & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


def test_every_public_name_is_there_and_documented():
    for name in km.__all__:
        assert getattr(km, name).__doc__, name


@pytest.mark.parametrize("module", PUBLIC_MODULES, ids=lambda module: module.__name__)
def test_every_name_of_the_public_modules_is_there_and_documented(module):
    assert module.__doc__
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isroutine(value):
            assert value.__doc__, f"{module.__name__}.{name}"


@pytest.mark.parametrize(
    "module", [km, *PUBLIC_MODULES], ids=lambda module: module.__name__
)
def test_public_names_are_sorted_and_given_once(module):
    # Constants first, then classes, then the rest, as ruff sorts them.
    def rank(name):
        return (not name.isupper(), not name[0].isupper(), name)

    assert list(module.__all__) == sorted(set(module.__all__), key=rank)


def test_the_stub_imports_what_it_lists_and_the_package_shows_it_alone():
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text())
    imported = [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    [listed] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    assert sorted(imported) == listed == dir(km) == km.__all__


def test_versions_agree():
    citation = (ROOT / "CITATION.cff").read_text()
    assert version("keras-motif") == km.__version__
    assert re.findall(r"^version: (.*)$", citation, re.MULTILINE) == [km.__version__]


def test_changelog_has_a_section_for_the_version_with_results_affected():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    [section] = [text for text in sections if text.startswith(f"[{km.__version__}] - ")]
    assert re.match(r"\S+ - (unreleased|\d{4}-\d\d-\d\d)\n", section)
    assert re.search(r"^### Results affected\n- \w", section, re.MULTILINE)


def test_citation_names_the_licence_that_ships():
    citation = (ROOT / "CITATION.cff").read_text()
    licence = metadata("keras-motif")["License-Expression"]
    assert f"\nlicense: {licence}\n" in citation
    assert (ROOT / "LICENSE").read_text().startswith(f"{licence} License")


def test_types_and_templates_lie_in_the_package():
    package = files("keras_motif")
    assert package.joinpath("py.typed").is_file()
    assert package.joinpath("report", "templates", "report.html.j2").is_file()


def test_every_import_is_declared():
    imported = {
        module for path in PACKAGE.rglob("*.py") for module in imported_modules(path)
    }
    third_party = imported - sys.stdlib_module_names - {"keras_motif"} - OPTIONAL
    runtime = [text for text in requires("keras-motif") if "extra ==" not in text]
    spelt = {**COMES_WITH, **SPELT}
    packages = {spelt.get(module, module).lower() for module in third_party}
    assert packages <= declared_names(runtime)


def test_every_declared_dependency_is_used():
    imported = {
        module for path in PACKAGE.rglob("*.py") for module in imported_modules(path)
    }
    runtime = [text for text in requires("keras-motif") if "extra ==" not in text]
    # TensorFlow is the default backend, which Keras imports.
    used = {SPELT.get(module, module).lower() for module in imported}
    assert declared_names(runtime) - {"tensorflow"} <= used


def test_every_python_that_is_named_is_in_the_test_matrix():
    workflow = ROOT / ".github" / "workflows" / "tests.yml"
    if not workflow.exists():
        pytest.skip("an sdist holds no workflows")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    prefix = "Programming Language :: Python :: "
    named = [c.removeprefix(prefix) for c in project["classifiers"] if prefix in c]
    [matrix] = re.findall(r"^ +python: \[(.*)\]$", workflow.read_text(), re.MULTILINE)
    assert re.findall(r"[\d.]+", matrix) == named
    assert project["requires-python"] == f">={named[0]}"
