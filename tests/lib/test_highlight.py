import re

from buildpractical.lib.highlight import MAX_CHARS, code_table


def test_code_table_numbers_lines_in_a_column_of_their_own():
    html = code_table("const a = 1;\n\nexport { a };\n", "src/a.ts")

    numbers = re.search(r'<td class="linenos">(.*?)</td>', html, re.DOTALL)[1]
    assert re.findall(r"\d+", numbers) == ["1", "2", "3"]
    assert '<span class="kd">const</span>' in html
    assert "style=" not in html


def test_code_table_escapes_markup_of_every_kind():
    text = "<script>alert(1)</script>"

    for path in ("a.html", "a.unknown", "README", "a.ts", "a.json"):
        assert "<script" not in code_table(text, path)


def test_code_table_shows_long_files_plain():
    html = code_table("const a = 1;\n" * (MAX_CHARS // 10), "a.ts")

    assert 'class="kd"' not in html
    assert "const a = 1;" in html
