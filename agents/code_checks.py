"""What code finds in generated code, without running it. These checks can only lower a verdict."""

import json
import posixpath
import re
from dataclasses import dataclass, replace

from agents import document_checks, filemap
from agents.stack import ALLOWED_DEPENDENCIES, is_test_path

_SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
_IMPORT = re.compile(
    r"""\b(?:import|export)\b[^'"`;()]*?\bfrom\s*["']([^"'\n]+)["']"""
    r"""|^\s*import\s*["']([^"'\n]+)["']"""
    r"""|\b(?:import|require)\(\s*["']([^"'\n]+)["']""",
    re.M,
)
# Strings come first, so that an address in one is no comment.
_STRING_OR_COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.S
)
_TSCONFIG = re.compile(r"tsconfig[^/]*\.json")
_SECRET = re.compile(
    r"sk-ant-[A-Za-z0-9_-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
)
_INSTALL_SCRIPTS = ("preinstall", "install", "postinstall", "prepare", "prepublish")
_DEPENDENCY_GROUPS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_BUILT_IN = frozenset(
    {
        *("assert", "buffer", "child_process", "crypto", "dns", "events", "fs", "http", "http2", "https"),
        *("module", "net", "os", "path", "perf_hooks", "process", "querystring", "readline", "stream"),
        *("string_decoder", "test", "timers", "tls", "url", "util", "v8", "vm", "worker_threads", "zlib"),
    }
)
_ENDINGS = {".js": (".ts", ".tsx", ".js"), ".mjs": (".mts", ".mjs"), ".cjs": (".cts", ".cjs")}


@dataclass(frozen=True)
class CodeProblem:
    """line: from 1, or 0 for the whole file. blocking: the code may not pass with it."""

    path: str
    line: int
    text: str
    blocking: bool = True

    def sentence(self):
        return f"{self.path}, line {self.line}: {self.text}." if self.line else f"{self.path}: {self.text}."

    def as_data(self):
        return {"path": self.path, "line": self.line, "problem": self.text, "blocking": self.blocking}


def of_code(files, *, spec, plan, index):
    """Return the problems of all files ({path: text}), blocking ones first."""
    problems = _manifest(files, plan, index)
    for path, content in files.items():
        problems += _of_file(path, content)
    problems += _package(files.get("package.json"))
    problems += imports(files)
    # The code cannot mend a test: a person must know, but no build is held up.
    problems += [replace(problem, blocking=False) for problem in imports_of_tests(files, plan=plan)]
    problems += _unmentioned(files, spec)
    return sorted(problems, key=lambda problem: (not problem.blocking, problem.path, problem.line))


def imports(files):
    """Return a problem for each import of the code, tests left out, that leads nowhere."""
    code = {path: text for path, text in files.items() if not is_test_path(path)}
    return _lost_imports(code, set(files), _declared(files.get("package.json")))


def imports_of_tests(files, *, plan, paths=()):
    """Return a problem for each import of a test that neither the plan nor the tests have.

    files: other files than tests are left out. paths: of tests that are still to be written.
    """
    tests = {path: text for path, text in files.items() if is_test_path(path)}
    known = {file["path"] for file in plan["files"]} | set(tests) | set(paths)
    return _lost_imports(tests, known, {each["name"] for each in plan["dependencies"]})


def _lost_imports(files, known, packages):
    problems = []
    for path, content in files.items():
        if not _SCRIPT.search(path):
            continue
        for found in _IMPORT.finditer(_without_comments(content)):
            target = next(filter(None, found.groups()))
            if not _resolves(path, target, known, packages):
                line = filemap.line_of(content, found.end())
                problems.append(CodeProblem(path, line, f"the import {target[:80]} leads nowhere"))
    return problems


def _without_comments(content):
    """Return the text with blanks where comments stand; every other character keeps its place."""
    return _STRING_OR_COMMENT.sub(lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]), content)


def _resolves(path, target, known, packages):
    if not target.startswith("."):
        name = "/".join(target.split("/")[: 2 if target.startswith("@") else 1])
        return target.startswith("node:") or name in _BUILT_IN or name in packages
    base = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    stem, ending = posixpath.splitext(base)
    names = [base, *(base + more for more in (".ts", ".tsx", ".js", ".json", "/index.ts", "/index.js"))]
    names += [stem + more for more in _ENDINGS.get(ending, ())]
    return any(name in known for name in names)


def _manifest(files, plan, index):
    planned = {file["path"] for file in plan["files"]} | {test["path"] for test in index["tests"]}
    problems = [CodeProblem(path, 0, "this planned file is missing") for path in sorted(planned - set(files))]
    problems += [
        CodeProblem(path, 0, "this file is not in the plan") for path in sorted(set(files) - planned)
    ]
    for test in index["tests"]:
        content = files.get(test["path"])
        if content is not None and not re.search(rf"\b{test['id']}\b", content):
            problems.append(CodeProblem(test["path"], 0, f"the test {test['id']} is missing"))
    return problems


def _of_file(path, content):
    problems = []
    # tsconfig files may hold comments.
    is_tsconfig = _TSCONFIG.fullmatch(posixpath.basename(path))
    notes = filemap.notes_on(path, "{}" if is_tsconfig else content)
    problems += [CodeProblem(path, 0, note.rstrip(".")) for note in notes]
    if found := _SECRET.search(content):
        line = filemap.line_of(content, found.start())
        problems.append(CodeProblem(path, line, "it holds what looks like a secret key"))
    return problems


def _package(content):
    package = _json(content)
    problems = []
    scripts = package.get("scripts")
    for name in _INSTALL_SCRIPTS:
        if isinstance(scripts, dict) and name in scripts:
            problems.append(CodeProblem("package.json", 0, f"the script {name} runs during installation"))
    problems += [
        CodeProblem("package.json", 0, f"the package {name[:80]} is not allowed")
        for name in sorted(_declared(content) - ALLOWED_DEPENDENCIES)
    ]
    return problems


def _declared(content):
    package = _json(content)
    groups = (package.get(group) for group in _DEPENDENCY_GROUPS)
    return {name for group in groups if isinstance(group, dict) for name in group}


def _json(content):
    try:
        package = json.loads(content or "{}")
    except ValueError:
        return {}
    return package if isinstance(package, dict) else {}


def _unmentioned(files, spec):
    code = "\n".join(content for path, content in files.items() if not is_test_path(path))
    return [
        CodeProblem("", 0, f"no file names {criterion} in a comment", blocking=False)
        for criterion in document_checks.criteria_of(spec)
        if not re.search(rf"\b{re.escape(criterion)}\b", code)
    ]
