"""The house stack of generated software: what every plan and every file must keep to."""

import re

# Generated apps run without any package; these two only check the code while it is built.
ALLOWED_DEPENDENCIES = frozenset({"typescript", "@types/node"})
TEST_FOLDER = "test"
MAX_FILE_LINES = 300
MAX_FILES = 200
MAX_FILE_BYTES = 60 * 1024
MAX_TOTAL_BYTES = 2 * 1024 * 1024

_TEST_PATH = re.compile(r"(?:^|/)(?:tests?|__tests__)/", re.I)
_CONFIG = re.compile(r"(?:^|/)(?:package\.json|tsconfig[^/]*\.json|\.[^/]+|[^/]+\.(?:ya?ml|toml|ini))$", re.I)
_DOC = re.compile(r"\.(?:md|txt)$|(?:^|/)(?:LICENSE|README)[^/]*$", re.I)


def is_test_path(path):
    """Return whether only the test writer may write there."""
    return _TEST_PATH.search(path) is not None


def kind_of(path):
    """Return the Artifact kind of a path: test, config, doc or source."""
    if is_test_path(path):
        return "test"
    if _CONFIG.search(path):
        return "config"
    return "doc" if _DOC.search(path) else "source"
