"""Prometheus metrics: counts and durations of requests, pushes and records, without accounts or devices."""

import hmac

from fastapi import Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from pydantic import SecretStr

from app import __version__

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

LATENESS = (0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3600, 14_400)


class Metrics:
    """The metrics of a server process."""

    def __init__(self, token: SecretStr | None) -> None:
        self._token = token
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        Gauge("kaeru_info", "The version that runs.", ["version"], registry=registry).labels(__version__).set(
            1
        )
        labels = ["method", "route", "status"]
        self.requests = Counter("kaeru_requests", "Requests answered.", labels, registry=registry)
        self.seconds = Histogram(
            "kaeru_request_seconds", "Time to answer.", ["route"], buckets=SECONDS, registry=registry
        )
        self.problems = Counter("kaeru_problems", "Requests refused, by code.", ["code"], registry=registry)
        self.records = Counter(
            "kaeru_records", "Records synced: accepted, conflicting, pulled.", ["outcome"], registry=registry
        )

        self.reminders_due = Counter("kaeru_reminders_due", "Reminders fallen due.", registry=registry)
        self.reminders_missed = Counter(
            "kaeru_reminders_missed", "Reminders that expired before they rang.", registry=registry
        )
        self.pushes_sent = Counter("kaeru_pushes_sent", "Pushes that a push service took.", registry=registry)
        self.pushes_failed = Counter(
            "kaeru_pushes_failed",
            "Attempts that failed: throttled, server, network, timeout, refused, forbidden, gone, expired,"
            " internal.",
            ["reason"],
            registry=registry,
        )
        self.push_lateness = Histogram(
            "kaeru_push_lateness_seconds",
            "From when a reminder was due to when a push service took it.",
            buckets=LATENESS,
            registry=registry,
        )

        self.clock_offset = Gauge(
            "kaeru_clock_offset_seconds",
            "By how much the system's clock is ahead of the time that is gone by; 0 unless it has jumped.",
            registry=registry,
        )

    def request(self, method: str, route: str, status: int, seconds: float, problem: str | None) -> None:
        self.requests.labels(method, route, status).inc()
        self.seconds.labels(route).observe(seconds)
        if problem:
            self.problems.labels(problem).inc()

    def synced(self, *, accepted: int, conflicting: int, pulled: int) -> None:
        counts = {"accepted": accepted, "conflicting": conflicting, "pulled": pulled}
        for outcome, count in counts.items():
            self.records.labels(outcome).inc(count)

    def pushed(self, lateness: float) -> None:
        self.pushes_sent.inc()
        self.push_lateness.observe(lateness)

    async def endpoint(self, request: Request) -> Response:
        """Serve the metrics to clients with the token; 404 if no token is configured."""
        if self._token is None:
            return Response(status_code=404)
        expected = f"Bearer {self._token.get_secret_value()}".encode()
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            return Response(status_code=401, headers={"www-authenticate": "Bearer"})
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
