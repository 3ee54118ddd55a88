"""Check a release before it is published: build it, and use what was built.

    python scripts/check_release.py [--output dist] [--tag v0.1.0] [--python PATH ...]

Builds the sdist and the wheel, checks their metadata and files, installs the wheel in
an empty environment outside the checkout and runs the README's first example there, as
the wheel's own description holds it, then runs the sdist's tests against the wheel.
Prints a table; the exit code is 1 if any line failed. Needs Python 3.11 or newer with
`venv` and a package index, nothing else.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "keras_motif"
WHEELS_ONLY = ["3.12", "3.13"]
LAST_LINES = 15  # of a failed command, to show

# What the sdist must hold besides the package, to be read, built and tested.
SDIST_FILES = ["README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "pyproject.toml"]
SDIST_FOLDERS = ["keras_motif", "tests", "docs", "examples", "benchmarks", "scripts"]

# The names that the README's first example takes for granted.
BEFORE_EXAMPLE = """
from importlib.resources import files

import keras

import keras_motif

assert "site-packages" in keras_motif.__file__, keras_motif.__file__
package = files("keras_motif")
for name in ["py.typed", "__init__.pyi", "report/templates/report.html.j2"]:
    assert package.joinpath(name).is_file(), name
keras.utils.set_random_seed(1)
train, valid, test = keras_motif.datasets.synthetic(1200, seed=1)
x, y = train[:2]
x_valid, y_valid = valid[:2]
x_test = test[0]
model = keras.Sequential([
    keras.Input((200, 4)),
    keras.layers.Conv1D(8, 19, padding="same", activation="exponential"),
    keras.layers.GlobalMaxPooling1D(),
    keras.layers.Dense(12, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy")
"""
PRINT_PLACE = "import keras_motif; print(keras_motif.__file__)"
AFTER_EXAMPLE = """
from pathlib import Path

for name in ["filters.meme", "matches.tsv", "logos.png", "report.html"]:
    assert Path("motifs", name).stat().st_size > 0, name
assert len(extractor.motifs) == 8
assert list(extractor.matches.columns[:2]) == ["Query_ID", "Target_ID"]
model.save("model.keras")
keras.saving.load_model("model.keras")
print(f"{len(extractor.motifs)} motifs, {len(extractor.matches)} matches")
"""
# Markers are read here for the Python that is asked about, since pip reads them for
# the one that runs it.
PRINT_REQUIREMENTS = """
import sys, zipfile
from importlib.metadata import PathDistribution
from packaging.requirements import Requirement

wheel, python = sys.argv[1:]
[info] = [p for p in zipfile.Path(wheel).iterdir() if p.name.endswith(".dist-info")]
target = {"python_version": python, "python_full_version": python + ".0", "extra": ""}
for text in PathDistribution(info).requires:
    requirement = Requirement(text)
    if requirement.marker is None or requirement.marker.evaluate(target):
        requirement.marker = None
        print(requirement)
"""


class CheckError(Exception):
    """A check found something wrong; its text says what."""


class Table:
    """Lines of check, result and detail, printed as they come."""

    def __init__(self) -> None:
        self.failed = False
        print(f"{'check':<28} {'result':<7} detail")
        print("-" * 78, flush=True)

    def add(self, check: str, do: Callable[[], str]) -> bool:
        """Run one check, print its line, and return whether it passed."""
        try:
            detail = do()
        except Exception as error:
            self.failed = True
            known = isinstance(error, CheckError)
            text = str(error) if known else traceback.format_exc()
            print(f"{check:<28} {'FAILED':<7}", flush=True)
            print("\n".join(f"    {line}" for line in text.splitlines()), flush=True)
            return False
        print(f"{check:<28} {'ok':<7} {detail}", flush=True)
        return True


def run(command: list[str | Path], *, cwd: Path | None = None) -> str:
    """Return what a command printed; raise CheckError with its last lines."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "KERAS_HOME"}
    }
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
        raise CheckError(f"exit code {done.returncode}: {command[0]} ...\n{last}")
    return done.stdout


def environment_in(folder: Path, python: str) -> Path:
    """Make an empty virtual environment; return its interpreter."""
    run([python, "-m", "venv", folder])
    interpreter = folder / "bin" / "python"
    run([interpreter, "-m", "pip", "install", "--quiet", "--upgrade", "pip"])
    return interpreter


def expect(condition: bool, message: str) -> None:
    """Raise CheckError with the message unless the condition holds."""
    if not condition:
        raise CheckError(message)


def files_below(folder: Path) -> set[str]:
    """Return the files of a folder of the checkout, relative to it, as they ship."""
    ignored = {"__pycache__", ".ipynb_checkpoints"}
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }


def build(tools: Path, dist: Path) -> tuple[Path, Path]:
    """Build the sdist, and from it the wheel; return (wheel, sdist)."""
    expect(
        not dist.exists() or not any(dist.iterdir()),
        f"{dist} must be empty, so that what is checked is what was built. Remove it.",
    )
    run([tools, "-m", "build", "--outdir", dist, ROOT], cwd=dist.parent)
    [wheel], [sdist] = dist.glob("*.whl"), dist.glob("*.tar.gz")
    return wheel, sdist


def check_version(wheel: Path, tag: str | None) -> str:
    """Check that every place that states the version states the same one."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    init = (PACKAGE / "__init__.py").read_text()
    citation = (ROOT / "CITATION.cff").read_text()
    changelog = (ROOT / "CHANGELOG.md").read_text()
    for place, text, pattern in [
        ("the wheel's name", wheel.name, rf"keras_motif-{re.escape(version)}-"),
        ("__init__.py", init, rf'^__version__ = "{re.escape(version)}"$'),
        ("CITATION.cff", citation, rf"^version: {re.escape(version)}$"),
        ("CHANGELOG.md", changelog, rf"^## \[{re.escape(version)}\] - "),
    ]:
        expect(
            re.search(pattern, text, re.MULTILINE) is not None,
            f"{place} doesn't state {version}, which pyproject.toml does.",
        )
    if tag is None:
        return f"{version} everywhere"
    expect(tag == f"v{version}", f"the tag is {tag}, the version {version}.")
    heading = rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$"
    dated = re.search(heading, changelog, re.MULTILINE)
    expect(dated is not None, f"CHANGELOG.md has no date for {version}. Write it.")
    expect(
        re.search(rf"^date-released: '?{dated[1]}'?$", citation, re.MULTILINE)
        is not None,
        f"CITATION.cff has no `date-released: {dated[1]}`, CHANGELOG.md's date.",
    )
    return f"{version} everywhere, tag {tag}, of {dated[1]}"


def check_wheel_files(wheel: Path) -> str:
    """Check that the wheel holds all files of the package and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    package = {f"keras_motif/{name}" for name in files_below(PACKAGE)}
    expect(package <= held, f"the wheel lacks {sorted(package - held)}")
    others = {name for name in held - package if ".dist-info/" not in name}
    expect(not others, f"the wheel holds what is not of the package: {sorted(others)}")
    expect(
        "keras_motif/py.typed" in held and any("/templates/" in name for name in held),
        "the wheel lacks py.typed or the report's templates",
    )
    expect(any(n.endswith("LICENSE") for n in held), "the wheel lacks the licence")
    return f"{len(package)} files, with py.typed, templates and licence"


def check_sdist_files(sdist: Path) -> str:
    """Check that the sdist holds what it takes to build, test and read it."""
    with tarfile.open(sdist) as archive:
        held = {member.name.split("/", 1)[1] for member in archive if member.isfile()}
    wanted = set(SDIST_FILES)
    for folder in SDIST_FOLDERS:
        wanted |= {f"{folder}/{name}" for name in tracked_below(folder)}
    expect(wanted <= held, f"the sdist lacks {sorted(wanted - held)}")
    return f"{len(held)} files, {len(wanted)} asked for"


def tracked_below(folder: str) -> set[str]:
    """Return a folder's files that git tracks or would; all of them without git."""
    if not (ROOT / ".git").exists():
        return files_below(ROOT / folder)
    listed = run(
        ["git", "ls-files", "-co", "--exclude-standard", folder], cwd=ROOT
    ).splitlines()
    return {n.removeprefix(f"{folder}/") for n in listed if (ROOT / n).is_file()}


def check_schemas(tools: Path) -> str:
    """Check the citation file, the workflows and Dependabot's file by their schemas."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    if not workflows:
        run_schema(tools, "citation-file-format", [ROOT / "CITATION.cff"])
        return "CITATION.cff; no workflows here"
    run_schema(tools, "citation-file-format", [ROOT / "CITATION.cff"])
    run_schema(tools, "github-workflows", workflows)
    run_schema(tools, "dependabot", [ROOT / ".github" / "dependabot.yml"])
    return f"CITATION.cff, {len(workflows)} workflows, dependabot.yml"


def run_schema(tools: Path, schema: str, files: list[Path]) -> None:
    """Validate YAML files by a schema that check-jsonschema ships."""
    module = [tools, "-m", "check_jsonschema", "--default-filetype", "yaml"]
    run([*module, "--builtin-schema", f"vendor.{schema}", *files])


def check_wheels_only(tools: Path, wheel: Path, python: str, folder: Path) -> str:
    """Check that every dependency comes as a wheel for a version of Python."""
    needed = run([tools, "-c", PRINT_REQUIREMENTS, wheel, python]).splitlines()
    command = [tools, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    run([*command, "--python-version", python, "--dest", folder, *needed])
    files = [path.name for path in folder.iterdir()]
    others = [name for name in files if not name.endswith(".whl")]
    expect(not others, f"not wheels: {others}")
    fimo = "with" if any(n.startswith("pymemesuite") for n in files) else "without"
    return f"{len(files)} wheels, {fimo} pymemesuite"


def check_quickstart(wheel: Path, python: str, folder: Path) -> str:
    """Install the wheel in an empty environment and run the README's first example."""
    interpreter = environment_in(folder / "environment", python)
    run([interpreter, "-m", "pip", "install", "--quiet", wheel])
    run([interpreter, "-m", "pip", "check"])
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        description = archive.read(name).decode()
    example = re.search(r"```python\n(.*?)```", description, re.DOTALL)
    expect(example is not None, "the wheel's description holds no Python example")
    program = folder / "quickstart.py"
    program.write_text(BEFORE_EXAMPLE + example[1] + AFTER_EXAMPLE)
    start = time.perf_counter()
    # Isolated: neither this folder nor PYTHON* variables lend the program a module.
    said = run([interpreter, "-I", program], cwd=folder).splitlines()[-1]
    seconds = time.perf_counter() - start
    run([folder / "environment" / "bin" / "keras-motif", "--version"], cwd=folder)
    return f"{said}, {seconds:.0f} s"


def check_sdist_tests(wheel: Path, sdist: Path, folder: Path, everything: bool) -> str:
    """Run the sdist's tests against the installed wheel, outside the checkout."""
    interpreter = folder / "environment" / "bin" / "python"
    run([interpreter, "-m", "pip", "install", "--quiet", f"{wheel}[test]"])
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [source] = [path for path in folder.glob("keras_motif-*") if path.is_dir()]
    chosen = [] if everything else ["-m", "not keras and not slow"]
    # The sdist's copy of the package would be imported before the wheel's.
    shutil.rmtree(source / "keras_motif")
    where = run([interpreter, "-c", PRINT_PLACE], cwd=source)
    expect("site-packages" in where, f"the tests would run against {where}")
    said = run([interpreter, "-m", "pytest", "-q", *chosen, "tests"], cwd=source)
    return said.splitlines()[-1].strip("= ")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--output", type=Path, help="keep what was built in this empty folder"
    )
    parser.add_argument("--tag", help="the tag to publish; the changelog needs a date")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        help="also run the example with this interpreter; may be repeated",
    )
    parser.add_argument(
        "--all-tests",
        action="store_true",
        help="run all of the sdist's tests, not only those without Keras",
    )
    return parser.parse_args()


def main() -> int:
    """Run every check; return the exit code."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="keras-motif-release-") as name:
        scratch = Path(name)
        tools = environment_in(scratch / "tools", sys.executable)
        group = f"{ROOT / 'pyproject.toml'}:release"
        run([tools, "-m", "pip", "install", "--quiet", "--group", group])
        dist = (arguments.output or scratch / "dist").resolve()
        return check_all(tools, dist, scratch, arguments)


def check_all(
    tools: Path, dist: Path, scratch: Path, arguments: argparse.Namespace
) -> int:
    """Print the table; return the exit code."""
    table = Table()
    built: list[Path] = []

    def build_both() -> str:
        built.extend(build(tools, dist))
        return ", ".join(f"{p.name} {p.stat().st_size / 1024:.0f} KiB" for p in built)

    if not table.add("build", build_both):
        return 1
    wheel, sdist = built
    table.add("version", lambda: check_version(wheel, arguments.tag))
    table.add(
        "twine check --strict",
        lambda: (
            run([tools, "-m", "twine", "check", "--strict", *built])
            and f"{len(built)} files"
        ),
    )
    table.add("files of the wheel", lambda: check_wheel_files(wheel))
    table.add("files of the sdist", lambda: check_sdist_files(sdist))
    table.add("schemas", lambda: check_schemas(tools))
    for python in WHEELS_ONLY:
        table.add(
            f"wheels only, Python {python}",
            lambda python=python: check_wheels_only(
                tools, wheel, python, scratch / f"wheels-{python}"
            ),
        )
    for number, python in enumerate([sys.executable, *arguments.python]):
        folder = scratch / f"example-{number}"
        folder.mkdir()
        print_version = "import platform; print(platform.python_version())"
        version = run([python, "-c", print_version]).strip()
        ran = table.add(
            f"example, Python {version}",
            lambda python=python, folder=folder: check_quickstart(
                wheel, python, folder
            ),
        )
        if ran and number == 0:
            table.add(
                "tests of the sdist",
                lambda folder=folder: check_sdist_tests(
                    wheel, sdist, folder, arguments.all_tests
                ),
            )
    return int(table.failed)


if __name__ == "__main__":
    sys.exit(main())
