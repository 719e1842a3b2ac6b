import random
import time

from features.diffs import MOST_CHARS, MOST_ROWS, Row, compare


def test_equal_texts_have_no_rows():
    diff = compare("a\nb\n", "a\nb\n")

    assert (diff.rows, diff.removed, diff.added) == ([], 0, 0)


def test_change_stands_between_three_lines_of_the_old_text():
    before = "".join(f"{number}\n" for number in range(1, 11))

    diff = compare(before, before.replace("5\n", "five\n"))

    assert diff.rows == [
        Row("gap", more=1),
        *(Row("same", str(number), number, number) for number in (2, 3, 4)),
        Row("removed", "5", 5, None),
        Row("added", "five", None, 5),
        *(Row("same", str(number), number, number) for number in (6, 7, 8)),
        Row("gap", more=2),
    ]
    assert (diff.removed, diff.added) == (1, 1)


def test_rows_hold_every_change_and_count_every_line():
    for seed in range(500):
        pick = random.Random(seed)
        old = [pick.choice("abcd") + "\n" for _ in range(pick.randint(0, 30))]
        new = [line for line in old if pick.random() > 0.1]
        for _ in range(pick.randint(0, 3)):
            new.insert(pick.randint(0, len(new)), pick.choice("xyz") + "\n")

        rows = compare("".join(old), "".join(new)).rows

        removed = {row.old for row in rows if row.kind == "removed"}
        added = {row.new for row in rows if row.kind == "added"}
        left = [line for number, line in enumerate(old, 1) if number not in removed]
        assert left == [line for number, line in enumerate(new, 1) if number not in added]
        counted = sum(row.more if row.kind == "gap" else row.kind != "added" for row in rows)
        assert counted == (len(old) if rows else 0)


def test_text_whose_paragraphs_all_changed_is_compared_in_no_time():
    # The blank lines between them are all alike: each would be tried against each, for every paragraph.
    before, after = ("".join(f"{word} {number}\n\n" for number in range(700)) for word in ("old", "new"))

    started = time.process_time()
    diff = compare(before, after)

    assert time.process_time() - started < 2
    assert 700 <= diff.removed == diff.added <= 1_400


def test_long_text_with_blank_lines_shows_only_what_changed():
    lines = [f"line {number}\n" if number % 2 else "\n" for number in range(1_400)]
    changed = [*lines[:3], "new\n", *lines[3:1_200], *lines[1_201:1_390], "other\n", *lines[1_390:]]

    diff = compare("".join(lines), "".join(changed))

    assert (diff.removed, diff.added) == (1, 2)


def test_largest_texts_are_compared_in_bounded_time_and_size():
    one, other = "x\ny\n" * 262_144, "y\nx\nz\n" * 174_762

    started = time.monotonic()
    diff = compare(one, other)

    assert time.monotonic() - started < 5
    assert len(diff.rows) == MOST_ROWS
    assert diff.left_out > 0
    assert compare("a" * 1_048_576, "b" * 1_048_576).rows[0].more == 1_048_576 - MOST_CHARS
