"""Security headers for every response: the app may connect to its own origin only."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # Flutter's renderer and Python are WebAssembly
    "style-src": "'self' 'unsafe-inline'",  # Flutter lays out its host elements with style attributes
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'self'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    # Only these policies may turn text into code: assets/web/page/trusted-types.js creates the first,
    # Flutter's loader and engine create the others.
    "require-trusted-types-for": "'script'",
    "trusted-types": "default flutter-js flutter-engine",
}

# Only over HTTPS: browsers ignore it on HTTP, and a home server may have no certificate.
STRICT_TRANSPORT = {"strict-transport-security": "max-age=31536000"}

SECURITY_HEADERS = {
    "content-security-policy": "; ".join(
        f"{name} {value}" for name, value in CONTENT_SECURITY_POLICY.items()
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds the security headers to every response, scripts included: a worker uses its script's policy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        secure = scope.get("scheme") == "https"  # set by a trusted proxy's header
        added = {**SECURITY_HEADERS, **STRICT_TRANSPORT} if secure else SECURITY_HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(added)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
