import posixpath
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildpractical.lib.safepath import PathError, safe_path, without_duplicate

GOOD = [
    "package.json",
    "src/main.ts",
    ".gitignore",
    "src/.gitignore",
    "src/pages/[id].tsx",
    "a b/c (1).txt",
    "a" * 100,
    "/".join(["a"] * 12),
    "src/console.ts",
    "src/common.ts",
    "x/@scope/y+z=1,2.txt",
]
BAD = [
    *(
        "",
        "/",
        "/etc/passwd",
        "//host/share",
        "a//b",
        "a/",
        "./a",
        "a/./b",
        "../a",
        "a/../b",
        "a/..",
        "..",
        ".",
    ),
    *(
        "C:\\x",
        "C:/x",
        "a\\b",
        "..\\..\\x",
        "a:b",
        "a|b",
        "a?b",
        "a*b",
        'a"b',
        "a<b",
        "a>b",
        "a;b",
        "a&b",
        "a$b",
    ),
    *(
        "a\x00b",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x7fb",
        "a\u202eb",
        "é.txt",
        "a/\u2024\u2024/b",
        "\uff0e\uff0e/x",
        "a\u2215b",
    ),
    *("%2e%2e/x", "..%2fx", "%00", "~root/x", "`x`", "a'b", "a!b", "a{b}", "a#b"),
    *(".env", "src/.env", ".npmrc", ".github/workflows/test.yml", ".gitignore2", ".Gitignore", "...a"),
    *(".git/config", "a/.git", ".GIT/x", "node_modules/x", "a/Node_Modules/b"),
    *("con", "CON.txt", "aux.ts", "src/nul", "com1", "lpt9.log", "prn.a.b", "com0.ts", "con .txt"),
    *(" a", "a ", "a/ b", "a /b", "-rf", "a/-x", "a.", "a./b", "a..", "..."),
    *("a" * 101, "/".join(["a"] * 13), "/".join(["abcdefghij" * 5] * 4) + "a"),
]


@pytest.mark.parametrize("path", GOOD)
def test_safe_path_returns_the_path_when_it_is_safe(path):
    assert safe_path(path) == path


@pytest.mark.parametrize("path", BAD)
def test_safe_path_raises_when_the_path_is_not_safe(path):
    with pytest.raises(PathError):
        safe_path(path)


@pytest.mark.parametrize("value", [None, 3, b"a", ["a"], {"a": 1}])
def test_safe_path_raises_when_it_is_no_text(value):
    with pytest.raises(PathError, match="not a text"):
        safe_path(value)


@given(st.text(max_size=220) | st.text(alphabet="./\\ aA-:\x00%~", max_size=40))
def test_safe_path_never_lets_a_path_escape(path):
    try:
        safe = safe_path(path)
    except PathError:
        return

    assert posixpath.normpath(f"/base/{safe}") == f"/base/{safe}"
    assert set(safe) <= set(string.ascii_letters + string.digits + " _@()[]+,=.-/")
    assert all(segment and segment.strip(" .") for segment in safe.split("/"))
    assert len(safe) <= 200


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("src/Main.ts", "src/main.ts"),
        ("SRC/other.ts", "src/main.ts"),
        ("src", "src/main.ts"),
        ("src/main.ts/x", "src/main.ts"),
        ("Src/Main.ts/x", "src/main.ts"),
    ],
)
def test_without_duplicate_raises_when_another_system_could_not_hold_both(path, other):
    with pytest.raises(PathError):
        without_duplicate(path, [other])


def test_without_duplicate_returns_the_path_when_it_is_new_or_the_very_same():
    others = ["src/main.ts", "src/pages/a.ts"]

    assert without_duplicate("src/main.ts", others) == "src/main.ts"
    assert without_duplicate("src/pages/b.ts", others) == "src/pages/b.ts"
