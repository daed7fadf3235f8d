#!/usr/bin/env python3
"""Generates the tree-sitter parser, compiles it, and holds it to the corpus (pip install tree-sitter; tree-sitter-cli on the path).

    check-generated.py [GENERATE...]

GENERATE is run in a copy of this folder and leaves src/parser.c there; without it: `tree-sitter generate`.

1. Every text of test/corpus gives the tree that stands below it.
2. Every clean script of ../cases and every scene of ../../scenes is read without a mistake.
3. Texts that are no scenes have one.
4. After an edit in the middle, the parser that keeps the old tree gives the tree of a fresh one.
"""
import ctypes
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
generate = sys.argv[1:] or ["tree-sitter", "generate"]
compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")


def skip(what):
    print(f"skipped: {what}")
    sys.exit(0)


try:
    import tree_sitter
except ImportError:
    skip("the Python package tree-sitter is not installed")
if not shutil.which(generate[0]):
    skip(f"{generate[0]} is not installed")
if not compiler:
    skip("there is no C compiler")

passed = failed = 0


def expect(what, good, words=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"failed: {what} {words}")


def language(folder):
    """The compiled grammar, from a copy in a folder."""
    for name in ("grammar.js", "package.json", "tree-sitter.json", "src"):
        source = here / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    made = subprocess.run([*generate], cwd=folder, capture_output=True, text=True)
    if made.returncode != 0 or not (folder / "src/parser.c").exists():
        print(f"failed: {' '.join(generate)}: {made.stdout}{made.stderr}")
        print("0 passed, 1 failed")
        sys.exit(1)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-std=c11", "-Isrc", "-o", "scene.so", "src/parser.c", "src/scanner.c"], cwd=folder, check=True)
    entry = ctypes.CDLL(str(folder / "scene.so")).tree_sitter_scene
    entry.restype = ctypes.c_void_p
    name = ctypes.pythonapi.PyCapsule_New
    name.restype, name.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return tree_sitter.Language(name(entry(), b"tree_sitter.Language", None))


def shape(text):
    """A tree on one line, without field names."""
    text = re.sub(r"\b\w+: ", "", re.sub(r"\s+", " ", str(text)))
    return re.sub(r"\s*\)", ")", re.sub(r"\(\s*", "(", text)).strip()


# Ids of mistakes that the parser itself finds: such scripts need not be sentences.
FORM = re.compile(r"// error \S+ (unclosed-|unmatched-|stray-|unexpected-(token|character)|text-after-block|nested-|missing-(space|value)|bad-name|invalid-utf8|unknown-escape|bad-interpolation)")


def scripts():
    for file in sorted((here / "../cases").glob("*.cases")):
        parts = re.split(r"^--- (.*) ---$", file.read_text("utf-8"), flags=re.M)
        for title, text in zip(parts[1::2], parts[2::2]):
            if not FORM.search(text):
                yield f"{file.name}: {title}", text
    for file in sorted((here / "../../scenes").glob("*.scene")):
        yield file.name, file.read_text("utf-8")


with tempfile.TemporaryDirectory() as folder:
    parser = tree_sitter.Parser(language(pathlib.Path(folder)))

    def read(text, old=None):
        data = text.encode("utf-8")
        return parser.parse(data, old) if old else parser.parse(data)

    for file in sorted((here / "test/corpus").glob("*.txt")):
        for part in re.split(r"^={3,}\n(?=.+\n={3,}\n)", file.read_text("utf-8"), flags=re.M):
            match = re.match(r"(.+)\n={3,}\n([\s\S]*)$", part)
            if not match:
                continue
            text, wanted = re.split(r"^---\n", match[2], flags=re.M)
            found = shape(read(text.removeprefix("\n")).root_node)
            expect(f"{file.name}: {match[1]}", found == shape(wanted), f"\n  wanted {shape(wanted)}\n  found  {found}")

    texts = list(scripts())
    expect("there are scripts", len(texts) > 20, len(texts))
    for name, text in texts:
        expect(name, not read(text).root_node.has_error, shape(read(text).root_node)[:400])

    for text in ['shot for 2s { background black', 'shot } {', 'title "open', '= 3', 'a b) c', 'x /* never /* ends */', 'shot for 2s { } title "x"', 'curve c { at bezier(1, 2 }', '"text"']:
        expect(f"no scene: {text}", read(text).root_node.has_error)

    for name, text in texts:
        data = text.encode("utf-8")
        middle = data.find(b"\n", len(data) // 2) + 1
        if middle == 0:
            continue
        added = b"// a note\n"
        tree = parser.parse(data)
        point = (data[:middle].count(b"\n"), 0)
        tree.edit(start_byte=middle, old_end_byte=middle, new_end_byte=middle + len(added), start_point=point, old_end_point=point, new_end_point=(point[0] + 1, 0))
        changed = data[:middle] + added + data[middle:]
        expect(f"after an edit: {name}", str(parser.parse(changed, tree).root_node) == str(parser.parse(changed).root_node))

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
