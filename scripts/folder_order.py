"""Derives from the code which folders use which others, so that check-structure can enforce the order in CONTRIBUTING.md.

A file declares top-level names and, in extensions, members of types that are declared elsewhere. It uses every declared name that it mentions.
Text in string literals and comments does not count, but interpolations do.
"""

import collections
import pathlib
import re

MODIFIERS = r"(?:@\S+ )*(?:(?:public|package|internal|final|indirect|nonisolated|static|mutating|consuming|borrowing) )*"
DECLARATION = re.compile(rf"^{MODIFIERS}(struct|class|enum|actor|protocol|func|typealias|let|var)\s+([A-Za-z_]\w*)", re.M)
EXTENSION = re.compile(r"^(?:package |public )?extension [^\n{]*\{(.*?)^\}", re.M | re.S)
MEMBER = re.compile(rf"^  {MODIFIERS}(?:func|var|let|struct|enum|case)\s+([A-Za-z_]\w*)", re.M)
ANY_NAME = re.compile(r"\b(?:func|var|let|case)\s+([A-Za-z_]\w*)")
ENUM_CASES = re.compile(r"^\s*(?:indirect )?case ([^\n:]*)$", re.M)


def code(text: str) -> str:
    """The text without comments and without the literal text of strings."""
    text = re.sub(r"^\s*//.*$|(?<=\s)//.*$", "", text, flags=re.M)
    return _outside_strings(text, 0, None)[1]


def _outside_strings(text: str, place: int, end: str | None) -> tuple[int, str]:
    """Reads code up to `end`, or all of it if `end` is None."""
    kept = []
    while place < len(text):
        if end and text.startswith(end, place):
            return place + len(end), "".join(kept)
        if text.startswith('#"', place):
            place = text.find('"#', place + 2) + 2
            kept.append('""')
        elif text[place] == '"':
            quote = '"""' if text.startswith('"""', place) else '"'
            place, inner = _in_string(text, place + len(quote), quote)
            kept.append(f'" {inner} "')
        elif end == ")" and text[place] == "(":
            place, inner = _outside_strings(text, place + 1, ")")
            kept.append(f"({inner})")
        else:
            kept.append(text[place])
            place += 1
    return place, "".join(kept)


def _in_string(text: str, place: int, quote: str) -> tuple[int, str]:
    """The code of a string's interpolations."""
    kept = []
    while place < len(text) and not text.startswith(quote, place):
        if text.startswith("\\(", place):
            place, inner = _outside_strings(text, place + 2, ")")
            kept.append(inner)
        else:
            place += 2 if text[place] == "\\" else 1
    return place + len(quote), " ".join(kept)


class Program:
    """The files of one folder under Sources, with what each declares and uses."""

    def __init__(self, base: pathlib.Path, everywhere: collections.Counter):
        self.base = base
        self.files = {path: code(path.read_text(encoding="utf-8")) for path in sorted(base.rglob("*.swift"))}
        self.declared = collections.defaultdict(list)
        self.kinds = {}
        self.members = collections.defaultdict(set)
        for path, text in self.files.items():
            for declaration in DECLARATION.finditer(text):
                self.declared[declaration[2]].append(path)
                self.kinds[declaration[2]] = declaration[1]
            for extension in EXTENSION.finditer(text):
                for member in MEMBER.finditer(extension[1]):
                    self.members[member[1]].add(path)
        self.everywhere = everywhere

    def folder(self, path: pathlib.Path) -> str:
        return self.base.name if path.parent == self.base else path.parent.relative_to(self.base).as_posix()

    def uses(self):
        """Yields (file, name, file that declares it) for each use of another folder's name."""
        for path, text in self.files.items():
            for name, homes in self.declared.items():
                if any(self.folder(home) == self.folder(path) for home in homes) or not self._mentions(text, name):
                    continue
                for home in homes:
                    yield path, name, home
            for name, homes in self.members.items():
                # If a member elsewhere has the same name, the file may use that one instead.
                if len(homes) == 1 and self.everywhere[name] == 1 and re.search(rf"\.{name}\b", text):
                    home = next(iter(homes))
                    if self.folder(home) != self.folder(path):
                        yield path, name, home

    def _mentions(self, text: str, name: str) -> bool:
        kind = self.kinds[name]
        if kind == "func":
            # A use of a method or a local value with the same name is not a use of the function.
            return bool(re.search(rf"(?<![\w.]){name}(?:<[^>\n]*>)?\(|[:(] ?{name}\)", text)) and not re.search(
                rf"(?:\b(?:func|let|var)|_) {name}\b", text
            )
        if kind in ("let", "var"):
            return bool(re.search(rf"(?<![\w.]){name}\b(?!:)", text)) and not re.search(rf"\b(?:let|var) {name}\b", text)
        return bool(re.search(rf"(?<![\w.]){name}\b", text))


def names_everywhere(sources: pathlib.Path) -> collections.Counter:
    """The number of files, across all programs, that declare each member name."""
    counts = collections.Counter()
    for path in sources.rglob("*.swift"):
        text = code(path.read_text(encoding="utf-8"))
        names = set(ANY_NAME.findall(text))
        for cases in ENUM_CASES.findall(text):
            names.update(re.findall(r"[A-Za-z_]\w*", cases))
        counts.update(names)
    return counts


def orders(contributing: str) -> dict[str, list[str]]:
    """The folder order of each program, from the lines `Program: A → B → …` in CONTRIBUTING.md."""
    found = {}
    for line in re.findall(r"^    (\w+): (.+(?:\n {6,}.+)*)$", contributing, re.M):
        found[line[0]] = [step.strip() for step in re.split(r"→", line[1].replace("\n", " "))]
    return found


def breaches(root: pathlib.Path) -> list[str]:
    """Each use of a later folder by an earlier one, and each folder that the order does not name."""
    found = []
    sources = root / "Sources"
    everywhere = names_everywhere(sources)
    listed = orders((root / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    for base in sorted(path for path in sources.iterdir() if path.is_dir()):
        order = listed.get(base.name)
        if order is None:
            found.append(f"CONTRIBUTING.md: no folder order for {base.name}")
            continue
        program = Program(base, everywhere)
        places = {folder: place for place, folder in enumerate(order)}
        folders = {program.folder(path) for path in program.files}
        for folder in sorted(folders - places.keys()):
            found.append(f"CONTRIBUTING.md: the order of {base.name} does not name the folder {folder}")
        for folder in sorted(places.keys() - folders):
            found.append(f"CONTRIBUTING.md: the order of {base.name} names {folder}, which has no file")
        if not folders <= places.keys():
            continue
        for path, name, home in program.uses():
            if places[program.folder(home)] > places[program.folder(path)]:
                found.append(
                    f"{path.relative_to(root)}: uses {name} from {home.relative_to(base)}, which comes later"
                )
    return found
