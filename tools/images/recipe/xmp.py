"""The XMP packet of a picture: how it was made, in IPTC's terms, and our recipe as JSON.

The property is IPTC Photo Metadata's `Iptc4xmpExt:DigitalSourceType`, whose values are the NewsCodes in `model`.
"""

from __future__ import annotations

import json
from xml.sax.saxutils import quoteattr

from tools.images.recipe.model import SOURCE_TYPES, Made, Recipe

__all__ = ["packet", "read_packet"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_OURS = "https://finale.invalid/ns/recipe/1/"
_MAX_PACKET = 512 * 1024


def packet(made: Made, recipe: Recipe | None) -> str:
    """The packet of a picture that was made in way `made`; `recipe` goes into it as JSON where it is given."""
    ours = ""
    if recipe is not None:
        text = json.dumps(recipe.to_json(), ensure_ascii=True, separators=(",", ":"))
        ours = f' xmlns:finale="{_OURS}" finale:Recipe={quoteattr(text)}'
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{_EXT}" xmlns:xmp="{_XMP}"'
        f' Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPES[made]}" xmp:CreatorTool="Finale"{ours}/>'
        "</rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    )


def read_packet(data: bytes | str | None) -> tuple[Made | None, str]:
    """(how the picture says it was made, the JSON text of our recipe or ""); (None, "") for what is no XMP.

    Attributes and child elements mean the same in RDF; both are read. Entities are never resolved: a packet with a
    DOCTYPE is not read at all.
    """
    from lxml import etree

    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if not raw or len(raw) > _MAX_PACKET or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        return None, ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw.rstrip(b"\0"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None, ""
    found: dict[str, str] = {}
    for node in root.iter(f"{{{_RDF}}}Description"):
        for name, value in node.attrib.items():
            found.setdefault(str(name), str(value))
        for child in node:
            if isinstance(child.tag, str):
                found.setdefault(child.tag, str(child.get(f"{{{_RDF}}}resource") or child.text or ""))
    named = found.get(f"{{{_EXT}}}DigitalSourceType", "").strip().replace("https://", "http://", 1)
    made = next((way for way, uri in SOURCE_TYPES.items() if uri == named), None)
    return made, found.get(f"{{{_OURS}}}Recipe", "")
