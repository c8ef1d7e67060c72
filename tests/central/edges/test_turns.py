import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI

from access.contract.signature import EDGE_HEADER, STREAM_HEADER
from central.edges import turns as subject
from central.edges.line import ORDINARY
from central.edges.turns import (
    PER_STREAM_MAX,
    POLLS_PER_STREAM_MAX,
    RANKS,
    RETRY_AFTER_S,
    RUNNING_MAX,
    TAKES_TURN,
    WAITING_MAX,
    Turns,
)
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


async def _tell(turns: Turns, edge: str, stream: str, told: list[str]) -> None:
    async with turns.working(edge, stream, rank=RANKS.get(stream, ORDINARY)):
        told.append(stream)
        await settle()


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


def test_what_a_gate_asks_goes_in_the_order_of_what_is_urgent() -> None:
    """Only the name of the stream counts."""

    async def scene() -> None:
        app, told = FastAPI(), list[str]()

        @app.post("/{stream}", dependencies=[TAKES_TURN])
        async def route(stream: str) -> None:
            told.append(stream)

        app.state.turns = new_turns()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://registry") as client:
            async with AsyncExitStack() as stack:
                await occupied(stack, app.state.turns)
                asked = []
                for stream in ("pictures", "rules", "entries", "facts", "news", "deny", "commands"):
                    headers = {EDGE_HEADER: "a", STREAM_HEADER: stream}
                    asked.append(asyncio.create_task(client.post(f"/{stream}", headers=headers)))
                    await settle()
            await asyncio.gather(*asked)
        assert told == ["deny", "commands", "news", "rules", "entries", "facts", "pictures"]

    in_loop(scene)


def test_entries_without_end_keep_nothing_of_the_same_gate_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "RUNNING_MAX", 1)

    async def scene() -> None:
        turns, told = new_turns(), list[str]()

        async def drain() -> None:
            for _ in range(50):
                await _tell(turns, "a", "entries", told)

        async with turns.working("busy"):
            draining = [asyncio.create_task(drain()) for _ in range(PER_STREAM_MAX)]
            await settle()
            asked = asyncio.create_task(_tell(turns, "a", "pictures", told))
            await settle()
        await asyncio.gather(asked, *draining)
        assert told.index("pictures") < 20

    in_loop(scene)


def test_who_is_gone_as_it_is_sent_away_is_no_fault_of_who_came() -> None:
    async def scene() -> None:
        turns = new_turns()
        async with AsyncExitStack() as stack:
            await occupied(stack, turns)
            edges = ["busy-0", *(f"edge-{n}" for n in range(1, WAITING_MAX))]
            waiting = [asyncio.create_task(_work(turns, edge)) for edge in edges]
            await settle()
            coming = asyncio.create_task(_work(turns, "another"))
            waiting[0].cancel()  # it would be the one to go, and has not heard of it when the other comes
            await settle()
        await coming
        await asyncio.gather(*waiting, return_exceptions=True)
        assert turns._running == 0

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
