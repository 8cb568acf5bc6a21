"""`/openapi.json`, and `/docs`: the same document as one static page, without scripts and without a CDN."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway.api.endpoint import DESCRIPTION, Access, Description, Endpoint
from gateway.api.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
code,pre{font:.9rem/1.4 ui-monospace,monospace}
pre{overflow-x:auto;padding:.75rem;border:1px solid}
article{border-top:1px solid;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid}
"""

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def describe(endpoints: Iterable[Endpoint], *, keys: bool) -> Description:
    """Return the description of `endpoints`; `keys` is whether API keys are asked."""
    described = document(endpoints, keys=keys)
    return Description(
        document=json.dumps(described, ensure_ascii=False).encode(), page="\n".join(_page(described)).encode()
    )


async def openapi_json(request: web.Request) -> web.Response:
    """`GET /openapi.json`."""
    return web.Response(body=request.app[DESCRIPTION].document, content_type="application/json")


async def docs(request: web.Request) -> web.Response:
    """`GET /docs`."""
    return web.Response(
        body=request.app[DESCRIPTION].page,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": _POLICY},
    )


def _page(described: dict[str, Any]) -> Iterator[str]:
    info = described["info"]
    title = escape(info["title"])
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body>"
    yield f"<header><h1>{title}</h1><p>Version {escape(info['version'])}</p>"
    for paragraph in info["description"].strip().split("\n\n"):
        yield f"<p>{_text(paragraph)}</p>"
    yield '<p>The same for machines: <a href="openapi.json">openapi.json</a>.</p></header>'
    operations = [
        (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    yield '<nav aria-label="Addresses"><ul>'
    for method, path, operation in operations:
        name = escape(operation["operationId"])
        yield f'<li><a href="#{name}"><code>{method} {escape(path)}</code></a> {_text(operation["summary"])}</li>'
    yield '<li><a href="#schemas">Schemas</a></li></ul></nav><main>'
    for method, path, operation in operations:
        yield from _operation(method, path, operation)
    yield '<section><h2 id="schemas">Schemas</h2>'
    for name, schema in described["components"]["schemas"].items():
        yield f'<h3 id="schema-{escape(name)}">{escape(name)}</h3>{_code(schema)}'
    yield "</section></main></body></html>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    name = escape(operation["operationId"])
    yield f'<article><h2 id="{name}"><code>{method} {escape(path)}</code></h2><p>{_text(operation["summary"])}.'
    yield f"{_text(operation.get('description', ''))}</p>"
    if "security" in operation:
        yield "<p>Needs an API key: <code>Authorization: Bearer …</code></p>"
    if parameters := operation.get("parameters"):
        yield '<h3>Parameters</h3><table><tr><th scope="col">Name</th><th scope="col">In</th>'
        yield '<th scope="col">Meaning</th></tr>'
        for one in parameters:
            yield f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
            yield f"<td>{_text(one.get('description', ''))}</td></tr>"
        yield "</table>"
    if "requestBody" in operation:
        yield "<h3>Body</h3>" + _contents(operation["requestBody"]["content"])
    yield '<h3>Answers</h3><table><tr><th scope="col">Status</th><th scope="col">Meaning</th>'
    yield '<th scope="col">Body</th></tr>'
    for status, answer in sorted(operation["responses"].items()):
        yield f"<tr><td>{escape(status)}</td><td>{_text(answer['description'])}</td>"
        yield f"<td>{_contents(answer.get('content', {}))}</td></tr>"
    yield "</table></article>"


def _contents(content: dict[str, Any]) -> str:
    """Return media types, each with its schema: a link to a named one, else the schema itself."""
    items = []
    for media_type, described in content.items():
        schema = described["schema"]
        named = [part["$ref"].rpartition("/")[2] for part in schema.get("oneOf", [schema]) if "$ref" in part]
        links = ", ".join(f'<a href="#schema-{escape(name)}">{escape(name)}</a>' for name in named)
        items.append(f"<li><code>{escape(media_type)}</code> {links or _code(schema)}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _code(schema: dict[str, Any]) -> str:
    return f"<pre><code>{escape(json.dumps(schema, indent=2, ensure_ascii=False))}</code></pre>"


def _text(text: str) -> str:
    """Return text as HTML, with its `code` as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/openapi.json",
        handler=openapi_json,
        access=Access.OPEN,
        operation={
            "operationId": "openapi",
            "tags": ["Documentation"],
            "summary": "This interface, for machines",
            "responses": {
                "200": {
                    "description": "An OpenAPI 3.1 document.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        },
    ),
    Endpoint(
        method="GET",
        path="/docs",
        handler=docs,
        access=Access.OPEN,
        operation={
            "operationId": "docs",
            "tags": ["Documentation"],
            "summary": "This interface, for people",
            "responses": {"200": {"description": "A page.", "content": {"text/html": {"schema": {"type": "string"}}}}},
        },
    ),
)
