"""Serves the packaged app: media types, pre-compressed files, and caching that never mixes builds."""

import hashlib
import re
from email.utils import formatdate
from pathlib import Path
from wsgiref.headers import Headers

from servestatic import ServeStaticASGI
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

INDEX = "index.html"
# The list of a build's files, rewritten by every build.
BUILD_LIST = "precache.json"
TYPES = {
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    "manifest.json": "application/manifest+json",
    ".woff2": "font/woff2",
}
# A file name with a content hash: its content never changes.
CONTENT_HASH = re.compile(r"[.-][0-9a-f]{12,64}\.[a-z0-9]+$")


class WebFolderMissingError(Exception):
    """The folder contains no packaged app."""


class PackagedApp:
    """An ASGI application that serves a folder written by `build/pwa.py`.

    A path without a dot that matches no file is a route inside the app, so the page is served. Files without
    a content hash in the name are revalidated before every use, with an ETag computed from the content: times
    and sizes can be equal in two builds. A new build in the folder is served at once.
    """

    def __init__(self, folder: Path) -> None:
        """Scan the folder. Raises `WebFolderMissingError` if it contains no packaged app."""
        self.folder = folder.absolute()
        build = self._build_on_disk()
        if build is None or not (self.folder / INDEX).is_file():
            raise WebFolderMissingError(f"There is no packaged app in {self.folder}. `make pwa` makes it.")
        self._build = build
        self._files = self._scan()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            refusal = PlainTextResponse("Method Not Allowed", 405, {"allow": "GET, HEAD"})
            await refusal(scope, receive, send)
            return
        self._follow_build()
        if "." not in scope["path"] and scope["path"] not in self._files.files:
            scope = {**scope, "path": f"/{INDEX}"}
        await self._files(scope, receive, send)

    def _build_on_disk(self) -> tuple[int, int] | None:
        """Identify the build in the folder; None if there is none."""
        try:
            stat = (self.folder / BUILD_LIST).stat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def _follow_build(self) -> None:
        build = self._build_on_disk()
        if build is not None and build != self._build:
            self._files = self._scan()
            self._build = build

    def _scan(self) -> ServeStaticASGI:
        built_at = formatdate((self.folder / BUILD_LIST).stat().st_mtime, usegmt=True)

        def add_validators(headers: Headers, path: str, _url: str) -> None:
            with Path(path).open("rb") as file:
                headers["ETag"] = f'"{hashlib.file_digest(file, "sha256").hexdigest()[:32]}"'
            # Files that a build unpacks from packages have old times.
            headers["Last-Modified"] = built_at
            if "Cache-Control" not in headers:
                headers["Cache-Control"] = "no-cache"

        return ServeStaticASGI(
            not_found,
            root=self.folder,
            max_age=None,
            allow_all_origins=False,
            mimetypes=TYPES,
            immutable_file_test=lambda _path, url: CONTENT_HASH.search(url) is not None,
            add_headers_function=add_validators,
        )


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404 for a file that the build doesn't contain."""
    await PlainTextResponse("Not Found", 404)(scope, receive, send)
