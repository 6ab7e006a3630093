"""HTTP/2 against a server that another library speaks for (h2)."""

import asyncio

import h2.errors
from hyperframe.frame import GoAwayFrame

from app.server.http2 import ConnectionLostError
from tests.server.peer import HEADERS, Peer, Settings, lost, outcomes, told


@told
async def test_requests_arrive_as_they_were_made_and_get_their_own_answers() -> None:
    server = Peer()
    first, second = await server.post(b"one", b"x" * 4096)
    assert server.requests[1] == {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "push.example",
        ":path": "/0",
        **HEADERS,
    }
    assert server.bodies == {1: b"one", 3: b"x" * 4096}
    assert server.whole == [1, 3]
    await server.answer(3, 1)
    assert (await first, await second) == ((201, {"location": "/1"}), (201, {"location": "/3"}))


@told
async def test_nothing_is_asked_before_the_server_has_said_how_much_it_takes() -> None:
    server = Peer()
    settings = server.h2.data_to_send()
    started = await server.post(b"one")
    assert server.requests == {}
    server.client.data_received(settings)
    await server.turns()
    assert server.whole == [1]
    await server.answer(1)
    assert outcomes(started) == [201]


@told
async def test_as_many_requests_at_a_time_as_the_server_takes() -> None:
    server = Peer(MAX_CONCURRENT_STREAMS=2)
    started = await server.post(*[b"body"] * 5)
    assert (server.whole, server.client.streams, server.client.load) == ([1, 3], 2, 5)
    await server.answer(1)
    assert server.whole == [1, 3, 5]
    server.h2.update_settings({Settings.MAX_CONCURRENT_STREAMS: 3})
    await server.turns()
    assert server.whole == [1, 3, 5, 7]
    await server.answer(3, 5, 7)
    await server.answer(9)
    assert outcomes(started) == [201] * 5


@told
async def test_a_tiny_window_gets_a_body_in_pieces() -> None:
    server = Peer(INITIAL_WINDOW_SIZE=10)
    server.reads = False
    (started,) = await server.post(b"x" * 35)
    assert server.bodies == {1: b"x" * 10}
    server.h2.increment_flow_control_window(7, 1)
    await server.turns()
    assert len(server.bodies[1]) == 17
    # More for each stream; then less than it has had already, which is to be made up for.
    server.h2.update_settings({Settings.INITIAL_WINDOW_SIZE: 15})
    await server.turns()
    assert len(server.bodies[1]) == 22
    server.h2.update_settings({Settings.INITIAL_WINDOW_SIZE: 0})
    await server.turns()
    server.h2.increment_flow_control_window(20, 1)
    await server.turns()
    assert (len(server.bodies[1]), server.whole) == (27, [])
    server.h2.increment_flow_control_window(8, 1)
    await server.turns()
    assert server.whole == [1]
    await server.answer(1)
    assert (await started)[0] == 201


@told
async def test_all_requests_share_the_window_of_the_connection() -> None:
    server = Peer()
    server.reads = False
    started = await server.post(*[b"x" * 1000] * 100)
    assert sum(len(body) for body in server.bodies.values()) == 65_535
    assert len(server.whole) == 65
    await server.answer(*server.whole)
    server.h2.increment_flow_control_window(65_535)
    await server.turns()
    assert len(server.whole) == 100
    await server.answer(*server.whole[65:])
    assert outcomes(started) == [201] * 100


@told
async def test_a_long_body_is_cut_into_frames_that_the_server_takes() -> None:
    server = Peer(INITIAL_WINDOW_SIZE=60_000)
    (started,) = await server.post(b"x" * 50_000)  # h2 refuses a frame of more than 16,384
    assert server.whole == [1]
    await server.answer(1)
    assert (await started)[0] == 201


@told
async def test_answers_may_be_long_and_come_in_parts() -> None:
    server = Peer()
    (started,) = await server.post(b"one")
    server.h2.send_headers(1, [(":status", "103"), ("link", "<a>")])
    server.h2.send_headers(1, [(":status", "429"), ("retry-after", "120"), ("x-long", "y" * 20_000)])
    for _ in range(40):
        while server.h2.local_flow_control_window(1) < 10_000:
            await server.turns()  # the client lets more of it come
        server.h2.send_data(1, b"z" * 10_000)
    server.h2.send_headers(1, [("checksum", "0")], end_stream=True)
    await server.turns()
    status, headers = await started
    assert (status, headers["retry-after"], len(headers["x-long"])) == (429, "120", 20_000)


@told
async def test_an_answer_that_comes_before_the_body_was_read() -> None:
    server = Peer(INITIAL_WINDOW_SIZE=10)
    server.reads = False
    started = await server.post(b"x" * 35, b"y")
    await server.answer(1, 3)
    assert outcomes(started) == [201, 201]
    assert server.resets == {1: h2.errors.ErrorCodes.CANCEL}


@told
async def test_a_request_that_is_reset_fails_alone() -> None:
    server = Peer()
    started = await server.post(b"one", b"two", b"three")
    server.h2.reset_stream(3, h2.errors.ErrorCodes.REFUSED_STREAM)
    await server.answer(1, 5)
    assert outcomes(started) == [201, ConnectionResetError, 201]


@told
async def test_who_goes_away_still_answers_what_it_has_taken_up() -> None:
    server = Peer(MAX_CONCURRENT_STREAMS=3)
    started = await server.post(*[b"body"] * 4)
    # Once to say so (RFC 9113, 6.8), once to say how far it got.
    await server.say(GoAwayFrame(0, last_stream_id=2**31 - 1))
    assert outcomes(started) == [None, None, None, ConnectionLostError]
    await server.say(GoAwayFrame(0, last_stream_id=3))
    assert outcomes(started) == [None, None, ConnectionLostError, ConnectionLostError]
    assert server.client.closed
    await lost(server.client.post("/later", HEADERS, b""))
    await server.answer(3)
    assert not server.is_closed
    await server.answer(1)
    assert outcomes(started)[:2] == [201, 201]
    assert server.is_closed


@told
async def test_who_goes_away_with_nothing_to_answer_is_left() -> None:
    server = Peer()
    await server.turns()
    await server.say(GoAwayFrame(0, last_stream_id=0))
    assert server.is_closed


@told
async def test_a_connection_that_dies_loses_what_is_under_way() -> None:
    server = Peer(MAX_CONCURRENT_STREAMS=2)
    started = await server.post(*[b"body"] * 3)
    await server.answer(1)
    server.client.connection_lost(None)
    await server.turns()
    assert outcomes(started) == [201, ConnectionLostError, ConnectionLostError]
    await lost(server.client.post("/later", HEADERS, b""))


@told
async def test_a_request_given_up_is_withdrawn_and_harms_no_other() -> None:
    server = Peer(MAX_CONCURRENT_STREAMS=2)
    given_up, other, waiting, last = await server.post(*[b"body"] * 4)
    # Its answer is on the way already: what it puts into the table of header fields counts for the next one.
    server.h2.send_headers(1, [(":status", "201"), ("location", "/known")], end_stream=True)
    waiting.cancel()
    given_up.cancel()
    arrived = server.h2.data_to_send()
    server.h2.ping(b"anything")
    server.client.data_received(server.h2.data_to_send())
    await asyncio.sleep(0)
    server.client.data_received(arrived)
    await server.turns()
    server.h2.send_headers(3, [(":status", "201"), ("location", "/known")], end_stream=True)
    await server.turns()
    assert await other == (201, {"location": "/known"})
    assert server.requests.keys() == {1, 3, 5}
    await server.answer(5)
    assert (await last)[0] == 201
    assert not server.client.closed


@told
async def test_a_connection_on_which_nothing_comes_back_is_given_up() -> None:
    server = Peer()
    await server.turns()
    silent, other = await server.post(b"one", b"two")
    silent.cancel()
    await lost(other)
    assert (server.client.closed, server.is_closed) == (True, True)


@told
async def test_a_ping_comes_back() -> None:
    server = Peer()
    server.h2.ping(b"12345678")
    await server.turns()
    assert server.pongs == [b"12345678"]


@told
async def test_a_server_that_keeps_no_table_of_fields_is_told_that_we_need_none() -> None:
    server = Peer()
    server.h2.update_settings({Settings.HEADER_TABLE_SIZE: 0})
    started = await server.post(b"one", b"two")  # h2 insists that it is said
    await server.answer(1, 3)
    assert outcomes(started) == [201, 201]
