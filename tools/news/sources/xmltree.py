"""XML of strangers as a tree: no entities, no document type, no network, broken places passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["children", "local", "tree"]


def tree(text: str) -> _Element | None:
    """The tree of a text that begins at its root element (so that it can declare nothing); None where there is none."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


def local(element: _Element) -> str:
    """The name without its namespace, lower case; "" for what is no element. Broken files forget to declare the prefix."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def children(element: _Element, name: str) -> list[_Element]:
    """The direct children of that name, in whatever namespace."""
    return [child for child in element if local(child) == name]
