import inspect
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import warnings
from importlib.metadata import entry_points

import click
import h5py
import numpy as np
import pytest
from click.testing import CliRunner

import keras_motif as km
from keras_motif.cli import main
from keras_motif.cli.app import commands
from support.paths import ROOT

PROGRAM = [sys.executable, "-m", "keras_motif"]


def run(*args, cwd, stdin=None):
    """Run the program in a process of its own; text out, bytes in."""
    # As at a user's terminal, where no variable keeps TensorFlow quiet.
    known = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [*PROGRAM, *args],
        cwd=cwd,
        input=stdin,
        env=known,
        capture_output=True,
        timeout=300,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in done.stderr
    return done


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def error_of(done):
    """Return the error of a failed run, which is one line, the last."""
    last = done.stderr.rstrip().splitlines()[-1]
    assert last.startswith("Error: ")
    return last


def count(strings, word):
    return sum(text[start:].startswith(word) for text in strings for start in range(50))


# The commands, each in a process of its own.


def test_extracted_motifs_go_through_a_pipe_and_are_matched(folder, target, strings):
    program = shlex.join(PROGRAM)
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"set -o pipefail; {program} extract --trim model.keras seqs.fa "
            f"| {program} -q match - --db known.meme --min-bits 0.5 -o matches.tsv",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "2 filters, 1 of them with sites." in done.stderr
    assert "motifs match" not in done.stderr  # --quiet
    number = count(strings, target.consensus)
    motif = km.Motif(km.one_hot(target.consensus)[0], "filter0", num_sites=number)
    expected = km.motif_match(motif, str(folder / "known.meme"))
    assert target.name in expected["Target_ID"].tolist()
    km.write_matches(expected, folder / "expected.tsv")
    written = (folder / "matches.tsv").read_text()
    assert written == (folder / "expected.tsv").read_text()


def test_extract_reads_standard_input_and_writes_json_and_sites(
    folder, target, strings
):
    done = run(
        *("extract", "model.keras", "-", "--json", "--sites", "sites.tsv"),
        *("--reverse-complement", "--threshold-of", "achievable", "--layer", "0"),
        cwd=folder,
        stdin=(folder / "seqs.fa.gz").read_bytes(),
    )
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Read: filters: 2 filters of 10 bases, by the rules of Keras' layers.",
        "2 filters, 1 of them with sites.",
    ]
    alive, dead = json.loads(done.stdout)["motifs"]
    both = [*strings, *km.from_one_hot(km.reverse_complement(km.one_hot(strings)))]
    number = count(both, target.consensus)
    assert number >= 20
    assert (alive["name"], alive["num_sites"]) == ("filter0", number)
    assert alive["consensus"] == target.consensus
    np.testing.assert_array_equal(alive["frequencies"], km.one_hot(target.consensus)[0])
    assert (dead["num_sites"], sum(dead["information"])) == (0, 0)
    header, *rows = (folder / "sites.tsv").read_text().splitlines()
    columns = header.split("\t")
    assert columns[:3] == ["filter", "sequence", "sequence_name"]
    assert len(rows) == number
    site = dict(zip(columns, rows[0].split("\t"), strict=True))
    assert site["sequence_name"] == "s" + site["sequence"]


def test_extract_writes_sites_as_bed(folder, target, strings):
    done = run(
        *("extract", "model.keras", "seqs.fa.gz", "-o", "f.meme"),
        *("--sites", "sites.bed"),
        cwd=folder,
    )
    assert done.returncode == 0
    rows = [row.split("\t") for row in (folder / "sites.bed").read_text().splitlines()]
    assert len(rows) == count(strings, target.consensus)
    for name, start, end, filter_name, _, strand in rows:
        assert (filter_name, strand) == ("filter0", "+")
        assert strings[int(name[1:])][int(start) : int(end)] == target.consensus
    np.save(folder / "x.npy", km.one_hot(strings))
    done = run("extract", "model.keras", "x.npy", "--sites", "y.bed", cwd=folder)
    assert done.returncode == 2
    assert "only a FASTA file has" in error_of(done)


def test_custom_objects_load_when_their_module_is_imported(folder):
    refused = run("extract", "custom.keras", "seqs.fa", cwd=folder)
    assert refused.returncode == 1
    said = error_of(refused)
    assert "'mine>Registered' of cli_layers, 'Plain' of cli_layers" in said
    assert "'plain_activation'" in said
    assert "`--import cli_layers`" in said
    done = run(
        *(
            "extract",
            "--import",
            "cli_layers",
            "custom.keras",
            "data.h5",
            "-o",
            "custom.meme",
        ),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert len(km.read_meme(folder / "custom.meme").motifs) == 2


def test_a_model_that_holds_code_is_refused_and_the_code_not_run(folder):
    done = run("extract", "lambda.keras", "seqs.fa", "-o", "no.meme", cwd=folder)
    assert done.returncode == 1
    assert "lambda.keras: the model holds a Python lambda" in error_of(done)
    assert not (folder / "canary").exists()
    assert not (folder / "no.meme").exists()


def test_scan_tells_names_and_places_of_hits(folder, target, strings):
    pytest.importorskip("pymemesuite")
    args = ("scan", "known.meme", "-", "--threshold", "1e-5")
    stdin = (folder / "seqs.fa").read_bytes()
    done = run(*args, "--json", cwd=folder, stdin=stdin)
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert (content["num_motifs"], content["num_sequences"]) == (61, 40)
    hits = [hit for hit in content["hits"] if hit["motif_id"] == target.name]
    places = {(hit["sequence_name"], hit["start"]) for hit in hits}
    assert {(f"s{index}", 21) for index in range(1, 40, 2)} <= places
    expected = km.motif_scan(
        km.read_meme(folder / "known.meme"), strings, threshold=1e-5
    )
    scores = [hit["score"] for hit in content["hits"]]
    assert scores == expected["score"].tolist()


def test_report_writes_a_page_and_tells_the_relevant_shares(folder, target):
    dead = km.Motif(np.full((5, 4), 0.25), "dead", num_sites=0)
    km.write_meme([target, dead], folder / "two.meme")
    done = run(
        *("report", "two.meme", "--db", "known.meme", "--title", "Mine", "--json"),
        *("--relevant", "MAX=MA0058,MA0059", "-o", "report.html"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert (content["num_motifs"], content["num_matched"]) == (2, 1)
    assert content["fractions"] == {"any": 0.5, "relevant": 0.5, "coverage": 1.0}
    assert content["settings"]["threshold"] == 0.1
    said = "1 of 2 motifs has a convincing name. Tomtom alone: 1 match (evalue <= 0.1)."
    assert said in done.stderr
    assert content["num_named"] == 1
    share = km.shuffled_share(target, folder / "known.meme").convincing / 2
    assert content["shuffled"]["convincing"] == pytest.approx(share)
    assert f"{share:.3f} of them would have a convincing name" in done.stderr
    page = (folder / "report.html").read_text()
    assert "1 of 2 filters has a convincing name" in page
    assert "<title>Mine</title>" in page
    assert target.consensus in page


def test_match_tells_what_matches_are_worth(folder, target):
    flat = km.Motif(np.full((8, 4), 0.25), "flat", num_sites=500)
    spacer = np.full((20, 4), 0.25)
    spacer[[0, 19]] = np.eye(4)[[0, 1]]
    km.write_meme([target, flat], folder / "two.meme")
    known = km.read_meme(folder / "known.meme").motifs
    km.write_meme([*known, km.Motif(spacer, "spacer")], folder / "more.meme")
    args = ("match", "two.meme", "--db", "more.meme", "--shuffles", "0")
    counted = {}
    for verdict in ("convincing", "tomtom"):
        done = run(*args, "--verdict", verdict, "--json", cwd=folder)
        assert done.returncode == 0, done.stderr
        content = json.loads(done.stdout)
        assert (content["num_named"], content["num_matched"]) == (1, 2)
        assert content["shuffled"] is None
        counted[verdict] = content["fractions"]["any"]
        worth = {m["Query_ID"]: m["is_convincing"] for m in content["matches"]}
        assert (worth["flat"], worth[target.name]) == (False, True)
        assert "convincing name. Tomtom alone: 2 match" in done.stderr
    assert counted == {"convincing": 0.5, "tomtom": 1.0}
    tables = [run(*args, "--workers", n, cwd=folder).stdout for n in ("1", "3")]
    assert tables[0] == tables[1] != ""
    refused = run(*args, "--workers", "0", cwd=folder)
    assert (refused.returncode, "'--workers'" in refused.stderr) == (2, True)
    files = ("-o", "matches.tsv", "--support", "support.tsv")
    done = run(*args, *files, "--exclude", target.name, cwd=folder)
    assert done.returncode == 0, done.stderr
    for name in ("matches.tsv", "support.tsv"):
        rows = (folder / name).read_text().splitlines()
        ids = {row.split("\t")[1] for row in rows[1:] if "\t" in row}
        assert "spacer" in ids
        assert target.name not in ids


def test_matches_whose_ids_are_ambiguous_are_not_judged(folder, target):
    other = km.Motif(target.frequencies * 0.9 + 0.025, target.name)
    km.write_meme([target], folder / "one.meme")
    km.write_meme([other], folder / "other.meme")
    args = ("one.meme", "--db", "one.meme", "--db", "other.meme")
    done = run("match", *args, "--threshold", "1e9", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "can't be judged, since two targets have one id" in done.stderr
    done = run("match", *args, "--support", "s.tsv", "--threshold", "9", cwd=folder)
    assert done.returncode == 2
    assert "name one --db at a time" in done.stderr
    done = run("report", *args, "--threshold", "1e9", "-o", "page.html", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "was not judged" in (folder / "page.html").read_text()


def test_simulate_writes_the_data_of_the_seed(tmp_path):
    done = run(
        *("simulate", "--num-sequences", "20", "--length", "100", "--seed", "3"),
        *("-o", "data.h5", "--json"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["num_sequences"] == {"train": 14, "valid": 2, "test": 4}
    assert content["factors"][0] == "Arid3a"
    expected = km.datasets.synthetic(20, length=100, seed=3)
    with h5py.File(tmp_path / "data.h5") as file:
        x = file["X_train"][:].transpose(0, 2, 1)
    np.testing.assert_array_equal(x, expected.train.x)
    assert names_in(tmp_path) == ["data.h5"]


# Pipes, signals, errors.


def test_a_reader_that_closes_its_pipe_ends_the_program_quietly(tmp_path):
    program = shlex.join(PROGRAM)
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"{program} -q jaspar export JASPAR2016 | head -n 1; "
            "echo ${PIPESTATUS[0]}",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines() == ["MEME version 4", "141"]
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_an_interrupted_run_leaves_no_half_file(tmp_path, sent, code):
    (tmp_path / "data.h5").write_text("of an earlier run")
    # A parent that ignores SIGINT, as shells in the background do, would hand that on.
    heed = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    arguments = ["simulate", "--num-sequences", "20000", "--length", "400"]
    process = subprocess.Popen(
        [sys.executable, "-c", heed, *PROGRAM, *arguments, "-o", "data.h5"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    # The file is written under another name first.
    while process.poll() is None and len(names_in(tmp_path)) < 2:
        time.sleep(0.01)
    process.send_signal(sent)
    _, said = process.communicate(timeout=300)
    assert process.returncode == code
    assert "Traceback" not in said
    assert names_in(tmp_path) == ["data.h5"]
    assert (tmp_path / "data.h5").read_text() == "of an earlier run"


def test_failures_exit_with_1_and_wrong_usage_with_2(tmp_path):
    failed = run("match", "none.meme", cwd=tmp_path)
    assert failed.returncode == 1
    assert "none.meme: no such file, nor a known database" in error_of(failed)
    wrong = run("match", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "Missing argument 'MOTIFS'" in error_of(wrong)


# Details, in this process.


def walk(command, name=()):
    """Yield every command with its names."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for key in command.list_commands(context):
            yield from walk(command.get_command(context, key), (*name, key))
    else:
        yield name, command


COMMANDS = dict(walk(commands))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples(name):
    shown = CliRunner().invoke(commands, [*name, "--help"], prog_name="keras-motif")
    assert shown.exit_code == 0
    assert "Examples:\n  keras-motif " in shown.output.replace("    keras", "  keras")
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.name == "title" or parameter.help


def examples():
    """Yield every call of the program that the help and the guide show."""
    guide = ROOT / "docs" / "command-line.md"
    texts = [command.epilog for command in [commands, *COMMANDS.values()]]
    for line in "\n".join([*texts, guide.read_text()]).splitlines():
        if re.match(r"(  |\$ )[a-z]", line):
            for part in re.split("[|>]", line.removeprefix("$ ")):
                words = shlex.split(part)
                if words[0] == "keras-motif" and "COMMAND" not in words:
                    yield words[1:]


@pytest.mark.parametrize("words", list(examples()), ids=" ".join)
def test_examples_can_be_given_as_they_stand(words):
    command = commands
    while isinstance(command, click.Group):
        words = [word for word in words if word != "--quiet"]
        command = command.get_command(click.Context(command), words.pop(0))
    command.make_context(command.name, words)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("extract", km.extract_motifs),
        ("run", km.FilterMotifExtractor),
        ("match", km.motif_match),
        ("report", km.motif_match),
        ("report", km.write_report),
        ("scan", km.motif_scan),
        ("simulate", km.datasets.synthetic),
    ],
)
def test_defaults_are_those_of_the_library(name, function):
    command = COMMANDS[(name,)]
    arguments = [p.name for p in command.params if isinstance(p, click.Argument)]
    options = command.make_context(name, [*arguments, "--output", "-"]).params
    known = inspect.signature(function).parameters
    shared = (options.keys() & known.keys()) - set(arguments)
    assert shared
    for key in shared:
        default = known[key].default
        assert options[key] == default or (not options[key] and not default)


def test_every_option_of_an_extraction_can_be_given():
    # Files end, so that nothing limits how much of a stream is read.
    left_out = {"progress", "max_streamed"}
    wanted = set(inspect.signature(km.extract_motifs).parameters) - left_out
    assert wanted <= {parameter.name for parameter in COMMANDS[("extract",)].params}
    wanted -= {"compat", "trim"}  # the callback always trims
    assert wanted <= {parameter.name for parameter in COMMANDS[("run",)].params}


@pytest.mark.parametrize(
    ("args", "layer", "field"),
    [
        (["--unknown", "0.25"], None, None),
        ([], None, None),
        (["--layer", "a"], "a", None),
        (["--layer", "a", "--layer", "-1"], ["a", -1], None),
        (["--layer", "2", "--receptive-field", "-3,7"], 2, (-3, 7)),
        (["--receptive-field", "0,7,2"], None, (0, 7, 2)),
    ],
)
def test_layers_and_their_field_are_told_from_text(args, layer, field):
    command = COMMANDS[("extract",)]
    options = command.make_context("extract", ["m", "s", *args]).params
    assert (options["layer"], options["receptive_field"]) == (layer, field)
    assert options["unknown"] == (0.25 if "--unknown" in args else None)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["match", "-", "--db", "-"], "can stand for one input only"),
        (["scan", "-", "-"], "can stand for one input only"),
        (["report", "m.meme", "-o", "-", "--json"], "--json needs standard output"),
        (["simulate", "-o", "-", "--json"], "--json needs standard output"),
        (["simulate"], "Missing option '--output'"),
        (["simulate", "-o", "missing/data.h5"], "the folder 'missing' does not exist"),
        (["simulate", "-o", "."], "'.' is a folder"),
        (["extract", "m", "s", "--sites", "-"], "Only one of --output and --sites"),
        (["extract", "m", "s", "--select", "none"], "'none' is not one of"),
        (["extract", "m", "s", "--receptive-field", "0,x"], "expected START,SIZE or"),
    ],
)
def test_wrong_usage_is_told_before_any_work(args, said):
    shown = CliRunner().invoke(commands, args)
    assert shown.exit_code == 2
    assert said in shown.output


@pytest.mark.parametrize(
    ("database", "options", "both"),
    [
        ("rna.meme", [], False),
        ("rna.meme", ["--both-strands"], True),
        ("known.meme", [], True),
        ("known.meme", ["--one-strand"], False),
    ],
)
def test_the_strands_are_those_of_the_alphabet_or_as_told(
    database, options, both, folder
):
    known = km.read_meme(folder / "known.meme").motifs
    km.write_meme(known, folder / "rna.meme", alphabet="ACGU")
    turned = [known[-1].reverse_complement()]
    km.write_meme(turned, folder / "turned.meme")
    args = ["match", str(folder / "turned.meme"), "--db", str(folder / database)]
    shown = CliRunner().invoke(commands, ["-q", *args, "--json", *options])
    assert shown.exit_code == 0, shown.output
    content = json.loads(shown.stdout)
    assert content["settings"]["reverse_complement"] is both
    own = [row for row in content["matches"] if row["Target_ID"] == known[-1].name]
    assert any(row["Orientation"] == "-" for row in own) is both


def test_a_report_of_rna_has_its_letters(folder):
    known = km.read_meme(folder / "known.meme").motifs[:8]
    km.write_meme(known, folder / "few.meme", alphabet="ACGU")
    page = folder / "rna.html"
    path = str(folder / "few.meme")
    args = ["-q", "report", path, "--db", path, "-o", str(page)]
    shown = CliRunner().invoke(commands, args)
    assert shown.exit_code == 0, shown.output
    assert 'href="#base-U"' in page.read_text()


def test_scan_searches_rna_on_one_strand_unless_told(folder):
    pytest.importorskip("pymemesuite", reason="has no wheel for this Python or system")
    word = km.Motif(np.eye(4)[[2, 0, 3, 0]], "GATA")
    km.write_meme([word], folder / "gata.meme", alphabet="ACGU")
    (folder / "word.fa").write_text(">s\nGATATC\n")
    args = ["scan", str(folder / "gata.meme"), str(folder / "word.fa")]
    for options, strands in (([], ["+"]), (["--both-strands"], ["+", "-"])):
        words = ["-q", *args, "--threshold", "0.01", "--json", *options]
        shown = CliRunner().invoke(commands, words)
        assert [hit["strand"] for hit in json.loads(shown.stdout)["hits"]] == strands


def test_errors_are_one_line_and_debug_raises_them(folder):
    text = folder / "text.meme"
    text.write_text("MEME version 4\n")
    shown = CliRunner().invoke(commands, ["match", str(text)])
    assert shown.exit_code == 1
    assert shown.output.count("\n") == 1
    with pytest.raises(ValueError, match="text.meme"):
        CliRunner().invoke(
            commands, ["--debug", "match", str(text)], catch_exceptions=False
        )


def test_a_library_warning_is_one_line_on_standard_error(folder, capfd, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own
    shutil.copyfile(folder / "known.meme", folder / "twice.meme")
    motif = (folder / "known.meme").read_text().split("MOTIF ")[1]
    with (folder / "twice.meme").open("a") as file:
        file.write("\nMOTIF " + motif)
    with pytest.raises(SystemExit) as ended, warnings.catch_warnings():
        warnings.simplefilter("always")
        main(["-q", "match", str(folder / "twice.meme"), "-o", os.devnull])
    assert not ended.value.code
    said = capfd.readouterr().err
    assert said.startswith("Warning: ")
    assert said.count("\n") == 1


def test_list_and_export_give_the_releases_and_their_motifs(tmp_path):
    shown = CliRunner().invoke(commands, ["jaspar", "list"])
    assert shown.output.splitlines() == km.jaspar_releases()
    shown = CliRunner().invoke(commands, ["jaspar", "list", "--json"])
    assert json.loads(shown.output) == {"releases": km.jaspar_releases()}
    args = ["-q", "jaspar", "export", "JASPAR2016", "--tax-group", "all", "-o"]
    for name in ("all.meme", "all.meme.gz"):
        shown = CliRunner().invoke(commands, [*args, str(tmp_path / name)])
        assert shown.output == ""
        expected = km.load_jaspar("JASPAR2016", tax_group=None)
        assert km.read_meme(tmp_path / name).motifs == expected


def test_what_is_no_regular_file_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["bash", "-c", f"cat {pipe} > {tmp_path}/copy"]) as reader:
        args = ["jaspar", "export", "JASPAR2016", "-o", str(pipe)]
        assert CliRunner().invoke(commands, args).exit_code == 0
        reader.wait(timeout=60)
    assert pipe.is_fifo()
    copied = km.read_meme(tmp_path / "copy").motifs
    assert copied == km.load_jaspar("JASPAR2016")


def test_the_console_script_is_this_program():
    (script,) = entry_points(group="console_scripts", name="keras-motif")
    assert script.load() is main


def test_relevant_exclude_and_releases_are_named_as_in_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {motif.alt_name: motif for motif in km.load_jaspar("JASPAR2016")}
    km.write_meme([known["CTCF"], known["SRF"]], "two.meme")
    words = ["-q", "match", "two.meme", "--database", "jaspar2016", "--json"]
    words += ["--shuffles", "0", "--relevant", "ctcf", "--relevant", "IRF1"]
    shown = json.loads(CliRunner().invoke(commands, words).output)
    assert shown["fractions"] == {"any": 1.0, "relevant": 0.5, "coverage": 0.5}
    without = CliRunner().invoke(commands, [*words, "--exclude", "Srf"])
    assert json.loads(without.output)["fractions"]["any"] == 0.5
    unknown = CliRunner().invoke(commands, ["match", "two.meme", "--relevant", "CTFC"])
    assert "None of these is one: CTFC" in unknown.output


def test_databases_are_added_listed_and_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_MOTIF_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    known = km.load_jaspar("JASPAR2016")[:60]
    km.write_meme(known, "sixty.meme")
    said = CliRunner().invoke(
        commands, ["database", "add", "sixty.meme", "--name", "Sixty", "--json"]
    )
    assert json.loads(said.stdout)["num_motifs"] == 60
    assert "Sixty: 60 motifs." in said.stderr
    listed = CliRunner().invoke(commands, ["database", "list"]).output.splitlines()
    assert listed[0].split("  ")[:2] == ["Sixty", "60 motifs"]
    assert listed[1:] == km.jaspar_releases()
    shown = CliRunner().invoke(commands, ["database", "list", "--json"]).output
    assert json.loads(shown)["added"][0]["source"].endswith("sixty.meme")
    words = ["-q", "match", "sixty.meme", "--shuffles", "0", "--db"]
    by_name = CliRunner().invoke(commands, [*words, "sixty"])
    assert by_name.exit_code == 0
    assert by_name.output == CliRunner().invoke(commands, [*words, "sixty.meme"]).output
    assert CliRunner().invoke(commands, ["database", "remove", "SIXTY"]).exit_code == 0
    gone = CliRunner().invoke(commands, [*words, "sixty"])
    assert "keras-motif database add FILE --name NAME" in gone.output
