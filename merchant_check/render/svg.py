"""Draws plots as SVG text without any colour or font of their own: the page's style sheet gives those by class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement, tostring

from merchant_check.render import words

WIDTH = 320  # units; a phone shows one about as wide as a pixel, so text of 11 stays readable
TEXT = 11  # height of a line of text
LETTER, BOLD = 7.2, 7.7  # width of a character, enough for the widest of the system fonts
TOP, BOTTOM = 12, 22
WIDEST_NAME = 96  # a longer name is set closer
STEPS = (1, 2, 5, 10)

Point = tuple[float, float | None]
"""A place in a plot; None where there is no value."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is read aloud in place of the picture; `id` is the page's own name for it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks of the upright axis, from the lowest to the highest, and their names."""

    marks: tuple[float, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A few words at the right end of a plot, beside the value they belong to."""

    at: float
    text: str
    style: str


def scale(values: Iterable[float], unit: str) -> Scale:
    """Three to six round marks around the values, named in their unit and no two alike."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    size = max(abs(low), abs(high))
    flat = high - low <= size / 1000
    step = _round_up((size if flat else high - low) / 4 or 1.0)
    first, last = math.floor(low / step), math.ceil(high / step)
    marks = tuple(number * step for number in range(first, max(last, first + 1) + 1))
    return Scale(marks, _names(marks, unit))


def _round_up(raw: float) -> float:
    size = 10.0 ** math.floor(math.log10(raw))
    return next(step * size for step in STEPS if step * size >= raw * (1 - 1e-9))


def _names(marks: Sequence[float], unit: str) -> tuple[str, ...]:
    for extra in range(4):
        names = tuple(words.number(mark, unit, extra) for mark in marks)
        if len(set(names)) == len(marks):
            break
    return names


class Plot:
    """One picture with its axes drawn: x runs over `span`, y over the scale's marks."""

    def __init__(
        self,
        caption: Caption,
        height: int,
        span: tuple[float, float],
        scale: Scale,
        labels: Sequence[Label] = (),
    ) -> None:
        self.span, self.scale = span, scale
        self.left = 10 + min(WIDEST_NAME, max(map(len, scale.names)) * LETTER)
        longest = max((len(label.text) for label in labels), default=0)
        self.right = WIDTH - max(26, 10 + min(WIDEST_NAME, longest * BOLD))
        self.top, self.bottom = TOP, height - BOTTOM
        self.root = _root(caption, height)
        self._marks()
        self._labels(labels)

    def __str__(self) -> str:
        return tostring(self.root, encoding="unicode")

    def x(self, value: float) -> float:
        """Where a value stands from left to right."""
        low, high = self.span
        return self.left + (value - low) / ((high - low) or 1) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where a value stands from top to bottom."""
        low, high = self.scale.marks[0], self.scale.marks[-1]
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def steps_for(self, name: str) -> int:
        """Into how many steps the lower axis may be cut, if a name as long as this one stands at each."""
        return int((self.right - self.left) / ((len(name) + 1) * LETTER))

    # --- what can be drawn

    def names(self, places: Iterable[tuple[float, str]]) -> None:
        """The marks of the lower axis."""
        for at, name in places:
            half = len(name) * LETTER / 2
            self._text(min(max(self.x(at), half), WIDTH - half), self.bottom + 16, name, "mark", anchor="middle")

    def line(self, points: Iterable[Point], style: str) -> None:
        """A line from point to point, broken where a value is missing; a lone point becomes a dot."""
        for run in _runs(points):
            if len(run) == 1:
                self.dot(*run[0], style)
            else:
                SubElement(self.root, "path", {"class": style, "d": "M" + "L".join(map(self._place, run))})

    def steps(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A line that holds each value until the next point."""
        SubElement(self.root, "path", {"class": style, "d": "M" + "L".join(map(self._place, _stairs(points)))})

    def band(self, upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]], style: str) -> None:
        """The area between two stepped lines."""
        around = [*_stairs(upper), *reversed(_stairs(lower))]
        SubElement(self.root, "path", {"class": style, "d": "M" + "L".join(map(self._place, around)) + "Z"})

    def level(self, value: float, style: str) -> None:
        """A line across the whole plot."""
        self.line(((self.span[0], value), (self.span[1], value)), style)

    def whisker(self, at: float, low: float, high: float) -> None:
        """An interval, upright."""
        self.line(((at, low), (at, high)), "whisker")

    def dot(self, at: float, value: float, style: str) -> None:
        """A single value."""
        SubElement(self.root, "circle", _attributes(f"{style} dot", cx=self.x(at), cy=self.y(value), r=3))

    def column(self, first: float, last: float, low: float, high: float, style: str) -> None:
        """An upright block from `first` to `last`, cut at the edges of the plot."""
        left, right = self.x(max(first, self.span[0])), self.x(min(last, self.span[1]))
        if right > left:
            top, bottom = self.y(high), self.y(low)
            place = _attributes(style, x=left, y=top, width=right - left, height=bottom - top)
            SubElement(self.root, "rect", place)

    def shade(self, first: float, last: float, style: str) -> None:
        """A stretch of the lower axis, over the whole height."""
        self.column(first, last, self.scale.marks[0], self.scale.marks[-1], style)

    # --- the frame

    def _marks(self) -> None:
        for value, name in zip(self.scale.marks, self.scale.names, strict=True):
            self.level(value, "zero" if value == 0 else "grid")
            self._text(self.left - 5, self.y(value) + 4, name, "mark", anchor="end")

    def _labels(self, labels: Sequence[Label]) -> None:
        ordered = sorted(labels, key=lambda label: -label.at)
        heights = _apart([self.y(label.at) + 4 for label in ordered], self.bottom + 4)
        for label, height in zip(ordered, heights, strict=True):
            self._text(self.right + 7, height, label.text, f"label {label.style}")

    def _text(self, x: float, y: float, text: str, style: str, anchor: str = "start") -> None:
        place = _attributes(style, x=x, y=y) | {"text-anchor": anchor}
        if len(text) * LETTER > WIDEST_NAME:
            place |= {"textLength": str(WIDEST_NAME - 4), "lengthAdjust": "spacingAndGlyphs"}
        SubElement(self.root, "text", place).text = words.clean(text)

    def _place(self, point: tuple[float, float]) -> str:
        return f"{self.x(point[0]):.1f} {self.y(point[1]):.1f}"


def _root(caption: Caption, height: int) -> Element:
    ids = {"title": f"{caption.id}-title", "desc": f"{caption.id}-desc"}
    root = Element("svg", {"viewBox": f"0 0 {WIDTH} {height}", "role": "img"})
    root.set("aria-labelledby", ids["title"])
    root.set("aria-describedby", ids["desc"])
    for name, text in (("title", caption.title), ("desc", caption.text)):
        SubElement(root, name, {"id": ids[name]}).text = words.clean(text)
    return root


def _attributes(style: str, **places: float) -> dict[str, str]:
    return {"class": style, **{name: f"{value:.1f}".removesuffix(".0") for name, value in places.items()}}


def _runs(points: Iterable[Point]) -> Iterator[list[tuple[float, float]]]:
    """The stretches of points without a missing value."""
    run: list[tuple[float, float]] = []
    for x, y in points:
        if y is not None and math.isfinite(y):
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    corners = [(after[0], before[1]) for before, after in pairwise(points)]
    return [point for pair in zip(points, corners, strict=False) for point in pair] + [points[-1]]


def _apart(heights: Sequence[float], lowest: float) -> list[float]:
    """The same heights, from the top, pushed apart so that no two lines of text overlap."""
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + TEXT + 1) if found else height)
    for index in range(len(found) - 1, -1, -1):
        below = found[index + 1] - TEXT - 1 if index + 1 < len(found) else lowest
        found[index] = min(found[index], below)
    return found
