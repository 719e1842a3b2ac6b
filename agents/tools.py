"""The four tools of the writing agents. What a tool may touch comes from the run, never from the model."""

from agents.filemap import Refused

_TEXT = {"type": "string"}


def _tool(name, description, *fields):
    return {
        "name": name,
        "description": description,
        "input_schema": {
            "type": "object",
            "properties": dict.fromkeys(fields, _TEXT),
            "required": list(fields),
            "additionalProperties": False,
        },
    }


# The order never changes: it is the start of the cached prefix, which ends with the system block.
TOOLS = (
    _tool(
        "write_file",
        "Create or replace one file. content is the whole text of the file, without placeholders.",
        "path",
        "content",
    ),
    _tool(
        "edit_file",
        "Replace one place in an existing file. old_str must stand in the file exactly once.",
        "path",
        "old_str",
        "new_str",
    ),
    _tool("read_file", "Return the text of one file.", "path"),
    _tool("list_files", "List all files; planned files that do not exist yet are marked MISSING."),
)
_FIELDS = {tool["name"]: tuple(tool["input_schema"]["required"]) for tool in TOOLS}
_WRITES = frozenset({"write_file", "edit_file"})


def definitions():
    """Return the tools for a request."""
    return list(TOOLS)


def known(name):
    """Return the name when it is one of our tools, else "other"."""
    return name if name in _FIELDS else "other"


class Result:
    """What a tool call did. saved: the path of a file that was written, else "". refusal: Refused or None."""

    def __init__(self, call, text, *, saved="", refusal=None):
        self.call = call
        self.text = text
        self.saved = saved
        self.refusal = refusal

    def block(self):
        """Return the tool_result block.

        A file's text stands in it without a tag: a result is data by its place, which the shared rules say,
        and edit_file needs the exact characters.
        """
        block = {"type": "tool_result", "tool_use_id": self.call.id, "content": self.text}
        return block | {"is_error": True} if self.refusal else block


def run(call, tree):
    """Run one tool call on the FileMap and return its Result. Never raises for what a model sent."""
    try:
        fields = _checked(call)
        return Result(
            call, _do(call.name, fields, tree), saved=fields["path"] if call.name in _WRITES else ""
        )
    except Refused as refusal:
        return Result(call, str(refusal), refusal=refusal)


def _checked(call):
    if call.name not in _FIELDS:
        raise Refused("no_tool", f"There is no tool of this name. The tools are: {', '.join(_FIELDS)}.")
    wanted = _FIELDS[call.name]
    fields = call.fields
    if fields is None or set(fields) != set(wanted):
        raise Refused("bad_input", f"{call.name} takes exactly these fields: {', '.join(wanted) or 'none'}.")
    if not all(isinstance(value, str) for value in fields.values()):
        raise Refused("bad_input", f"The fields of {call.name} are texts.")
    return fields


def _do(name, fields, tree):
    match name:
        case "write_file":
            return _saved(tree.write(fields["path"], fields["content"]), tree)
        case "edit_file":
            return _saved(tree.edit(fields["path"], fields["old_str"], fields["new_str"]), tree)
        case "read_file":
            return tree.read(fields["path"])
        case _:
            return tree.listing()


def _saved(notes, tree):
    missing = tree.missing()
    if missing:
        left = f"{len(missing)} planned files are missing; the next one: {missing[0]}."
    else:
        left = "All planned files exist. End your turn when nothing is left to correct."
    return " ".join(["Saved.", *notes, left])
