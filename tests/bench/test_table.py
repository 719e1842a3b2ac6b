from tests.bench.table import Figure, as_rows, as_text, percentile


def test_percentile_is_the_nearest_rank():
    values = [5, 1, 4, 2, 3, 6, 7, 8, 9, 10]

    assert [percentile(values, percent) for percent in (0, 1, 50, 95, 100)] == [1, 1, 5, 10, 10]
    assert percentile([7], 50) == 7


def test_table_tells_held_missed_unlimited_and_unmeasured_figures():
    figures = [
        Figure("first text", 12.34, "ms", hold=30, ratio=1.5, note="app 37 ms, SDK 25 ms"),
        Figure("zip, memory", 41.0, "MB", hold=30),
        Figure("zip, speed", 123.4, "MB/s"),
        Figure("demo", None, "s", hold=5, note="timed out"),
    ]

    assert as_text(figures).splitlines() == [
        "figure       measured  to hold  ratio",
        "---------------------------------------------------",
        "first text    12.3 ms  ≤ 30 ms  1.50×  ok",
        "zip, memory     41 MB  ≤ 30 MB         MISSED",
        "zip, speed   123 MB/s                  -",
        "demo                ?    ≤ 5 s         NOT MEASURED",
        "",
        "  first text: app 37 ms, SDK 25 ms",
        "  demo: timed out",
        "",
        "1 of 3 figures are held. MISSED: zip, memory. NOT MEASURED: demo.",
    ]
    assert as_rows(figures)[1] == {
        "name": "zip, memory",
        "measured": 41.0,
        "unit": "MB",
        "hold": 30,
        "at_least": None,
        "ratio": None,
        "note": "",
        "verdict": "MISSED",
    }


def test_figure_at_its_limit_is_held():
    assert Figure("extra queries", 0, "queries", hold=0).verdict == "ok"


def test_figure_below_its_least_is_missed():
    slow, quick = (Figure("pipeline", measured, "features/min", at_least=1200) for measured in (1199, 1200))

    assert [slow.verdict, quick.verdict] == ["MISSED", "ok"]
    assert "≥ 1200 features/min" in as_text([slow])
