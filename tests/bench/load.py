"""Many askers at once, and many questions one after another: what comes back, how long it takes, what memory it costs.

    python tests/bench/load.py [--askers 200] [--again]
    python tests/bench/load.py --questions 5000 [--every 500]

A real server over the sample articles, in a process of its own. Each question is first asked alone; its answer then is
the right one. Of N askers at once each asks one question and is counted: right, another answer, sent away in good order
(429 or 503 with a sentence and Retry-After), hung, or anything else; with `--again`, those sent away come again when
they were told to. With `--questions`, four askers at a time ask so many, and the server's memory is printed every so
often. Each time a question has other blanks before its last word: one that has just been read is not read again.

On two cores with nothing else running: of 200 askers 64 got the right answer, the last after 20 s, and 136 were sent
away within a second; none hung. 5,000 questions, all right, took 1,364 s beside other work; memory went from 640 MB to
652 in the first 500 and stayed there to the last.
"""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx

QUESTIONS = (
    "Why was the Harbour Bridge closed?",
    "How many people does the free ferry carry?",
    "How old are the sea lilies?",
    "Who is the coach of the football team?",
    "What do the articles say about the ferry?",
    "What is the latest on the fire in Eastbank?",
    "How many articles mention Brenner Coatings?",
    "Which articles are about the strike?",
    "What happened in September 2026?",
    "What was reported last week about the bridge?",
    "When did the excavator driver stop work?",
    "How many seats do Pell and the Greens hold together?",
    "How many people had to leave their homes because of the fire?",
    "Compare the election and the strike.",
    "What did Tarn Stone agree to?",
    "What is the population of Zanzibar?",
)
VARIED = 200
"""Ways in which a question is written."""
HUNG = 600.0
"""Seconds after which nobody waits any longer."""
SIDE_BY_SIDE = 4


class Outcome(NamedTuple):
    """How one asker fared, after how many seconds, and how often it was sent away before."""

    kind: str
    seconds: float
    sent_away: int = 0


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """The address of a server over the samples, and its process."""
    with tempfile.TemporaryDirectory() as data:
        words = [sys.executable, "-c", "from ui.cli import main; main()", "serve", "--port", "0", "--data", data]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            yield process.stdout.readline().split()[3], process.pid
            process.terminate()


async def ask(client: httpx.AsyncClient, number: int, right: dict[str, str], *, again: bool) -> Outcome:
    """Ask a question, if need be again and again, and judge what comes back."""
    turn, which = divmod(number, len(QUESTIONS))
    question = QUESTIONS[which]
    before, _, last = question.rpartition(" ")
    asked = f"{before}{' ' * (2 + turn % VARIED)}{last}"
    begun, sent_away = time.perf_counter(), 0
    while True:
        try:
            response = await client.post("/v1/answers", json={"question": asked})
            body = response.json()
            waits = int(response.headers.get("retry-after", 0))
        except httpx.TimeoutException:
            kind = "hung"
        except (httpx.HTTPError, ValueError) as error:
            kind = f"error: {type(error).__name__}"
        else:
            kind = f"status {response.status_code}"
            if response.status_code == 200:
                kind = "right" if body["text"] == right[question] else "another answer"
            elif response.status_code in (429, 503) and body.get("error") and waits:
                sent_away += 1
                if again:
                    await asyncio.sleep(waits)
                    continue
                kind = f"sent away, {response.status_code}"
        return Outcome(kind, time.perf_counter() - begun, sent_away)


async def at_once(url: str, askers: int, *, again: bool) -> None:
    """So many askers at the same moment."""
    async with client_of(url) as client:
        right = await alone(client)
        begun = time.perf_counter()
        outcomes = await asyncio.gather(*(ask(client, number, right, again=again) for number in range(askers)))
        took = time.perf_counter() - begun
    print(f"\n{askers} askers at once, {took:.0f} s until the last had heard")
    print(f"{'what came back':24}{'askers':>8}{'median s':>10}{'longest s':>11}")
    for kind, count in Counter(o.kind for o in outcomes).most_common():
        seconds = [o.seconds for o in outcomes if o.kind == kind]
        print(f"{kind:24}{count:8}{statistics.median(seconds):10.1f}{max(seconds):11.1f}")
    if again:
        print(f"sent away and come again, in all: {sum(o.sent_away for o in outcomes)}")


async def memory(url: str, pid: int, questions: int, every: int) -> None:
    """So many questions, and the server's memory on the way."""
    async with client_of(url) as client:
        right = await alone(client)
        print(f"\n{'questions':>10}{'right':>8}{'RSS MB':>9}{'seconds':>9}")
        print(f"{0:10}{0:8}{resident(pid):9.0f}{0:9}")
        begun, kinds = time.perf_counter(), Counter[str]()
        todo = iter(range(questions))

        async def asker() -> None:
            for number in todo:
                kinds[(await ask(client, number, right, again=True)).kind] += 1
                if kinds.total() % every == 0:
                    took = time.perf_counter() - begun
                    print(f"{kinds.total():10}{kinds['right']:8}{resident(pid):9.0f}{took:9.0f}", flush=True)

        await asyncio.gather(*(asker() for _ in range(SIDE_BY_SIDE)))
        print(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))


async def alone(client: httpx.AsyncClient) -> dict[str, str]:
    """The answer to each question when nobody else asks."""
    found = {}
    begun = time.perf_counter()
    for question in QUESTIONS:
        found[question] = (await client.post("/v1/answers", json={"question": question})).json()["text"]
    print(f"asked alone: {(time.perf_counter() - begun) / len(QUESTIONS):.1f} s an answer")
    return found


def client_of(url: str) -> httpx.AsyncClient:
    """A client that waits as long as anybody would, with a connection for each who asks."""
    return httpx.AsyncClient(base_url=url, timeout=HUNG, limits=httpx.Limits(max_connections=None), trust_env=False)


def resident(pid: int) -> float:
    """The memory that a process holds, in megabytes."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def main() -> None:
    """Read the command line, and run what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--askers", type=int, default=200)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--questions", type=int)
    parser.add_argument("--every", type=int, default=500)
    options = parser.parse_args()
    print(f"load when it began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with server() as (url, pid):
        if options.questions:
            asyncio.run(memory(url, pid, options.questions, options.every))
        else:
            asyncio.run(at_once(url, options.askers, again=options.again))


if __name__ == "__main__":
    main()
