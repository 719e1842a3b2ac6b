import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = Path(settings.BASE_DIR)
# Spelled in parts: this file is searched too.
HOSTS = ["pypi." + "org", "python" + "hosted", "npm" + "js.", "yarn" + "pkg", "gh" + "cr.io", "qu" + "ay.io"]
HOSTS += ["docker" + ".io", "docker" + ".com", "gcr" + ".io", "public.ecr" + ".aws", "anaconda" + ".org"]
HOSTS += ["index" + "-url =", "index" + "_url", "PIP_" + "INDEX", "UV_" + "INDEX", "NPM_CONFIG_" + "REGISTRY"]
ADDRESS = re.compile("|".join(map(re.escape, HOSTS)) + r"|--(extra-)?index-url[ =]\S")


def committed():
    """Return the files that are, or without .gitignore would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def read(path):
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def docker_lines():
    """Return the Dockerfile's instructions as (word, rest), continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)
    return [tuple(line.split(None, 1)) for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]


def compose_service(name):
    """Return the text of one service of compose.yaml (no YAML reader is among our requirements)."""
    text = (ROOT / "compose.yaml").read_text()
    return re.search(rf"^  {name}:\n((?:    .*\n|\n)*)", text, flags=re.M)[1]


def test_no_committed_file_holds_the_address_of_a_registry():
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}" for path in committed() if (hit := ADDRESS.search(read(path)))
    ]

    assert found == []


@pytest.mark.parametrize("host", HOSTS)
def test_the_search_for_addresses_finds_a_planted_one(host):
    assert ADDRESS.search(f"https://{host}/simple")


def test_no_secret_is_committed():
    assert [path for path in committed() if path.suffix in {".pem", ".key"} or "secrets/" in str(path)] == []


def test_dockerfile_does_not_run_as_root():
    users = [rest for word, rest in docker_lines() if word == "USER"]

    assert users
    assert all(user not in {"root", "0"} for user in users)


def test_dockerfile_installs_by_hash_and_has_a_healthcheck():
    lines = docker_lines()

    assert all("--require-hashes" in rest for word, rest in lines if word == "RUN" and "pip install" in rest)
    assert [word for word, _ in lines].count("HEALTHCHECK") == 1
    assert all(rest.split()[0].count("/") == 0 for word, rest in lines if word == "FROM")


def test_dockerfile_copies_what_the_processes_need():
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {".git", ".venv", "var", "secrets"} <= set(ignored)
    assert not {"docker", "static", "templates", "requirements"} & set(ignored)
    assert (ROOT / "docker" / "health.py").exists()


@pytest.mark.parametrize("name", ["web", "work", "release"])
def test_compose_service_runs_a_command_of_ours(name):
    command = re.search(r"command: \[([^\]]*)\]", compose_service(name))[1].split(", ")

    assert command[0] == name
    assert get_commands()[name] == "features"
    load_command_class("features", name).create_parser("manage.py", name).parse_args(command[1:])


def test_compose_image_starts_manage_py():
    entry = [rest for word, rest in docker_lines() if word in {"ENTRYPOINT", "CMD"}]

    assert entry == ['["tini", "--", "python", "manage.py"]', '["web"]']


def test_compose_gives_the_worker_more_time_than_its_grace():
    grace = int(re.search(r"stop_grace_period: (\d+)s", compose_service("work"))[1])

    assert grace > 120  # STOP_GRACE_SECONDS in production


def test_compose_secrets_stay_in_files():
    text = (ROOT / "compose.yaml").read_text()
    plain = re.findall(r"^ +(\w*(?:PASSWORD|SECRET_KEY|RING)\w*): (?!\$\{|/run/secrets/)", text, flags=re.M)

    assert plain == []


def test_compose_database_roles_are_bound():
    roles = (ROOT / "docker" / "roles.sh").read_text()

    assert re.search(r"CREATE ROLE bp_app LOGIN NOSUPERUSER \w+ NOBYPASSRLS", roles)
    assert re.search(r"CREATE ROLE bp_ops LOGIN NOSUPERUSER \w+ BYPASSRLS", roles)


@pytest.mark.parametrize("target", ["run", "test", "lint", "lock", "bench"])
def test_makefile_has_the_target(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.M)


def test_every_setting_from_the_environment_is_in_the_manual():
    source = "".join(path.read_text() for path in (ROOT / "buildpractical").glob("*settings.py"))
    names = set(re.findall(r'env_(?:str|int|float|bool|list|secret)\(\s*"(\w+)"', source))
    manual = (ROOT / "docs" / "operations.md").read_text()
    tests_only = {"BP_TESTING", "TEST_DB_SUFFIX"}

    assert sorted(name for name in names - tests_only if f"`{name}`" not in manual) == []
