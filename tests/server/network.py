"""Connects the client's sync engine to a real server."""

import httpx


class Network(httpx.AsyncBaseTransport):
    """Opens a connection per request, because each sync session of a test has its own event loop."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncHTTPTransport(verify=False) as connection:
            response = await connection.handle_async_request(request)
            content = await response.aread()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )
