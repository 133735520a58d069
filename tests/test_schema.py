"""Every route does what the API's own description says of it, whatever is sent: made-up requests, good and bad."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress

import pytest
import schemathesis
from conftest import Indifferent, whole_app
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tiny import NOW, TinyEmbedder, news

from index.build import add
from index.config import Config
from index.opening import open_index
from ui.access import Access
from ui.keys import Keys
from ui.rates import Rates
from ui.service import Service
from ui.visit import CHANGE, demand_change

EXAMPLES = 6
"""Requests of each kind for each route."""
UNHURRIED = list(HealthCheck)
# `positive_data_acceptance` is left out: what a question must hold, which days there are and in which order they come,
# is said in sentences that a schema has no words for.


@pytest.fixture(scope="module")
def app_and_access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, Access]]:
    data = tmp_path_factory.mktemp("schema") / "data"
    index = open_index(Config(data=data), write=True, embedder=TinyEmbedder())
    add(index, [news("bridge", "The bridge is closed.")], now=NOW)
    access = Access(Keys(data), always=True)
    service = Service(index, Indifferent(), now=lambda: NOW, permit=demand_change)
    yield whole_app(service, instance="schema", access=access), access
    service.close()


def test_every_route_keeps_to_its_description(app_and_access: tuple[FastAPI, Access]) -> None:
    app, access = app_and_access
    headers = {"Authorization": f"Bearer {access.keys.add('ada', CHANGE, today=NOW.date())}"}
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=headers)
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=UNHURRIED
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def keeps(case: schemathesis.Case) -> None:
                access.guesses = Rates()  # it tries wrong keys too, and is to be told so each time
                case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

            nothing_to_spoil = suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext()
            with nothing_to_spoil:  # of a route that takes nothing
                keeps()
        tried.add(operation.label)
    assert len(tried) == 18
