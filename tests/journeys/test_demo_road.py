import json
import re

import pytest

from tests.journeys import road

pytestmark = [pytest.mark.browser, pytest.mark.once]

PLANTS = [
    "I look after the plants of our office and forget when I watered them.",
    "A list of plants.",
    "Each plant has a name, a room, the date it was last watered and optional notes.",
    "The name and the room are required. Room is one of kitchen, hall or office.",
    "Yes, that is right.",
]


def test_newcomer_goes_from_sign_up_to_a_zip_whose_tests_pass(browser, tmp_path):
    with road.product(tmp_path / "data") as url:
        context = browser.new_context(accept_downloads=True)
        page = context.new_page()
        app, advice, seconds = road.take(page, url, tmp_path, PLANTS, email="newcomer@example.com")
        context.close()

    assert advice == {"spec": "APPROVE", "plan": "REVISE", "tests": "APPROVE"}
    facts = json.loads((app / "BUILD.json").read_text())
    assert facts["note"] == "Demo: fixed rules, no AI model, cost 0."
    schema = (app / "db" / "schema.sql").read_text()
    assert [name for name in ("plant", "name", "room", "notes") if not re.search(name, schema)] == []
    assert re.search(r"# fail 0|fail 0", road.npm_test(app))
    assert seconds["zip"] < 300
