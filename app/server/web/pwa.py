"""Serves the packaged app: right types, pre-compressed files, and never a file of one build as another's."""

import hashlib
import re
from email.utils import formatdate
from pathlib import Path
from wsgiref.headers import Headers

from servestatic import ServeStaticASGI
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

INDEX = "index.html"
# The list of a build's files, which is new with every build.
BUILD_LIST = "precache.json"
TYPES = {
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    "manifest.json": "application/manifest+json",
    ".woff2": "font/woff2",
}
# A name that carries its content's hash never comes to mean another content.
CONTENT_HASH = re.compile(r"[.-][0-9a-f]{12,64}\.[a-z0-9]+$")


class WebFolderMissingError(Exception):
    """There is no packaged app in the folder."""


class PackagedApp:
    """An ASGI application that serves a folder as `build/pwa.py` writes it.

    A path that is no file's and has no dot in it is a place inside the app, so the page itself answers there.
    A file whose name does not carry its content's hash is asked about again before every use, by an ETag made
    of its content: between two builds, times and sizes can be equal. A build that takes the folder's place is
    served at once.
    """

    def __init__(self, folder: Path) -> None:
        """Read what is there. Raises `WebFolderMissingError` where that is no packaged app."""
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
        """What tells the build in the folder from any other; None while there is none."""
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
            # The packages that a build unpacks bring old times with them.
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
    """Answer where the build has no such file."""
    await PlainTextResponse("Not Found", 404)(scope, receive, send)
