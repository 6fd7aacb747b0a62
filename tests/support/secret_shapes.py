"""How HTTP carries a secret beside a name: each shape a function from name and secret to a body."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

Shape = Callable[[str, str], "str | bytes"]


def _url(name: str, secret: str) -> str:
    return f"https://x.y/a?page=1&{name}={quote(secret, safe='')}"


def _json(name: str, secret: str) -> str:
    return json.dumps({"page": 1, name: secret, "last": "x"})


def _escaped(text: str, form: str) -> str:
    return re.sub(r"[^A-Za-z\d ]", lambda sign: "\\" + form.format(ord(sign[0])), text)


def _multipart(disposition: str, value: str, kind: str = "") -> str:
    head = 'Content-Disposition: form-data; name="page"\r\n\r\n1\r\n--b0undary\r\n'
    kind = kind and f"Content-Type: {kind}\r\n"
    part = f"Content-Disposition: form-data; {disposition}\r\n{kind}\r\n{value}\r\n"
    return f"--b0undary\r\n{head}{part}--b0undary--\r\n"


def _deflate(text: str) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text.encode()) + packer.flush()


SHAPES: dict[str, Shape] = {
    "JSON": _json,
    "JSON, pretty": lambda n, s: json.dumps({"a": {n: s}}, indent=2),
    "JSON, not only ASCII": lambda n, s: json.dumps({n: s, "b": "ü"}, ensure_ascii=False),
    "JSON with a BOM": lambda n, s: _json(n, s).encode("utf-8-sig"),
    "JSON in UTF-16": lambda n, s: _json(n, s).encode("utf-16"),
    "JSON in UTF-16 without a BOM": lambda n, s: _json(n, s).encode("utf-16-le"),
    "JSON in big-endian UTF-16": lambda n, s: b"\xfe\xff" + _json(n, s).encode("utf-16-be"),
    "JSON in UTF-32": lambda n, s: _json(n, s).encode("utf-32"),
    "JSON in Latin-1": lambda n, s: b'{"a": "\xe4", "%s": %s}' % (n.encode(), json.dumps(s).encode()),
    "JSON with a trailing comma": lambda n, s: f'{{"page": 1, "{n}": {json.dumps(s)},}}',
    "JSON, cut off": lambda n, s: f'{{"{n}": {json.dumps(s)}, "page": [1',
    "JSON in JSON": lambda n, s: json.dumps({"body": _json(n, s)}),
    "JSON in JSON in JSON": lambda n, s: json.dumps({"a": json.dumps({"b": _json(n, s)})}),
    "a JSON string of JSON": lambda n, s: json.dumps(_json(n, s)),
    "JSON in a form": lambda n, s: "payload=" + quote_plus(_json(n, s)),
    "JSON in base64": lambda n, s: json.dumps({"d": base64.b64encode(_json(n, s).encode()).decode()}),
    "an array of JSON": lambda n, s: json.dumps([[1, {n: s}]]),
    "JSON in an array of numbers": lambda n, s: json.dumps([1, _json(n, s)]),
    "JSON in a script's string": lambda n, s: f"<script>a = JSON.parse({json.dumps(_json(n, s))});</script>",
    "JSON in a script's array": lambda n, s: (
        f"<script>self.f.push({json.dumps([1, '5:' + json.dumps(['$', None, {n: s}])])})</script>"),
    "a script's string with JSON": lambda n, s: f"run(1, 'a', {json.dumps('5: ' + _json(n, s))}, x)",
    "JSON in a script, escaped": lambda n, s: f"<script>a('{_escaped(_json(n, s), 'u{:04X}')}')</script>",
    "JSON in a script, in short": lambda n, s: f"<script>a('{_escaped(_json(n, s), 'x{:02x}')}')</script>",
    "XML in an array": lambda n, s: json.dumps([False, f"<a {n}={quoteattr(s)}/>"]),
    "XML in a script's string": lambda n, s: f"run(false, {json.dumps(f'<a {n}={quoteattr(s)}/>')}, x)",
    "a list": lambda n, s: json.dumps({n: [s, "x"]}),
    "a list of pairs": lambda n, s: json.dumps([["page", "1"], [n, s]]),
    "a list of objects": lambda n, s: json.dumps({n: [{"id": 1, "content": s}]}),
    "an object": lambda n, s: json.dumps({n: {"content": {"text": s}}}),
    "a name and a value": lambda n, s: json.dumps([{"name": n, "value": s}]),
    "a key and a value": lambda n, s: json.dumps([{"value": s, "key": n}]),
    "a name and two labels": lambda n, s: json.dumps([{"name": n, "field": "location", "value": s}]),
    "lines of JSON": lambda n, s: f'{{"a": 1}}\n{_json(n, s)}\n{{"b": 2}}\n',
    "JSONP": lambda n, s: f"callback_1({_json(n, s)});",
    "guarded JSON": lambda n, s: f")]}}',\n{_json(n, s)}",
    "server-sent events": lambda n, s: f"event: message\ndata: {_json(n, s)}\n\n",
    "server-sent events, on two lines": lambda n, s: (
        f"event: message\r\ndata: {{\"{n}\":\r\nid: 1\r\ndata: {json.dumps(s)}}}\r\n\r\ndata: 1\r\n\r\n"
    ),
    "a form": lambda n, s: f"page=1&{n}={quote_plus(s)}&last=x",
    "a form, with %20": lambda n, s: f"{n}={quote(s, safe='')}",
    "a form in a form": lambda n, s: "a=" + quote_plus(f"b=1&{n}={quote_plus(s)}"),
    "a form in brackets": lambda n, s: f"user%5B0%5D%5B{n}%5D={quote_plus(s)}",
    "a form in JSON": lambda n, s: json.dumps({"data": f"page=1&{n}={quote_plus(s)}"}),
    "a URL": _url,
    "a URL in JSON": lambda n, s: json.dumps({"download": _url(n, s)}),
    "a URL in a list": lambda n, s: json.dumps([_url(n, s)]),
    "a URL in a form": lambda n, s: "next=" + quote(_url(n, s), safe=""),
    "a URL in text": lambda n, s: f"See {_url(n, s)}, or ask.",
    "a URL in HTML": lambda n, s: f'<p>a<br><a href="{html.escape(_url(n, s))}">b</a></p>',
    "a URL's fragment": lambda n, s: json.dumps({"to": f"https://x.y/#{n}={quote(s, safe='')}&a=1"}),
    "a URL's route": lambda n, s: json.dumps({"to": f"https://x.y/#/{n}={quote(s, safe='')}"}),
    "below a page's tokens": lambda n, s: json.dumps({"page_tokens": [{n: s}]}),
    "base64 without padding": lambda n, s: base64.b64encode(
        json.dumps({n: s, "a": "x" * (-len(json.dumps({n: s})) % 3)}).encode()
    ).decode().rstrip("="),
    "a URL, encoded twice": lambda n, s: f"https://x.y/?{n}={quote(quote(s, safe=''), safe='')}",
    "a URL in a URL": lambda n, s: f"https://x.y/?to={quote(_url(n, s), safe='')}",
    "base64 in lines": lambda n, s: base64.encodebytes(
        json.dumps({"a": "x" * 90, n: s, "b": "x" * 90}).encode()).decode(),
    "JSON in base64 in a URL": lambda n, s: (
        f"https://x.y/?state={base64.urlsafe_b64encode(_json(n, s).encode()).decode()}"),
    "a template of JavaScript": lambda n, s: f"<script>c = {{'{n}': `{json.dumps(s)[1:-1]}`}};</script>",
    "cookies": lambda n, s: json.dumps({"h": f"a=1; {n}={quote(s, safe='')}; Path=/"}),
    "multipart": lambda n, s: _multipart(f'name="{n}"', s),
    "multipart without quotes": lambda n, s: _multipart(f"name={n}", s),
    "multipart with a type": lambda n, s: _multipart(f'name="{n}"', s, "text/plain"),
    "multipart with JSON": lambda n, s: _multipart('name="a"', _json(n, s), "application/json"),
    "multipart with a file": lambda n, s: _multipart('name="f"; filename="x.json"', _json(n, s)),
    "multipart with an encoded name": lambda n, s: _multipart(f"name*=UTF-8''{quote(n)}", s),
    "multipart after a preamble": lambda n, s: f"1\r\n\r\n{_multipart(f'name = {n}', s)}",
    "multipart with plain line ends": lambda n, s: _multipart(f'name="{n}"', s).replace("\r", ""),
    "XML": lambda n, s: f"<?xml version='1.0'?><a><b>1</b><{n}>{escape(s)}</{n}></a>",
    "XML with a namespace": lambda n, s: f'<s:a xmlns:s="u"><s:{n}>{escape(s)}</s:{n}></s:a>',
    "XML with attributes": lambda n, s: f'<a><{n} id="1">\n  {escape(s)}\n</{n}></a>',
    "XML, an attribute": lambda n, s: f"<a><b id='1' {n}={quoteattr(s)}/></a>",
    "XML, CDATA": lambda n, s: f"<a><{n}><![CDATA[{s}]]></{n}></a>",
    "XML below": lambda n, s: f"<a><{n}><b><c>1</c><d>{escape(s)}</d></b></{n}></a>",
    "XML, a key and a value": lambda n, s: f'<a><add key="{n}" value={quoteattr(s)} /></a>',
    "XML, a key, then its value": lambda n, s: f"<a><key>{n}</key>\n<string>{escape(s)}</string></a>",
    "XML, a name, then its value": lambda n, s: f"<b><name>{n}</name><value>{escape(s)}</value></b>",
    "XML, a key and a name": lambda n, s: f'<a><add name="a" key="{n}" value={quoteattr(s)} /></a>',
    "XML, a named element": lambda n, s: f'<a><string name="{n}">{escape(s)}</string></a>',
    "XML, an attribute with >": lambda n, s: f'<a><b id="1>2" {n}={quoteattr(s)} c="<"/></a>',
    "XML, a key, then a dict": lambda n, s: (
        f"<dict><key>{n}</key><dict><key>a</key><string>{escape(s)}</string></dict></dict>"),
    "XML, a key, then an array": lambda n, s: (
        f"<dict><key>{n}</key>\n<array><integer>1</integer><string>{escape(s)}</string></array></dict>"),
    "XML in JSON": lambda n, s: json.dumps({"xml": f"<a><{n}>{escape(s)}</{n}></a>"}),
    "JSON in XML": lambda n, s: f"<a><b>{escape(_json(n, s))}</b></a>",
    "XML, a label beside it": lambda n, s: f'<a><{n} name="db_url">{escape(s)}</{n}></a>',
    "XML, deep below": lambda n, s: f"<a><{n}>{'<b>' * 30}{escape(s)}{'</b>' * 30}</{n}></a>",
    "XML, in two cases": lambda n, s: f"<a><{n.upper()}>{escape(s)}</{n.lower()}></a>",
    "an HTML form": lambda n, s: f'<form><br><input type="hidden" name="{n}" value={quoteattr(s)}></form>',
    "an HTML form with >": lambda n, s: f"<input name='{n}' title='a>b' value={quoteattr(s)}>",
    "an HTML form with a type": lambda n, s: f'<input type="{n}" name="hostname" value={quoteattr(s)}>',
    "an HTML form without a name": lambda n, s: f'<input id="{n}" value={quoteattr(s)}>',
    "HTML, JSON before a name": lambda n, s: f"""Form: <input data-a='{{"b": 1}}' name="{n}" value={quoteattr(s)}>""",
    "HTML, JSON before a value": lambda n, s: f"""Form: <input id="{n}" data-a='[{{"b": "c"}}]' value={quoteattr(s)}>""",
    "HTML, JSON after a value": lambda n, s: f"""Form: <input value={quoteattr(s)} data-a='{{"b": 1}}' id="{n}">""",
    "HTML, metadata": lambda n, s: f'<head><meta name="{n}" content={quoteattr(s)}></head>',
    "headers": lambda n, s: f"GET /a HTTP/1.1\r\nHost: x.y\r\n{n}: {quote(s)}\r\nAccept: */*\r\n",
    "a header with quotes": lambda n, s: f'HTTP/1.1 200 OK\r\n{n}: a="{quote(s)}"; Path=/\r\n',
    "a subscript": lambda n, s: f'headers["{n}"] = {json.dumps(s)};',
    "subscripts": lambda n, s: f'$config["db"]["{n}"] = {json.dumps(s)};',
    "an element with a list": lambda n, s: f"a <{n}>{json.dumps([s])}</{n}>",
    "a script": lambda n, s: f"<script>var a = 1; a['{n}'] = {json.dumps(s)};</script>",
    "three quotes": lambda n, s: f'{n} = """{s}"""',
    "three plain quotes": lambda n, s: f"a = 1\n'{n}': '''\n{s}\n'''",
    "JSON in HTML": lambda n, s: f"<html><script>var a = {_json(n, s)};</script></html>",
    "gzip": lambda n, s: gzip.compress(_json(n, s).encode()),
    "gzip in two parts": lambda n, s: gzip.compress(b"[1,") + gzip.compress(f"{_json(n, s)}]".encode()),
    "zlib": lambda n, s: zlib.compress(f"a=1&{n}={quote_plus(s)}".encode()),
    "deflate": lambda n, s: _deflate(_json(n, s)),
    "gzip in multipart": lambda n, s: _multipart('name="f"', "@").encode().replace(
        b"@", gzip.compress(_json(n, s).encode())),
}  # fmt: skip

NAMES = (
    *("password", "passphrase", "passwd", "dbPassword2", "db_pass", "pwd", "passcode"),
    *("account_key", "AccountKey", "client-key", "consumerKey", "encryption_key", "service_key"),
    *("shared_key", "signing_key", "webhook_key", "app_key", "x-functions-key", "api_key"),
    *("apiKey", "X-API-Key", "private_key", "subscription-key", "access_key", "secretKey"),
    *("access_token", "refreshToken", "id_token", "session_token", "client_secret", "secrets"),
    *("credentials", "Authorization", "bearer", "jwt", "client_assertion", "cookie", "sessionId"),
    *("sid", "connect.sid", "otp", "dsn", "sig", "X-Amz-Signature", "auth"),
    *("pin", "dbpass", "PGPASS", "connection_string", "connStr", "SAMLResponse", "code_verifier"),
    *("page_token_secret", "expiring_token", "expired_password", "X-Expiring-Token", "api.key"),
    *("fs.azure.account.key", "spring.api.key", "session.id"),
)
"""Names of secrets; those of elements in XML as well."""


def encodings(secret: str) -> dict[str, bytes]:
    """Return how a secret is written, by the name of what writes it so."""
    data = secret.encode()
    percent = quote(secret, safe="")
    text = {
        "plain": secret,
        "percent": percent,
        "percent, in lower case": "".join(f"%{b:02x}" if f"%{b:02X}" in percent else chr(b) for b in data),
        "percent, twice": quote(percent, safe=""),
        "percent, as JavaScript does": quote(secret, safe="!'()*"),
        "plus": quote_plus(secret),
        "JSON": json.dumps(secret)[1:-1],
        "JSON, twice": json.dumps(json.dumps(secret)[1:-1])[1:-1],
        "HTML": html.escape(secret),
        "hex": data.hex(),
        "hex, in upper case": data.hex().upper(),
        "base64": base64.b64encode(data).decode().rstrip("="),
        "base64 for URLs": base64.urlsafe_b64encode(data).decode().rstrip("="),
        "base64 of a user and it": base64.b64encode(b"user1:" + data).decode().rstrip("="),
        "base64 of a user and it, shifted": base64.b64encode(b"user22:" + data).decode().rstrip("="),
    }  # fmt: skip
    return {name: form.encode() for name, form in text.items()}
