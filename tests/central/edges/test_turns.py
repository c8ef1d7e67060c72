import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI, Request

from access.contract import API_PREFIX
from access.contract.signature import EDGE_HEADER, STREAM_HEADER
from central.edges import turns as subject
from central.edges.turns import POLLS_PER_STREAM_MAX, RETRY_AFTER_S, RUNNING_MAX, TAKES_TURN, WAITING_MAX, Turns
from central.errors import RegistryError


def new_turns() -> Turns:
    return Turns(bytes)


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def in_loop(scene: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(scene(), 10)

    asyncio.run(whole())


async def occupied(stack: AsyncExitStack, turns: Turns) -> None:
    for number in range(RUNNING_MAX):
        await stack.enter_async_context(turns.working(f"busy-{number}"))


def test_no_more_than_so_many_work_at_once() -> None:
    async def scene() -> None:
        turns, working, most = new_turns(), 0, 0

        async def work(edge: int) -> None:
            nonlocal working, most
            async with turns.working(str(edge)):
                working += 1
                most = max(most, working)
                await settle()
                working -= 1

        await asyncio.gather(*map(work, range(50)))
        assert (working, most) == (0, RUNNING_MAX)

    in_loop(scene)


def test_a_full_line_is_told_when_to_come_again() -> None:
    async def scene() -> None:
        turns = new_turns()
        async with AsyncExitStack() as stack:
            await occupied(stack, turns)
            waiting = [asyncio.create_task(_work(turns, f"edge-{n}")) for n in range(WAITING_MAX)]
            await settle()
            with pytest.raises(RegistryError) as refused:
                await _work(turns, "busy-0")
            assert (refused.value.status_code, refused.value.retry_after_s in RETRY_AFTER_S) == (429, True)
        await asyncio.gather(*waiting)

    in_loop(scene)


async def _work(turns: Turns, edge: str) -> None:
    async with turns.working(edge):
        pass


def test_who_gives_up_waiting_leaves_the_turn_to_others() -> None:
    async def scene() -> None:
        turns = new_turns()
        async with AsyncExitStack() as stack:
            await occupied(stack, turns)
            gone, next_one = (asyncio.create_task(_work(turns, edge)) for edge in ("gone", "next"))
            await settle()
            gone.cancel()
            await settle()
        await next_one
        assert gone.cancelled()
        await asyncio.gather(*(_work(turns, str(n)) for n in range(RUNNING_MAX + 1)))

    in_loop(scene)


def test_a_turn_that_came_as_one_gave_up_is_not_lost() -> None:
    async def scene() -> None:
        turns = new_turns()
        stack = AsyncExitStack()
        await occupied(stack, turns)
        gone = asyncio.create_task(_work(turns, "gone"))
        await settle()
        await stack.aclose()
        gone.cancel()
        await settle()
        async with AsyncExitStack() as again:
            await occupied(again, turns)

    in_loop(scene)


def test_one_edge_has_few_requests_a_stream() -> None:
    async def scene() -> None:
        turns = new_turns()
        async with turns.working("a", "entries"), turns.working("a", "entries"), turns.working("a", "pictures"):
            with pytest.raises(RegistryError, match="too often"):
                await turns.working("a", "entries").__aenter__()
        async with turns.working("a", "entries"):
            pass
        assert not turns._by_stream

    in_loop(scene)


def test_who_only_waits_for_news_lets_others_work() -> None:
    async def scene() -> None:
        turns = new_turns()
        async with AsyncExitStack() as resting:
            for number in range(2 * RUNNING_MAX):
                turn = await resting.enter_async_context(turns.working(f"edge-{number}", "rules", polls=True))
                await resting.enter_async_context(turn.rested())
            await _work(turns, "another")
        assert turns._running == 0, "each took its turn again, and gave it back"

    in_loop(scene)


URGENT_FIRST = (
    "GET /commands",
    "POST /commands/0190aaaa/claim",
    "GET /deny",
    "POST /alarms",
    "POST /entries",
    "GET /rules",
    "POST /health",
    "PUT /pictures/00ff",
)


def test_what_a_gate_asks_goes_in_the_order_of_what_is_urgent() -> None:
    """Only the first line of a request counts: alarms and health come in one stream."""

    async def scene() -> None:
        app, told = FastAPI(), list[str]()

        @app.api_route(API_PREFIX + "/{what:path}", methods=["GET", "POST", "PUT"], dependencies=[TAKES_TURN])
        async def route(request: Request, what: str) -> None:
            told.append(f"{request.method} /{what}")

        app.state.turns = new_turns()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry" + API_PREFIX) as client:
            async with AsyncExitStack() as stack:
                await occupied(stack, app.state.turns)
                asked = []
                for line in reversed(URGENT_FIRST):
                    headers = {EDGE_HEADER: "a", STREAM_HEADER: line}
                    asked.append(asyncio.create_task(client.request(*line.split(), headers=headers)))
                    await settle()
            await asyncio.gather(*asked)
        places = list(map(told.index, URGENT_FIRST))
        assert sorted(places[:3]) == [0, 1, 2], "commands and the deny list"
        assert (places[3], sorted(places[4:6]), places[6:]) == (3, [4, 5], [6, 7])

    in_loop(scene)


def test_a_poll_that_has_news_takes_its_turn_as_what_it_is() -> None:
    async def scene() -> None:
        turns, told, news = new_turns(), list[str](), asyncio.Event()

        async def poll() -> None:
            async with turns.working("a", "commands", rank=0, polls=True) as turn:
                async with turn.rested():
                    await news.wait()
                told.append("command")

        async def send() -> None:
            async with turns.working("a", "entries", rank=2):
                told.append("entries")

        polling = asyncio.create_task(poll())
        await settle()
        async with AsyncExitStack() as stack:
            await occupied(stack, turns)
            sending = asyncio.create_task(send())
            await settle()
            news.set()
            await settle()
        await asyncio.gather(polling, sending)
        assert told == ["command", "entries"]

    in_loop(scene)


def test_a_poll_that_fails_takes_no_turn_again() -> None:
    async def scene() -> None:
        turns = new_turns()
        with pytest.raises(KeyError):
            async with turns.working("a", "rules", polls=True) as turn, turn.rested():
                raise KeyError
        assert turns._running == 0

    in_loop(scene)


def test_one_edge_has_few_polls_a_stream() -> None:
    async def scene() -> None:
        turns = new_turns()
        async with AsyncExitStack() as stack:
            for _ in range(POLLS_PER_STREAM_MAX):
                turn = await stack.enter_async_context(turns.working("a", "rules", polls=True))
                await stack.enter_async_context(turn.rested())
            with pytest.raises(RegistryError, match="too often"):
                await turns.working("a", "rules", polls=True).__aenter__()
            await _work(turns, "a")

    in_loop(scene)


def test_the_office_has_threads_left() -> None:
    assert subject.RUNNING_MAX < 40, "the thread pool of the server has forty"
