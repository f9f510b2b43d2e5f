"""Pixel art: the drawing on a coarse grid with few colours and hard edges, kept as squares so that it stays crisp."""

from __future__ import annotations

import io

__all__ = ["pixelled"]

_COLOURS = 22


def pixelled(art: str, cells: int, side: int, border: float) -> str:
    """SVG rows of squares for the SVG elements `art`; a white rim of one cell where `border` is above 0."""
    import numpy as np
    import resvg_py
    from PIL import Image

    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">{art}</svg>'
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=cells * 3, height=cells * 3, skip_system_fonts=True))
    big = Image.open(io.BytesIO(png)).convert("RGBA")
    small = big.resize((cells, cells), Image.Resampling.BOX)
    solid = np.asarray(small)[..., 3] > 120
    middle = np.asarray(big)[1::3, 1::3, :3]  # the cell's middle keeps thin lines dark
    flat = Image.fromarray(np.where(solid[..., None], middle, 255).astype("uint8")).quantize(
        _COLOURS, dither=Image.Dither.NONE
    )
    colours = np.asarray(flat.convert("RGB"))
    cell = side / cells
    out = []
    if border:
        rim = np.zeros_like(solid)
        padded = np.pad(solid, 1)
        for dy in (0, 1, 2):
            for dx in (0, 1, 2):
                rim |= padded[dy : dy + cells, dx : dx + cells]
        out.append(_rows(rim, np.full((cells, cells, 3), 255, dtype="uint8"), cell))
    out.append(_rows(solid, colours, cell))
    return '<g shape-rendering="crispEdges">' + "".join(out) + "</g>"


def _rows(solid, colours, cell: float) -> str:  # noqa: ANN001 (arrays)
    """One path per colour, a rectangle for each run of cells."""
    paths: dict[str, list[str]] = {}
    for y, row in enumerate(solid):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start, colour = x, tuple(colours[y, x])
            while x < len(row) and row[x] and tuple(colours[y, x]) == colour:
                x += 1
            name = "#" + "".join(f"{int(part):02x}" for part in colour)
            top, left, right, low = y * cell, start * cell, x * cell, (y + 1) * cell
            paths.setdefault(name, []).append(f"M{left:.2f} {top:.2f}H{right:.2f}V{low:.2f}H{left:.2f}Z")
    return "".join(f'<path d="{"".join(runs)}" fill="{name}"/>' for name, runs in paths.items())
