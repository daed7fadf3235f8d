#!/usr/bin/env python3
"""Holds scene.tmLanguage.json to the corpus, with the tokenizer of textmate-grammar-python (pip install textmate-grammar-python).

1. In every clean script of ../cases and every scene of ../../scenes each token has a scope, and comments, strings and
   numbers have theirs, as a plain lexer of this file sees them.
2. A text with every construct has exactly the scopes that stand beside it here.
"""
import json
import logging
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent

try:
    from textmate_grammar.parsers.base import LanguageParser
except ImportError:
    print("skipped: textmate-grammar-python is not installed")
    sys.exit(0)

logging.disable(logging.CRITICAL)
grammar = json.loads((here / "scene.tmLanguage.json").read_text("utf-8"))
parser = LanguageParser(grammar)
passed = failed = 0


def expect(what, good, words=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"failed: {what} {words}")


def scopes(text):
    """Innermost scope of every character: (line, column) to scopes from the outside in."""
    found = {}
    element = parser.parse_string(text)
    if element is None:
        return found
    for (line, column), content, names in element.flatten():
        for offset, _ in enumerate(content):
            found[(line, column + offset)] = names
    return found


PLAIN = re.compile(r'(?P<comment>//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<number>(?<![\w.#-])[+-]?\d[\w.:/%]*)|(?P<color>#[0-9A-Fa-f]{3,8}\b)|(?P<name>[^\W\d]\w*(?:-\w+)*)')
WANTED = {"comment": "comment.line", "string": "string.quoted", "number": "constant.numeric", "color": "constant.other.color"}


def check(name, text):
    if "/*" in text:
        return
    found = scopes(text)
    for number, line in enumerate(text.split("\n")):
        for match in PLAIN.finditer(line):
            kind = match.lastgroup
            names = found.get((number, match.start()), [])
            if kind == "name":
                expect(f"{name}:{number + 1}: {match.group()}", len(names) > 1, f"has {names}")
            else:
                expect(f"{name}:{number + 1}: {match.group()}", any(n.startswith(WANTED[kind]) for n in names), f"has {names}")


for file in sorted((here / "../cases").glob("*.cases")):
    parts = re.split(r"^--- (.*) ---$", file.read_text("utf-8"), flags=re.M)
    for title, text in zip(parts[1::2], parts[2::2]):
        if "// error" not in text:
            check(f"{file.name}: {title}", text)
for file in sorted((here / "../../scenes").glob("*.scene")):
    check(file.name, file.read_text("utf-8"))

EXACT = [
    ("persona nova = \"n.persona\"", {0: "keyword.declaration", 8: "entity.name.type", 13: "keyword.operator", 15: "string.quoted"}),
    ("path glance {", {0: "keyword.declaration", 5: "entity.name.function", 12: "punctuation.section.block"}),
    ("    at 1.8s yaw 14deg ease in-out", {4: "keyword.control", 7: "constant.numeric", 10: "keyword.other.unit", 12: "constant.language", 16: "constant.numeric", 18: "keyword.other.unit", 22: "keyword.other", 27: "constant.language"}),
    ("param name: text = \"Ada\"", {0: "keyword.declaration", 6: "variable.parameter", 10: "keyword.operator", 12: "support.type"}),
    ("shot talk for hello.end - 0.5s {", {0: "keyword.declaration", 5: "entity.name.section", 10: "keyword.other", 14: "variable.other", 20: "support.variable.event", 24: "keyword.operator", 26: "constant.numeric"}),
    ("title \"Hi \\(name)\\n\" { from 1s }", {0: "keyword.control", 6: "string.quoted", 12: "variable.parameter", 17: "constant.character.escape", 23: "keyword.control"}),
    ("blinks every 3.5s ± 1s", {0: "keyword.control", 7: "keyword.other", 18: "keyword.operator"}),
    ("opacity { at 0s 0 ; at 1s 1 ease bezier(0.2, 0, 1, 1) }", {0: "keyword.control", 10: "keyword.control", 18: "punctuation.terminator", 20: "keyword.control", 33: "support.function", 43: "punctuation.separator"}),
    ("scene { size 1280x720 ; rate 24000/1001fps }", {0: "keyword.control", 8: "keyword.control", 13: "constant.numeric", 29: "constant.numeric", 39: "keyword.other.unit"}),
    ("/* a /* b */ c */ seed 7", {0: "comment.block", 6: "comment.block", 13: "comment.block", 23: "constant.numeric"}),
    ("// studio:allow unused-name for later", {0: "comment.line", 5: "keyword.other.allow"}),
    ("background #20303c", {0: "keyword.control", 11: "constant.other.color"}),
]
for text, wanted in EXACT:
    found = scopes(text)
    for column, scope in wanted.items():
        names = found.get((0, column), [])
        expect(f"{text!r} column {column}", any(n.startswith(scope) for n in names), f"is {names}, not {scope}")

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
