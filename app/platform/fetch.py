"""An httpx transport over the browser's fetch, restricted to the page's own origin."""

import httpx

from app.platform.javascript import browser_module

# The browser decompresses bodies, so these headers do not match.
UNPACKED = frozenset({"content-encoding", "content-length"})
# fetch rejects these headers, which the browser sets itself.
FORBIDDEN = frozenset({"host", "connection", "content-length", "accept-encoding", "user-agent"})


class FetchTransport(httpx.AsyncBaseTransport):
    """Sends requests only to the page's origin, without cookies, bypassing the HTTP cache."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        js, ffi = browser_module("js"), browser_module("pyodide.ffi")
        origin = str(js.location.origin)
        if not str(request.url).startswith(f"{origin}/"):
            raise httpx.UnsupportedProtocol(f"only {origin} can be asked", request=request)
        timeout = request.extensions.get("timeout", {}).get("read") or 30
        options = {
            "method": request.method,
            "headers": {name: value for name, value in request.headers.items() if name not in FORBIDDEN},
            "signal": js.AbortSignal.timeout(int(timeout * 1000)),
            "cache": "no-store",
            "credentials": "omit",
            "redirect": "error",
        }
        if body := await request.aread():
            options["body"] = ffi.to_js(body)
        try:
            response = await js.fetch(
                str(request.url), ffi.to_js(options, dict_converter=js.Object.fromEntries)
            )
            content = (await response.arrayBuffer()).to_bytes()
        except ffi.JsException as error:
            if error.name in {"AbortError", "TimeoutError"}:
                raise httpx.ReadTimeout("no answer in time", request=request) from error
            raise httpx.ConnectError(str(error), request=request) from error
        headers = [(str(name), str(value)) for name, value in response.headers]
        kept = [(name, value) for name, value in headers if name.lower() not in UNPACKED]
        return httpx.Response(int(response.status), headers=kept, content=content, request=request)
