import pytest

from agents import code_checks
from agents.filemap import FileMap, Refused, notes_on
from agents.stack import MAX_FILE_BYTES, kind_of
from tests.agents.answers import CODE, TEST_CODE
from tests.factories import PLAN, SPEC, TESTS

GOOD = CODE | TEST_CODE


def problems(files, *, blocking=True):
    found = code_checks.of_code(files, spec=SPEC, plan=PLAN, index=TESTS)
    return [problem.sentence() for problem in found if problem.blocking == blocking]


def main_with(text):
    return GOOD | {"src/main.ts": CODE["src/main.ts"] + text}


def test_good_code_has_no_problem():
    assert code_checks.of_code(GOOD, spec=SPEC, plan=PLAN, index=TESTS) == []


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({path: GOOD[path] for path in GOOD if path != "src/main.ts"}, "src/main.ts: this planned file is missing."),
        (GOOD | {"src/more.ts": "x"}, "src/more.ts: this file is not in the plan."),
        (GOOD | {"test/app.test.ts": "// CT1"}, "test/app.test.ts: the test CT2 is missing."),
        (main_with("// ... rest of the file\n"), "src/main.ts: It holds a placeholder in line 5: write whole files."),
        (main_with("<<<<<<< ours\n"), "src/main.ts: It holds a merge mark in line 5."),
        (main_with("\u2066\n"), "src/main.ts: It holds characters that turn the direction of reading: remove them."),
        (main_with(f"// sk-ant-{'x' * 20}\n"), "src/main.ts, line 5: it holds what looks like a secret key."),
        (main_with("-----BEGIN RSA PRIVATE KEY-----"), "src/main.ts, line 5: it holds what looks like a secret key."),
        (main_with("import a from 'express';\n"), "src/main.ts, line 5: the import express leads nowhere."),
        (main_with("const u = '// x'; export * from './b';"), "src/main.ts, line 5: the import ./b leads nowhere."),
        (main_with("/* a\n b */ import a from './b';\n"), "src/main.ts, line 6: the import ./b leads nowhere."),
        (main_with("import a from '@x/y/z';\n"), "src/main.ts, line 5: the import @x/y/z leads nowhere."),
        (main_with("export * from '../../x.js';\n"), "src/main.ts, line 5: the import ../../x.js leads nowhere."),
        (main_with("const a = await import('./b.js');\n"), "src/main.ts, line 5: the import ./b.js leads nowhere."),
        (main_with("import {\n  a,\n} from './b.js';\n"), "src/main.ts, line 7: the import ./b.js leads nowhere."),
        (
            GOOD | {"package.json": '{"scripts": {"postinstall": "x"}}'},
            "package.json: the script postinstall runs during installation.",
        ),
        (
            GOOD | {"package.json": '{"devDependencies": {"left-pad": "1"}}'},
            "package.json: the package left-pad is not allowed.",
        ),
    ],
)  # fmt: skip
def test_problem_blocks_and_names_its_place(files, sentence):
    assert problems(files) == [sentence]


def test_broken_json_blocks():
    assert problems(GOOD | {"package.json": "{"})[0].startswith("package.json: It is not valid JSON")


@pytest.mark.parametrize(
    "text",
    [
        "import { main } from './main.js';\n",
        "import { main } from './main';\n",
        "import '../src/main.ts';\n",
        "import data from '../package.json' with { type: 'json' };\n",
        "import fs from 'fs';\nimport ts from 'typescript';\n",
        "const all = [...rest];\nfunction f(...args: string[]) {}\n",
        "// for the rest of the day\n",
        "// import the members from 'members.csv'\n",
        "/* was:\nimport { a } from './gone.js';\n*/\n",
        "const a = 'http://x'; // import b from './b.js'\n",
    ],
)
def test_ordinary_code_is_left_alone(text):
    assert problems(main_with(text)) == []


def test_lost_import_of_a_test_is_told_and_does_not_block():
    files = GOOD | {"test/app.test.ts": TEST_CODE["test/app.test.ts"] + "import './lost.js';\n"}

    assert problems(files) == []
    assert problems(files, blocking=False) == [
        "test/app.test.ts, line 2: the import ./lost.js leads nowhere."
    ]


def test_only_tsconfig_files_may_hold_comments():
    commented = "{\n// ... rest of the code\n}"
    notes = code_checks._of_file

    assert notes("config/tsconfig.base.json", "{ // strict\n}") == []
    assert len(notes("src/tsconfig-reader.ts", commented)) == 1
    assert len(notes("src/data.json", commented)) == 2


def test_criterion_that_no_file_names_is_told_and_does_not_block():
    files = GOOD | {"src/main.ts": "// R1 AC1.1\n"}

    assert problems(files) == []
    assert problems(files, blocking=False) == [": no file names AC1.2 in a comment."]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("test/app.test.ts", "test"),
        ("src/tests/a.ts", "test"),
        ("package.json", "config"),
        ("tsconfig.build.json", "config"),
        (".gitignore", "config"),
        ("README.md", "doc"),
        ("docs/use.md", "doc"),
        ("src/main.ts", "source"),
        ("db/schema.sql", "source"),
    ],
)
def test_kind_follows_the_path(path, kind):
    assert kind_of(path) == kind


def test_file_map_lists_what_is_missing_in_the_plans_order():
    tree = FileMap(planned=["b.ts", "a.ts"], files={"a.ts": "x"}, readonly={"test/t.ts": "y"})

    assert tree.missing() == ["b.ts"]
    assert tree.listing() == "a.ts (1 bytes)\ntest/t.ts (read only)\nb.ts MISSING"
    assert FileMap(planned=[]).listing() == "There are no files."


def test_file_map_refuses_sizes_over_the_limits():
    tree = FileMap(planned=["a.ts", *(f"f{n}.ts" for n in range(40))])

    with pytest.raises(Refused, match="at most 61440") as raised:
        tree.write("a.ts", "x" * (MAX_FILE_BYTES + 1))
    assert raised.value.code == "too_large"
    for n in range(34):
        tree.write(f"f{n}.ts", "x" * MAX_FILE_BYTES)
    with pytest.raises(Refused, match="all files together"):
        tree.write("f34.ts", "x" * MAX_FILE_BYTES)
    with pytest.raises(Refused, match="would be empty"):
        tree.write("a.ts", " \n")


def test_file_map_refuses_the_201st_file():
    tree = FileMap(planned=[f"f{n}.ts" for n in range(201)])
    for n in range(200):
        tree.write(f"f{n}.ts", "x")

    with pytest.raises(Refused, match="there are 200 files already"):
        tree.write("f200.ts", "x")


def test_file_map_edits_exactly_one_place():
    tree = FileMap(planned=["a.ts"], files={"a.ts": "one two two"})

    assert tree.edit("a.ts", "one", "three") == []
    assert tree.files["a.ts"] == "three two two"
    for old, times in (("two", 2), ("nine", 0), ("", 0)):
        with pytest.raises(Refused, match=f"stands {times} times"):
            tree.edit("a.ts", old, "x")


def test_file_map_cleans_what_no_storage_takes():
    tree = FileMap(planned=["a.ts"])
    tree.write("a.ts", "a\x00b\ud800")

    assert tree.files["a.ts"] == "ab\ufffd"


def test_notes_name_what_is_plainly_wrong():
    assert notes_on("a.json", "{")[0].startswith("It is not valid JSON: ")
    assert notes_on("a.ts", "x\n// … existing code\n") == [
        "It holds a placeholder in line 2: write whole files."
    ]
    assert notes_on("a.ts", "// TODO: implement\n") == [
        "It holds a placeholder in line 1: write whole files."
    ]
    assert notes_on("a.ts", "const rest = [...items];\n") == []
