"""The catalogue: one row per list, with what it filters and sorts by and how it pages.

This is our reading of the vendor's index pages. What is not in a row does not exist: an unknown filter is
ignored without a word, an unknown sort is refused.
"""

from __future__ import annotations

from .administration import ADMINISTRATION
from .listing import Resource
from .selling import SELLING

RESOURCES: dict[str, Resource] = {resource.path: resource for resource in (*SELLING, *ADMINISTRATION)}
BY_NAME = {resource.name: resource for resource in RESOURCES.values()}
