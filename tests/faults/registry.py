"""A registry of some hundred packages that require each other, and the requests for some of them."""

import json
import random
from dataclasses import dataclass

from tests.e2e.shelf import Shelf

LAYERS = (60, 80, 80, 80)
"""Who is asked for, and what is found three steps deep behind it."""

DONE = "done"
GIVEN_UP = ("package_not_found", "unsupported_type", "invalid_json", "no_data_field")


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry pushed onto the stream, and how it has to end: done, or why it is given up."""

    fields: dict[str, str]
    fate: str


def names(layers: tuple[int, ...] = LAYERS) -> list[list[str]]:
    """Return the packages, those that are asked for first."""
    return [[f"p{depth}-{number}" for number in range(size)] for depth, size in enumerate(layers)]


def registry(seed: int, layers: tuple[int, ...] = LAYERS) -> Shelf:
    """Serve packages of one to three versions; each layer brings in all of the next, some the last."""
    draw = random.Random(seed)
    shelf, layered = Shelf(), names(layers)
    shelf.put("root", v1_0=[])
    for depth, layer in enumerate(layered):
        below = layered[depth + 1] if depth + 1 < len(layered) else []
        for place, name in enumerate(layer):
            # Its share of the layer below, so that nothing is out of reach.
            required = below[place :: len(layer)] + draw.sample(below, min(2, len(below)))
            if draw.random() < 0.2 and depth:
                required.append(draw.choice(layered[depth - 1]))  # a cycle now and then
            for major in range(1, draw.randint(2, 4)):
                needs = sorted({f"{each}>={draw.randint(0, 2)}" for each in required})
                shelf.put(name, **{f"v{major}_0": needs})
    return shelf


def requests(seed: int, parent_id: str, layers: tuple[int, ...] = LAYERS) -> list[Asked]:
    """Ask for the first layer, for a third of it twice, and now and then for what cannot be had.

    `parent_id` is the graph's own id of a version that every tenth request is to be linked with.
    """
    draw = random.Random(seed)
    asked = []
    for number, name in enumerate([*names(layers)[0], *names(layers)[0][::3]]):
        link = {"parent_id": parent_id, "constraints": f">={number}"} if number % 10 == 0 else {}
        asked.append(_asked(number, DONE, node_type="PyPIPackage", package=name, **link))
    for number in range(1_000, 1_012):
        asked += [
            _asked(number, "package_not_found", node_type="PyPIPackage", package=f"no-{number}"),
            _asked(number, "unsupported_type", node_type="CondaPackage", package="p0-1"),
            Asked({"data": f"{{broken {number}"}, "invalid_json"),
            Asked({"other": str(number)}, "no_data_field"),
        ]
    draw.shuffle(asked)
    return asked


def _asked(number: int, fate: str, **message: object) -> Asked:
    # The number is a field of another program, which tells equal requests apart.
    return Asked({"data": json.dumps({**message, "number": number})}, fate)
