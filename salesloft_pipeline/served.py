"""The served files where several machines look: by SERVING_URL, in whatever store fsspec knows.

    publish, dashboard, report  ->  SERVING_FOLDER of this machine  ->  SERVING_URL
    dashboard, report, export     <-  SERVING_FOLDER of another    <-  SERVING_URL

Without the setting there is the folder alone. Stores take a file whole or not at all, so nobody sees a half.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec

from salesloft_pipeline.settings import Settings
from salesloft_pipeline.transform.serving import COPY, ServingError, serving_copy
from salesloft_pipeline.warehouse import Warehouse


def copy_at_hand(settings: Settings) -> Warehouse:
    """The serving copy, to read; the newest of the store, where there is one. Raises ServingError as `serving_copy`."""
    if settings.serving_url:
        store, root = _store(settings.serving_url)
        folder = settings.serving_folder
        if store.exists(f"{root}/{COPY}"):
            folder.mkdir(parents=True, exist_ok=True)
            fresh = folder / f"{COPY}.taken"
            store.get_file(f"{root}/{COPY}", str(fresh))
            fresh.replace(folder / COPY)
    return serving_copy(settings.serving_folder)


def hand_on(settings: Settings, *paths: Path) -> None:
    """Bring files and folders of SERVING_FOLDER to the store, in this order. Raises ServingError, and as the store does."""
    if settings.serving_url:
        store, root = _store(settings.serving_url)
        for file in (file for path in paths for file in _files(path)):
            place = f"{root}/{file.relative_to(settings.serving_folder).as_posix()}"
            store.makedirs(place.rpartition("/")[0], exist_ok=True)
            store.put_file(str(file), place)


def _files(path: Path) -> Iterator[Path]:
    yield from (file for file in sorted(path.rglob("*")) if file.is_file()) if path.is_dir() else [path]


def _store(url: str) -> tuple[Any, str]:
    try:
        store, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ServingError(f"SERVING_URL cannot be used: {error}") from error
    return store, root.rstrip("/")
