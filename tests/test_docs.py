"""Every snippet of the README and the docs runs, and every public name has an API page.

Blocks marked `python` run in the page's order, in one namespace and one folder; a block
marked `text` right behind one is what that one prints. Blocks marked `console` run the
commands that begin with `$`. All start from a small trained network and its data:
`model`, `x`, `y`, `x_valid`, `y_valid`, `x_test`, `y_test`, `motifs`. In a page,

    <!-- setup
    some_file = ...
    -->

is Python that its snippets need and readers don't, and `<!-- not run: why -->` before a
block leaves it out. Trainings and simulations are cut short, see `small`.
"""

import contextlib
import io
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import keras
import numpy as np
import pytest
from click.testing import CliRunner

import keras_motif as km
from keras_motif.cli.app import commands
from support.paths import PACKAGE, ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
# Pages whose snippets take more than a few seconds.
SLOW = {"activations.md", "filter-profiles.md", "matching.md"}
# Pages that scan sequences, by a package that not every platform has.
SCANNING = {"command-line.md", "scanning.md"}
PIECE = re.compile(
    r"^<!-- setup\n(?P<setup>.*?)^-->$"
    r"|^<!-- not run:(?P<reason>.*?)-->$"
    r"|^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
# No command of theirs can run here, or none is in them.
NOT_CODE = {"text", "toml", "yaml"}

runs_here = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the docs use the default backend"
)


class Block(NamedTuple):
    """A piece of a page: what it is, its text, its first line, and why it isn't run."""

    language: str
    code: str
    line: int
    reason: str | None = None


def blocks_of(text):
    """Yield the blocks of a page, those of its set-up among them."""
    reason, end = None, 0
    for piece in PIECE.finditer(text):
        if text[end : piece.start()].strip():
            reason = None
        end = piece.end()
        if piece["reason"] is not None:
            reason = piece["reason"].strip()
            continue
        group = "setup" if piece["setup"] is not None else "code"
        line = text.count("\n", 0, piece.start(group)) + 1
        indent = piece["indent"] or ""
        code = re.sub(f"^{indent}", "", piece[group], flags=re.MULTILINE)
        language = "python" if group == "setup" else piece["language"]
        yield Block(language, code, line, reason)
        reason = None


def is_behind(text, block, previous):
    """Whether nothing but blank lines stands between two blocks."""
    lines = text.splitlines()
    first = previous.line + previous.code.count("\n")
    return not "".join(lines[first : block.line - 2]).strip()


def run_python(page, block, names):
    """Run a block and return what it prints; line numbers are those of the page."""
    code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def run_stage(words, given):
    """Run one program of a pipe and return its standard output.

    `keras-motif` runs within this process: every start of the backend takes seconds.
    """
    if words[0] == "keras-motif":
        done = CliRunner().invoke(commands, words[1:], input=given)
        assert done.exit_code == 0, f"{shlex.join(words)}: {done.output}"
        return done.stdout_bytes
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        words,
        input=given or b"",
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PATH": path},
    )
    return done.stdout


def run_console(block):
    """Run the commands of a block: pipes, and a file for the output."""
    for command in re.findall(r"^\$ (.*)$", block.code, re.MULTILINE):
        lexer = shlex.shlex(command, posix=True, punctuation_chars="|>")
        lexer.whitespace_split = True
        output, stage = b"", []
        words = list(lexer)
        target = words.pop() if ">" in words else None
        for word in [*(word for word in words if word != ">"), "|"]:
            if word == "|":
                output, stage = run_stage(stage, output), []
            else:
                stage.append(word)
        if target:
            Path(target).write_bytes(output)


def stripped(text):
    return [" ".join(line.split()) for line in text.strip().splitlines()]


@pytest.fixture(scope="module")
def network():
    """Data, and a network whose filters are motifs, as after a long training."""
    data = km.datasets.synthetic(600, seed=5)
    inputs = keras.Input((200, 4))
    maps = keras.layers.Conv1D(
        4, 19, padding="same", use_bias=False, name="first_convolution"
    )(inputs)
    maps = keras.layers.Activation("exponential", name="first_activation")(maps)
    maps = keras.layers.MaxPooling1D(25)(maps)
    maps = keras.layers.Conv1D(
        8, 3, padding="same", activation="relu", name="second_convolution"
    )(maps)
    outputs = keras.layers.Dense(12, activation="sigmoid")(keras.layers.Flatten()(maps))
    model = keras.Model(inputs, outputs)
    kernel = np.zeros((19, 4, 4))
    implanted = km.datasets.implanted_motifs()
    for index, factor in enumerate(("SRF", "MAX", "FOSL1", "STAT1")):
        frequencies = implanted[factor].frequencies[:19]
        kernel[: len(frequencies), :, index] = np.log((frequencies + 0.05) / 0.3) / 3
    model.get_layer("first_convolution").set_weights([kernel])
    return model, data, km.extract_motifs(model, data.test.x)


@pytest.fixture
def names(network):
    """What every page starts with."""
    model, data, motifs = network
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile("adam", "binary_crossentropy")
    found = {"model": copy, "motifs": list(motifs), "__name__": "__main__"}
    for suffix, split in {
        "": data.train,
        "_valid": data.valid,
        "_test": data.test,
    }.items():
        found[f"x{suffix}"], found[f"y{suffix}"] = split.x, split.y
    return found


@pytest.fixture
def small(monkeypatch):
    """Trainings of one step an epoch, three epochs at most; simulations of 600."""
    fit, synthetic = keras.Model.fit, km.datasets.synthetic

    def short_fit(self, x, y=None, *args, epochs=1, **options):
        self.run_eagerly = True
        if y is None:  # a data set of Keras
            return fit(self, x, steps_per_epoch=1, **options)
        return fit(self, x[:20], y[:20], *args, epochs=min(epochs, 3), **options)

    def few(num_sequences=600, **options):
        return synthetic(min(num_sequences, 600), **options)

    monkeypatch.setattr(keras.Model, "fit", short_fit)
    monkeypatch.setattr(km.datasets, "synthetic", few)


@runs_here
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow if page.name in SLOW else ())
        for page in PAGES
    ],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_snippets_of_a_page_run(page, names, small, tmp_path, monkeypatch, own_modules):
    if page.name in SCANNING:
        pytest.importorskip("pymemesuite", reason="FIMO")
    monkeypatch.chdir(tmp_path)
    # Empty is as if it were not set; a page may set it, until its end.
    monkeypatch.setenv("KERAS_MOTIF_CACHE", os.environ.get("KERAS_MOTIF_CACHE", ""))
    text = page.read_text()
    previous, printed = None, ""
    for block in blocks_of(text):
        if block.reason is not None:
            continue
        if block.language == "python":
            printed = run_python(page, block, names)
        elif block.language == "console":
            run_console(block)
        elif block.language == "text" and previous and is_behind(text, block, previous):
            assert stripped(printed) == stripped(block.code), f"line {block.line}"
        previous = block if block.language == "python" else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_say_what_they_are_or_why_they_are_not_run(page):
    for block in blocks_of(page.read_text()):
        if block.reason is None:
            known = {"python", "console", *NOT_CODE}
            assert block.language in known, f"line {block.line}"
        else:
            assert len(block.reason.split()) > 1, f"line {block.line}: say why"


def test_blocks_are_found_with_their_lines():
    text = "\n".join(
        [
            "<!-- setup",
            "a = 1",
            "-->",
            "<!-- not run: no such file -->",
            "",
            "```python",
            "b",
            "```",
            "text",
            "  ```console",
            "  $ c | d",
            "  ```",
        ]
    )
    assert list(blocks_of(text)) == [
        Block("python", "a = 1\n", 2),
        Block("python", "b\n", 7, "no such file"),
        Block("console", "$ c | d\n", 11),
    ]


def test_console_blocks_run_pipes_and_write_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_console(Block("console", "$ echo 'a b' | tr a c > out.txt  # note\nx\n", 1))
    assert (tmp_path / "out.txt").read_text() == "c b\n"


def documented():
    """Yield the names that the API pages show: directives, and members of modules."""
    directive = re.compile(r"^::: (\S+)\n((?:    .*\n|\n(?=    ))*)", re.MULTILINE)
    for page in sorted((DOCS / "api").glob("*.md")):
        for name, options in directive.findall(page.read_text()):
            yield name
            for member in re.findall(r"^ +- (\w+)$", options, re.MULTILINE):
                yield f"{name}.{member}"


def test_every_public_name_has_its_place_in_the_api_pages():
    places = [pkgutil.resolve_name(name) for name in documented()]
    values = [getattr(km, name) for name in km.__all__]
    public = [value for value in values if isinstance(value, ModuleType)]
    missing = [
        f"{module.__name__}.{name}"
        for module in [km, *public]
        for name in module.__all__
        if not any(getattr(module, name) is place for place in places)
    ]
    assert missing == []


def test_no_name_is_documented_twice():
    shown = list(documented())
    assert sorted(shown) == sorted(set(shown))


def test_every_page_has_its_place_in_the_navigation():
    settings = (ROOT / "mkdocs.yml").read_text()
    navigation = re.findall(r"^ +- (?:\w+: )?([\w/-]+\.md)$", settings, re.MULTILINE)
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")]
    assert sorted(navigation) == sorted(pages)


def test_every_room_has_its_row_in_the_design():
    modules = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py"}
    modules |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    named = set(re.findall(r"`(\w+)`", (DOCS / "design.md").read_text()))
    assert modules - {"__init__", "__main__"} - named == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_into_the_repository_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text()):
        assert (ROOT / target).exists(), target
