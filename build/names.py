"""Checks that no class and no type alias of `app/` is defined twice: a name then means one thing."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parent.parent / "app"


def definitions(source: str) -> Iterator[str]:
    """The public classes and type aliases at the top of a module.

    An alias is a capitalised name that is assigned: constants are written in capitals throughout.
    """
    for node in ast.parse(source).body:
        names: list[str] = []
        if isinstance(node, ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        for name in names:
            is_type = isinstance(node, ast.ClassDef) or (name[:1].isupper() and not name.isupper())
            if is_type and not name.startswith("_"):
                yield name


def duplicates(folder: Path) -> dict[str, list[str]]:
    """Each name that is defined more than once, with the files that do."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(folder.rglob("*.py")):
        for name in definitions(file.read_text(encoding="utf-8")):
            found[name].append(str(file.relative_to(folder.parent)))
    return {name: files for name, files in sorted(found.items()) if len(files) > 1}


def main() -> None:
    found = duplicates(APP)
    for name, files in found.items():
        print(f"{name} is defined in {', '.join(files)}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
