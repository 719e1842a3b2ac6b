"""What the API refuses in an output schema (llm.md section 1; limits unverified)."""

from agents.simulator.errors import bad_request

MAX_OPTIONAL = 24
MAX_UNIONS = 16


def check(body):
    """Raise a 400 for an output schema the API would not compile."""
    output_format = (body.get("output_config") or {}).get("format")
    if not output_format:
        return
    schema = output_format["schema"]
    nodes = list(_nodes(schema))
    for node in nodes:
        if _is_object(node) and node.get("additionalProperties") is not False:
            raise bad_request("output_config.format.schema: 'additionalProperties' must be set to false")
    optional = sum(len(set(n.get("properties", {})) - set(n.get("required", []))) for n in nodes)
    if optional > MAX_OPTIONAL:
        raise bad_request(f"output_config.format.schema: {optional} optional parameters > {MAX_OPTIONAL}")
    unions = sum("anyOf" in node or isinstance(node.get("type"), list) for node in nodes)
    if unions > MAX_UNIONS:
        raise bad_request(f"output_config.format.schema: {unions} unions > {MAX_UNIONS}")
    _check_recursion(schema)


def _is_object(node):
    return node.get("type") == "object" or "properties" in node


def _children(node):
    for name in ("properties", "$defs"):
        yield from node.get(name, {}).values()
    yield from node.get("anyOf", [])
    yield from node.get("allOf", [])
    yield node.get("items")


def _nodes(schema):
    if isinstance(schema, dict):
        yield schema
        for child in _children(schema):
            yield from _nodes(child)


def _check_recursion(schema):
    definitions = {f"#/$defs/{name}": node for name, node in schema.get("$defs", {}).items()}
    definitions["#"] = schema
    uses = {
        ref: {node["$ref"] for node in _nodes(definition) if "$ref" in node}
        for ref, definition in definitions.items()
    }
    for start in uses:
        reached, waiting = set(), set(uses[start])
        while waiting:
            ref = waiting.pop()
            reached.add(ref)
            waiting |= uses.get(ref, set()) - reached
        if start in reached:
            raise bad_request(f"output_config.format.schema: recursive definition {start}")
