"""What the queue's tests share: a backend whose pictures take a while, and orders for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from PIL import Image

from tools.images.backend import HOUSE, Backend, Offer, PaintCancelled, PaintError, Painting, Stage
from tools.images.queue import Order
from tools.images.recipe import Recipe
from tools.settings import Settings

SLOW = Offer("slow", "cpu", "model-1")


class Slow:
    """Paints noise of the recipe's seed in `steps` stages; the prompt may ask for trouble.

    Every picture that was begun and every one that was finished is a line of the file SLOW_LOG, where that is set.
    """

    name, device = "slow", "cpu"
    steps, pause = 4, 0.01

    def paint(self, recipe: Recipe, *, on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Painting:
        self.log(f"begun {recipe.seed}")
        if recipe.prompt == "refused":
            raise PaintError(why="no")
        if recipe.prompt == "broken":
            raise ZeroDivisionError("a bug")
        if recipe.prompt == "deadly":
            os._exit(9)
        for step in range(10**9 if recipe.prompt == "endless" else self.steps):
            if cancelled():
                raise PaintCancelled
            on_stage(Stage(step, self.steps, b"jpeg"))
            time.sleep(self.pause)
        side = 512 if recipe.prompt == "large" else 32
        noise = Random(recipe.seed).randbytes(side * side * 3)
        self.log(f"ended {recipe.seed}")
        made = replace(recipe, model="noise", width=side, height=side, extra={"memory": "none"})
        return Painting(
            Image.frombytes("RGB", (side, side), noise), made, (("note_square", {"asked": "1", "used": "2"}),)
        )

    def log(self, line: str) -> None:
        if path := os.environ.get("SLOW_LOG"):
            with open(path, "a", encoding="utf-8") as file:
                file.write(line + "\n")


def opened(name: str, settings: Settings) -> Backend:
    """The opener that the tests hand to `work`."""
    assert settings.finale_image_device == "cpu"
    return Slow()


def order(folder: Path, n: int, prompt: str = "noise", offer: Offer = SLOW) -> Order:
    return Order(Recipe(prompt=prompt, seed=n), folder / f"{n:02d}.png", offer)


def orders(folder: Path, count: int, first: int = 1) -> list[Order]:
    return [order(folder, n) for n in range(first, first + count)]


def stickers(folder: Path, count: int) -> list[Order]:
    """Orders for the house artist."""
    sheet = {"character": {"subject": "柴犬", "seed": 1}, "scene": {"expression": "happy", "caption": ""}}
    house = Offer(HOUSE, "house")
    recipes = [Recipe(seed=n, width=64, height=64, sheet=sheet) for n in range(count)]
    return [Order(recipe, folder / f"{n}.png", house) for n, recipe in enumerate(recipes)]
