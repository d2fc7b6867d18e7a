"""Reads what `ptero check` has written by readers that are not ours; see .ci/formats.

usage: validate-formats.py REPORT.sarif COMMANDS.github [sarif-schema-2.1.0.json]
"""
import json
import re
import sys

from jsonschema.validators import validator_for


def validator(schema):
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def complain(what, errors):
    for error in list(errors)[:3]:
        print(f"{what}: {list(error.path)}: {error.message[:300]}", file=sys.stderr)
        sys.exit(1)


def check_sarif(path, schema_path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    if schema_path:
        with open(schema_path) as file:
            complain(path, validator(json.load(file)).iter_errors(report))
    (run,) = report["runs"]
    for result in run["results"]:
        if result["ruleId"] != run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]:
            sys.exit(f"{path}: a result has the index of another rule")
        places = [place["physicalLocation"] for place in result["locations"]]
        for flow in result.get("codeFlows", []):
            names = [thread["id"] for thread in flow["threadFlows"]]
            if len(set(names)) != len(names) or not all(re.match(r"P[0-9]+('s [a-z TLB]+)?$", name) for name in names):
                sys.exit(f"{path}: threads are called {names}")
            steps = [step for thread in flow["threadFlows"] for step in thread["locations"]]
            if sorted(step["executionOrder"] for step in steps) != list(range(1, len(steps) + 1)):
                sys.exit(f"{path}: steps are not in one order")
            places += [step["location"]["physicalLocation"] for step in steps]
        if len(result.get("codeFlows", [])) > 1:
            sys.exit(f"{path}: a failure has several code flows")
        for place in places:
            uri = place["artifactLocation"]["uri"]
            if uri.startswith(("/", "file:")) or not re.fullmatch(r"[A-Za-z0-9/._~%+:-]+", uri):
                sys.exit(f"{path}: {uri} is not a relative path")


def check_commands(path):
    """GitHub's runner splits a command at the first `::` after its name, properties at commas, each at its first `=`."""
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    commands = [line for line in lines if line.startswith("::")]
    for command in commands:
        name, _, rest = command[2:].partition(" ")
        properties, end, message = rest.partition("::")
        keys = [part.partition("=")[0] for part in properties.split(",")]
        if name not in ("error", "warning", "notice") or not end or not message:
            sys.exit(f"{path}: {command[:200]}")
        if not set(keys) <= {"file", "line", "col", "endColumn", "title"} or len(set(keys)) != len(keys):
            sys.exit(f"{path}: properties {keys}")
    if any(ord(letter) < 0x20 for line in lines for letter in line):
        sys.exit(f"{path} has control characters")


check_sarif(sys.argv[1], sys.argv[3] if len(sys.argv) > 3 else None)
check_commands(sys.argv[2])
