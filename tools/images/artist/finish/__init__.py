"""The last step of a drawing in a style with a finish: the SVG's layers worked over as paint, thread, paper or metal.

from tools.images.artist.finish import finished
png = finished(svg, size=512, style=style, seed=7)
"""

from tools.images.artist.finish.finished import FINISHES, finished

__all__ = ["FINISHES", "finished"]
