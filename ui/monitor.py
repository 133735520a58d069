"""What Prometheus may know of a server, in its text format at /metrics: counts, times and sizes, never words."""

from collections.abc import Iterator

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from index.errors import DatelineError
from qa.types import Answer
from ui.observe import Done
from ui.service import Service

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NO_ROUTE = "none"
"""What fits no route, and what is turned away before one is looked for: each path of its own would fill the memory."""


class Monitor:
    """The figures of one app, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "dateline_request_seconds",
            "Requests by route, to the last byte of the response.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "dateline_stage_seconds",
            "What an answer's time went into.",
            ("stage",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._answers = Counter("dateline_answers", "Answers and abstentions.", ("outcome",), registry=self._registry)
        self._removed = Counter(
            "dateline_removed_sentences", "Sentences that could not be verified.", registry=self._registry
        )

    def request(self, done: Done) -> None:
        """A request has ended."""
        method = done.method if done.method in METHODS else "other"
        self._requests.labels(method, done.route or NO_ROUTE, done.status).observe(done.seconds)

    def answer(self, answer: Answer) -> None:
        """A question was answered."""
        self._answers.labels("abstained" if answer.abstained else "answered").inc()
        self._removed.inc(answer.removed)
        for stage, milliseconds in answer.timings.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def add_route(self, app: FastAPI, service: Service) -> None:
        """`/metrics`, with what the service holds when it is asked."""
        self._registry.register(_Held(service))

        @app.get(
            "/metrics",
            tags=["index"],
            summary="Figures for Prometheus",
            response_class=Response,  # whose lack of a type leaves its errors JSON
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
        )
        def metrics() -> PlainTextResponse:
            """Requests, answers, times and sizes since the start, in Prometheus's text format."""
            return PlainTextResponse(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class _Held(Collector):
    """What is looked up when it is asked for: the line of questions, and the index."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterator[Metric]:
        """Nothing: looking it up takes an open index."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The gauges; without those of the index when it cannot be read, which /readyz tells."""
        working, waiting = self._service.line()
        yield _gauge("questions_working", "Questions that are worked on.", working)
        yield _gauge("questions_waiting", "Questions that wait in line.", waiting)
        try:
            size = self._service.size()
        except DatelineError:
            return
        yield _gauge("index_articles", "Articles.", size.articles)
        yield _gauge("index_chunks", "Chunks.", size.chunks)
        yield _gauge("index_version", "Grows with every change.", size.version)


def _gauge(name: str, what: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dateline_{name}", what, value=value)
