"""The description of the interface: true to the routes, and a page that needs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.api.openapi import document
from gateway.app import create_app
from gateway.config import load
from tests.service.conftest import Client, Gateway, bearer, tenant


@pytest.mark.parametrize("alone", [True, False])
def test_the_description_has_exactly_the_routes(alone: bool) -> None:  # noqa: FBT001 — a case of the table
    """No route is undescribed and no description is without a route, also where operations are elsewhere."""
    config = load(flags={"server.operations_host": "127.0.0.1"} if alone else {})
    app = create_app(config)
    routes = {
        (route.method, re.sub(r":[^}]*}", "}", route.resource.canonical if route.resource else ""))
        for route in app.router.routes()
        if route.method != "HEAD"
    }

    described = described_operations(app)

    assert routes == described
    assert (("GET", "/metrics") in routes) is not alone


def described_operations(app: Any) -> set[tuple[str, str]]:
    """Return (method, path) of every operation in an application's OpenAPI document."""
    import json  # noqa: PLC0415 — used here only

    from gateway.api.endpoint import DESCRIPTION  # noqa: PLC0415 — used here only

    paths = json.loads(app[DESCRIPTION].document)["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


async def test_it_is_served_as_openapi_3_1(client: Client) -> None:
    """Tools find the version where they look for it."""
    body = await (await client.get("/openapi.json")).json()

    assert body["openapi"].startswith("3.1")
    assert body["info"]["title"]
    assert "securitySchemes" not in body["components"]


async def test_keys_are_described_where_they_are_asked(gateway: Gateway) -> None:
    """With tenants, all but the four open addresses need a key, and say so."""
    key, config = tenant()
    client = await gateway({"tenants.acme": config})

    paths = (await (await client.get("/openapi.json", headers=bearer(key))).json())["paths"]
    without = {path for path, methods in paths.items() if any("security" not in one for one in methods.values())}

    assert without == {"/livez", "/readyz", "/openapi.json", "/docs"}
    assert "401" in paths["/v1/verify"]["post"]["responses"]


class _Page(HTMLParser):
    """Collects what a page would load or run, its anchors and its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.headings: list[int] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        given = dict(attrs)
        self.attributes |= given.keys()
        if tag in {"script", "img", "link", "iframe", "object", "embed"}:
            self.loads.append(tag)
        if tag == "a":
            self.links.append(given.get("href") or "")
        if given.get("id"):
            self.ids.add(given["id"] or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


async def test_the_page_loads_and_runs_nothing(client: Client) -> None:
    """No script, no image, no other host; its policy allows its own style only."""
    response = await client.get("/docs")
    text = await response.text()
    page = _Page()
    page.feed(text)
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = response.headers["Content-Security-Policy"]

    assert response.content_type == "text/html"
    assert page.loads == []
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy


async def test_the_page_can_be_read_with_a_screen_reader(client: Client) -> None:
    """It has a language, one first heading, no gap between levels, and no dead link."""
    text = await (await client.get("/docs")).text()
    page = _Page()
    page.feed(text)

    assert '<html lang="en">' in text
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))


async def test_the_page_shows_every_operation(client: Client) -> None:
    """What machines are told, people are."""
    described = await (await client.get("/openapi.json")).json()
    text = await (await client.get("/docs")).text()

    for path in described["paths"]:
        assert path in text


def test_every_reference_leads_somewhere() -> None:
    """A schema that is named exists."""
    described = document((), keys=True)
    names = re.findall(r"#/components/schemas/(\w+)", str(described))

    assert names
    assert set(names) <= described["components"]["schemas"].keys()
