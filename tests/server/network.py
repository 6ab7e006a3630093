"""How the client's engine reaches a real server in these tests."""

import httpx


class Network(httpx.AsyncBaseTransport):
    """Opens a connection for each request: every sync session of a test has its own event loop."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncHTTPTransport(verify=False) as connection:
            response = await connection.handle_async_request(request)
            content = await response.aread()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )
