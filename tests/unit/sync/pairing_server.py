"""A fake of the server's pairing endpoints, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

STEPS = {"request": "claimed", "reveal": "requested", "answer": "revealed"}
STATES = {"request": "requested", "reveal": "revealed", "answer": "answered"}


@dataclass
class FakePairings:
    """One pairing at a time; `kept` is everything ever stored of it."""

    clock: Callable[[], datetime]
    id: str = ""
    device: str = ""
    expires_at: datetime | None = None
    state: str = ""
    secret: str = ""
    boxes: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def ask(self, step: str, device: str | None, body: Any) -> tuple[int, Any]:
        """Respond to a request; `device` is the one of its token, if it has one."""
        if step == "":
            return self.offer(device or "", body)
        if body["id"] != self.id or self.expires_at is None or self.clock() >= self.expires_at:
            return 404, {"code": "no_pairing"}
        if step in {"claim", "request", "watch", "end"}:
            if step == "claim" and not self.secret:
                self.secret, self.state = body["secret"], "claimed"
            if body["secret"] != self.secret:
                return 409, {"code": "pairing_used"}
            return self.guest(step, body)
        if device != self.device:
            return 404, {"code": "no_pairing"}
        return self.member(step, body)

    def offer(self, device: str, body: Any) -> tuple[int, Any]:
        if self.boxes.get("offer") != body["box"]:
            self.__init__(self.clock, body["id"], device)  # type: ignore[misc]
            self.state, self.expires_at = "offered", self.clock() + timedelta(minutes=10)
            self.boxes = {"offer": body["box"]}
        self.kept |= self.boxes
        return 201, {"expires_at": self.until}

    def member(self, step: str, body: Any) -> tuple[int, Any]:
        if step == "progress":
            return 200, {
                "state": self.state, "expires_at": self.until, "request": self.boxes.get("request"),
            }  # fmt: skip
        if step == "cancel":
            if not self.secret:
                self.id = ""
            self.end("refused")
            return 204, None
        return self.hand_in(step, body["box"])

    def guest(self, step: str, body: Any) -> tuple[int, Any]:
        if step == "claim":
            if "offer" not in self.boxes:
                return 409, {"code": "pairing_used"}
            return 200, {"offer": self.boxes["offer"], "expires_at": self.until}
        if step == "watch":
            reveal, answer = self.boxes.get("reveal"), self.boxes.get("answer")
            return 200, {
                "state": self.state, "expires_at": self.until, "reveal": reveal, "answer": answer,
            }  # fmt: skip
        if step == "end":
            self.end(body["outcome"])
            return 204, None
        return self.hand_in(step, body["box"])

    def hand_in(self, step: str, box: str) -> tuple[int, Any]:
        if self.boxes.get(step) == box:
            return 204, None
        if self.state != STEPS[step]:
            return 409, {"code": "pairing_step"}
        self.boxes[step], self.state = box, STATES[step]
        self.kept[step] = box
        return 204, None

    def end(self, outcome: str) -> None:
        if self.state not in {"refused", "declined", "failed", "done"}:
            self.state = outcome
            self.boxes = {}

    @property
    def until(self) -> str:
        assert self.expires_at is not None
        return self.expires_at.isoformat()
