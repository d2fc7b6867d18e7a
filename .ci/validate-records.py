"""Validates the JSON records of a command by their schema, with a reader that is not ours; see .ci/formats.

usage: validate-records.py NAME RECORDS.json KIND ...

NAME is that of Documentation/ptero-NAME.schema.json; each KIND of record that is given has to be among them, and no other.
"""
import json
import sys

from jsonschema.validators import validator_for


def validator(schema):
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def loose_objects(schema, path=""):
    """The places of a schema that take objects with any keys."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            yield path
        for key, part in schema.items():
            yield from loose_objects(part, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from loose_objects(part, f"{path}/{number}")


def main(name, path, wanted):
    with open(f"Documentation/ptero-{name}.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    loose = list(loose_objects(schema))
    if loose:
        sys.exit(f"ptero-{name}.schema.json lets any key pass: {loose[0]}")
    names = [part["$ref"].rpartition("/")[2] for part in schema["oneOf"]]
    kinds = {kind: validator(dict(schema, oneOf=[{"$ref": f"#/$defs/{kind}"}])) for kind in names}
    whole = validator(schema)
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    seen = set()
    for number, record in enumerate(records, 1):
        fitting = [kind for kind in names if kinds[kind].is_valid(record)]
        if len(fitting) != 1:
            nearest = "fault" if "error" in record else names[0]
            errors = sorted(kinds[nearest].iter_errors(record), key=lambda error: -len(error.path))
            text = f"{list(errors[0].path)}: {errors[0].message[:300]}" if errors else f"it is {fitting}"
            sys.exit(f"{path}:{number}: not by ptero-{name}.schema.json: {text}")
        seen.add(fitting[0])
        # A schema that lets everything pass says nothing.
        if whole.is_valid(dict(record, unknown=1)) or whole.is_valid({**record, "schema": "ptero-unknown/1"}):
            sys.exit(f"ptero-{name}.schema.json does not tell {fitting[0]} from others")
    if seen != set(wanted):
        sys.exit(f"{path} has records of {sorted(seen)}, not of {sorted(wanted)}")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
