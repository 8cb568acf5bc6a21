"""The log and the metrics: what they say, and what they never say."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from prometheus_client import REGISTRY

from gateway import telemetry
from resolvers.fetch import Egress
from resolvers.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARIES = (
    "ada.lovelace@example.org",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2ln",
    "did:key:z6MkAda",
    "ler_abcdefgh_0123456789012345678901234567890123456789012",
)


@pytest.fixture(name="written")
def _written() -> Iterator[io.StringIO]:
    """Configure the log to write into memory, and put everything back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    telemetry.configure("debug", stream=stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """Return the log lines, parsed."""
    return [json.loads(line) for line in written.getvalue().splitlines()]


class TestLog:
    """What a log line holds."""

    def test_a_line_is_json_with_time_and_level(self, written: io.StringIO) -> None:
        """Log collectors read each line by itself."""
        telemetry.log.info("request", status=200, route="/v1/verify")

        (line,) = lines(written)

        assert (line["event"], line["level"], line["status"], line["route"]) == ("request", "info", 200, "/v1/verify")
        assert line["timestamp"].endswith("Z")

    def test_bound_values_reach_every_line(self, written: io.StringIO) -> None:
        """The request id is on each line of a request."""
        with structlog.contextvars.bound_contextvars(request_id="r1"):
            telemetry.log.info("request")

        assert lines(written)[0]["request_id"] == "r1"

    @pytest.mark.parametrize("host", ["münchen.example", "\u2028x", "\x9b31m", "\ud800", 2**70])
    def test_a_line_is_one_line_of_ascii(self, written: io.StringIO, host: object) -> None:
        """Whatever it says, no terminal and no collector takes part of it for something else."""
        telemetry.log.info("listening", host=host)

        assert written.getvalue().isascii()
        assert lines(written)[0]["host"] == host

    def test_T58_a_field_that_is_not_listed_is_redacted(self, written: io.StringIO) -> None:
        """Nobody can log a claim by inventing a field."""
        telemetry.log.info("request", name="Ada Lovelace", credential={"id": "x"})

        assert "Ada" not in written.getvalue()
        assert lines(written)[0]["name"] == telemetry.REDACTED

    @pytest.mark.parametrize("canary", CANARIES)
    def test_T58_what_looks_like_a_secret_is_redacted_in_listed_fields(self, written: io.StringIO, canary: str) -> None:
        """Nor by putting it into a listed one, at any depth."""
        telemetry.log.info("request", code=canary, problems=[canary, {canary: canary}], route=f"/x/{canary}")

        assert canary not in written.getvalue()

    @pytest.mark.parametrize("text", [*CANARIES, "a" * 80, "word " * 40 + "."])
    def test_what_makes_a_text_suspect_does_so_at_every_length_and_place(self, written: io.StringIO, text: str) -> None:
        """Short texts are looked at as long ones are, though by another way."""
        for around in (text, f"/{text}", f"{text}/x", "word " * 30 + text):
            telemetry.log.info("request", code=around)
            assert lines(written)[-1]["code"] == telemetry.REDACTED

    def test_T58_an_object_is_never_spelt_out(self, written: io.StringIO) -> None:
        """The text of an object may hold what it was made from."""

        class Credential:
            def __repr__(self) -> str:
                return "Ada"

        telemetry.log.info("request", code=Credential(), status=b"Ada")

        assert "Ada" not in written.getvalue()

    def test_T58_an_exception_is_told_without_its_message(self, written: io.StringIO) -> None:
        """Type, place and causes are logged; messages quote what was presented."""
        try:
            try:
                dict[str, str]()["Ada Lovelace"]
            except KeyError as error:
                raise ValueError("ada.lovelace@example.org") from error
        except ValueError:
            telemetry.log.exception("defect")

        text = written.getvalue()
        (line,) = lines(written)

        assert "Ada" not in text
        assert "ada.lovelace" not in text
        assert line["exception"]["type"] == "ValueError"
        assert line["exception"]["cause"]["type"] == "KeyError"
        assert "test_telemetry" in line["exception"]["frames"][0]

    def test_T58_members_of_a_group_are_told_without_messages(self, written: io.StringIO) -> None:
        """A task group's exceptions are as silent."""
        group = ExceptionGroup("Ada", [ValueError("Ada")])

        telemetry.log.error("defect", exc_info=group)

        assert "Ada" not in written.getvalue()
        assert lines(written)[0]["exception"]["members"][0]["type"] == "ValueError"

    def test_T58_other_libraries_are_quoted_by_place_only(self, written: io.StringIO) -> None:
        """A library's message may hold a URL or a body; its source line says which message it was."""
        logging.getLogger("urllib3.connectionpool").warning("GET %s", "https://example.org/ada")
        logging.getLogger("urllib3.connectionpool").debug("unimportant")

        (line,) = lines(written)

        assert "ada" not in written.getvalue()
        assert (line["event"], line["logger"], line["level"]) == ("library", "urllib3.connectionpool", "warning")
        assert line["source"].startswith("test_telemetry:")


class TestMetrics:
    """What is counted."""

    def test_a_step_is_timed(self) -> None:
        """Also where it raises."""
        before = sample("ler_gateway_step_seconds_count", step="proof")

        with pytest.raises(ValueError, match="x"), telemetry.observe("proof"):
            raise ValueError("x")

        assert sample("ler_gateway_step_seconds_count", step="proof") == before + 1

    def test_a_fetch_is_counted_by_kind_and_result(self) -> None:
        """Outbound traffic shows without naming whom it went to."""
        labels = {"kind": "status_list", "result": "unreachable"}
        before = sample("ler_gateway_egress_total", **labels)

        telemetry.egress_event(Egress(kind=Kind.STATUS_LIST, result="unreachable", seconds=0.1, bytes=0))

        assert sample("ler_gateway_egress_total", **labels) == before + 1

    async def test_the_event_loops_lag_is_measured_until_it_ends(self) -> None:
        """The watch ends quietly when it is cancelled."""
        before = sample("ler_gateway_event_loop_lag_seconds_count")
        watch = asyncio.create_task(telemetry.watch_event_loop(0.0))
        for _ in range(5):
            await asyncio.sleep(0)
        watch.cancel()
        await watch

        assert sample("ler_gateway_event_loop_lag_seconds_count") > before


def sample(name: str, **labels: str) -> float:
    """Return a metric's value; 0 where it has none yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
