"""A push service on this machine: autopush's websocket protocol towards Firefox, RFC 8030 and RFC 8292
towards the server. It stores nothing for a disconnected browser.
"""

import asyncio
import json
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.server.devices import text

DELIVERED = 100  # code of an acknowledgement; 101 is a decryption error, 102 a failed service worker


@dataclass(frozen=True)
class Channel:
    """A push subscription: the id of its browser and the VAPID key of the one server that may use it."""

    browser: str
    id: str
    key: str


class PushService:
    """A running push service; its methods are safe to call from any thread."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        """The code the browser reported for each push, in order."""
        self._browsers: dict[str, WebSocket] = {}  # by the id each was given
        self._channels: dict[str, Channel] = {}  # by the last segment of the endpoint
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        routes = [
            WebSocketRoute("/", self._talk),
            Route("/wpush/v2/{token}", self._push, methods=["POST"]),
        ]
        configuration = uvicorn.Config(
            Starlette(routes=routes), ws="websockets-sansio", lifespan="off", log_config=None
        )
        self._server = uvicorn.Server(configuration)
        self._thread = threading.Thread(target=self._server.run, args=([self._listening],))

    @contextmanager
    def running(self) -> Iterator["PushService"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.should_exit = True
            self._thread.join()

    @property
    def subscriptions(self) -> int:
        return len(self._channels)

    def forget_browsers(self) -> None:
        """Forget all browsers: each gets a new id and has to subscribe again."""
        self._channels.clear()
        for name in list(self._browsers):
            browser = self._browsers.pop(name)
            assert self._loop
            asyncio.run_coroutine_threadsafe(browser.close(), self._loop).result(10)

    # --- browser side --------------------------------------------------------------------------------------

    async def _talk(self, browser: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        await browser.accept("push-notification")
        name = ""
        async for message in browser.iter_text():
            said = json.loads(message)
            answer: dict[str, Any] = {}  # the answer to a ping
            match said.get("messageType"):
                case "hello":
                    known = {each.browser for each in self._channels.values()}
                    name = said["uaid"] if said.get("uaid") in known else uuid.uuid4().hex
                    self._browsers[name] = browser
                    answer = {"uaid": name, "use_webpush": True, "broadcasts": {}}
                case "register":
                    answer = {"channelID": said["channelID"], "pushEndpoint": self._register(name, said)}
                case "unregister":
                    self._channels = {
                        token: each for token, each in self._channels.items() if each.id != said["channelID"]
                    }
                    answer = {"channelID": said["channelID"]}
                case "ack":
                    self.acknowledged += [update["code"] for update in said["updates"]]
                    continue
                case "nack":
                    self.acknowledged.append(said["code"])
                    continue
                case "broadcast_subscribe":
                    continue
            if answer:
                answer |= {"messageType": said["messageType"], "status": 200}
            await browser.send_text(json.dumps(answer))
        if self._browsers.get(name) is browser:
            del self._browsers[name]

    def _register(self, name: str, said: dict[str, Any]) -> str:
        token = uuid.uuid4().hex
        self._channels[token] = Channel(name, said["channelID"], said["key"].rstrip("="))
        return f"http://{self.address}/wpush/v2/{token}"

    # --- server side ---------------------------------------------------------------------------------------

    async def _push(self, request: Request) -> Response:
        channel = self._channels.get(request.path_params["token"])
        if channel is None:
            return Response(status_code=410)
        if f"k={channel.key}" not in request.headers["authorization"]:
            return Response(status_code=403)
        browser = self._browsers.get(channel.browser)
        if browser is None:
            return Response(status_code=503, headers={"retry-after": "1"})
        push = {
            "messageType": "notification", "channelID": channel.id, "version": uuid.uuid4().hex,
            "ttl": int(request.headers["ttl"]), "data": text(await request.body()),
            "headers": {"encoding": request.headers["content-encoding"]},
        }  # fmt: skip
        await browser.send_text(json.dumps(push))
        return Response(status_code=201, headers={"location": str(request.url)})
