"""Makes policies from policies/policy.schema.json, each one step away from a good one, and says for
each whether the schema allows it.

  vary_policies.py SCHEMA FOLDER    writes FOLDER/N.yaml and prints a JSON list with the schema's
                                    verdict on each N and what was changed
"""

import copy
import json
import pathlib
import sys

import jsonschema
import yaml

PLAIN = {
    "cloister-policy": 1, "title": "T", "owner": "O", "cohort": {"minimum-age": 18, "exclude-admission-types": ["NEWBORN"]},
    "protection": {
        "minimum-patients": 11, "round-to": 5, "top-code-age": 90, "roll-up-codes": True, "zero-cells": "publish", "noise": "none",
        "approvals": 2, "low-k-reason": "for tests, and nobody else"},
    "lab-bins": [{"item": 50912, "edges": [1.2, 4]}],
    "release": [{"table": ["main-diagnosis", "gender"], "top": 100}, {"table": ["lab"]}]}
NOISY = {
    "cloister-policy": 1, "title": "T", "owner": "O",
    "protection": {
        "minimum-patients": 50, "noise": {"epsilon": 2.5, "budget": 4, "admissions-per-patient": 3, "codes-per-admission": 12}},
    "categories": {"insurance": ["Medicare", "Private"], "diagnosis": "dictionary"},
    "release": [{"table": ["diagnosis"], "weight": 3}, {"table": ["insurance", "gender"]}]}


def values(rule: dict, old) -> list:
    """Values at the edges of what a rule allows, and beyond them."""
    found = ["nonsense", [], {}, None, True, -1, 0, 1.5, "", "x" * 201]
    found += rule.get("enum", []) + ([rule["const"]] if "const" in rule else [])
    for name in ["minimum", "maximum"]:
        if name in rule:
            found += [rule[name] - 1, rule[name], rule[name] + 1]
    if rule.get("type") == "string":
        # The parser takes any other value without quotes as text, as it does every plain word.
        found = [value for value in found if isinstance(value, (str, list, dict))]
    return found if not isinstance(old, (dict, list)) else ["nonsense", 7, [], {}] + found[3:4]


def variants(rule: dict, document, put):
    """Every document that differs in one place: another value, a missing or an unknown key."""
    for part in rule.get("oneOf", []):
        if isinstance(document, dict) == (part.get("type") == "object"):
            yield from variants(part, document, put)
    for value in values(rule, document):
        yield put(value), f"{value!r} for {document!r}"
    if isinstance(document, dict):
        for key in document:
            rest = {name: value for name, value in document.items() if name != key}
            yield put(rest), f"without {key}"
            inner = rule.get("properties", {}).get(key, {})
            yield from variants(inner, document[key], lambda value, key=key: put({**document, key: value}))
        yield put({**document, "unknown": 1}), "an unknown key"
    if isinstance(document, list) and "items" in rule:
        for place, item in enumerate(document):
            def replaced(value, place=place):
                return put(document[:place] + [value] + document[place + 1:])
            yield from variants(rule["items"], item, replaced)
            for name in rule["items"].get("enum", []):
                yield replaced(name), f"{name} for {item}"


def main() -> int:
    schema, folder = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2])
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    verdicts = []
    for base in [PLAIN, NOISY]:
        for document, what in [(base, "a good policy"), *variants(schema, copy.deepcopy(base), lambda value: value)]:
            (folder / f"{len(verdicts)}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
            verdicts.append({"allowed": validator.is_valid(document), "what": what})
    print(json.dumps(verdicts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
