"""The rooms have doors: imports run down only, faces' libraries stay in apps, sibling rooms meet at their public face."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"tools": 0, "agents": 1, "apps": 2}
FACES_ONLY = {"streamlit", "typer", "fastapi", "click"}
HEAVY = {"torch", "diffusers", "chromadb", "sentence_transformers", "streamlit", "langgraph", "openai", "opencc"}
FILES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def imported(path: Path) -> list[tuple[str, bool]]:
    """(module, whether at the top of the file) of every import of `path`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, id(node) in top))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_down_only(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    for module, _ in imported(path):
        first = module.split(".")[0]
        assert FLOORS.get(first, -1) <= FLOORS[floor], f"{module} is upstairs of {floor}"
        assert floor == "apps" or first not in FACES_ONLY, f"{module} belongs to apps"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_siblings_meet_at_the_public_face(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "apps" or len(parts) < 3:
        return
    for module, _ in imported(path):
        names = module.split(".")
        if names[0] != parts[0] or len(names) < 2 or not (ROOT / names[0] / names[1]).is_dir() or names[1] == parts[1]:
            continue
        assert parts[0] == "tools", f"agents do not import each other: {module}"
        assert len(names) == 2, f"{module}: import from {'.'.join(names[:2])} instead"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    if path.parts[-2] in ("pages", "ui") or path.name == "home.py" or path.name == "graph.py":
        return  # these run inside Streamlit, or are themselves only imported by a run
    heavy = [module for module, top in imported(path) if top and module.split(".")[0] in HEAVY]
    assert not heavy


def test_files_keep_to_their_size() -> None:
    long = {str(path.relative_to(ROOT)): n for path in FILES if (n := len(path.read_text("utf-8").splitlines())) > 450}
    assert not long
