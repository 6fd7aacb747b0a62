"""A stand-in Atlan tenant: the REST calls that the real pyatlan client makes, on loopback."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, jsonify, make_response, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from typing import Self

Entity = dict[str, Any]

TOKEN_PATH = "/auth/realms/default/protocol/openid-connect/token"
OAUTH_PATH = "/api/service/oauth-clients/token"
SEARCH_PATH = "/api/meta/search/indexsearch"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"

# The statuses after which the client tries again.
RETRIED = {403, 429, 500, 502, 503, 504}

# What the index returns for every hit; other attributes only when the search asks for them.
ALWAYS_RETURNED = {"name", "qualifiedName"}

# The index's names for what is no attribute.
INTERNAL = {
    "__state": "status",
    "__typeName": "typeName",
    "__guid": "guid",
    "__timestamp": "createTime",
    "__modificationTimestamp": "updateTime",
    "__createdBy": "createdBy",
    "__modifiedBy": "updatedBy",
}

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Recorded:
    """One request that reached the tenant, and the status of the answer."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int
    known: bool
    """False when the tenant has no such route."""


class Quiet(WSGIRequestHandler):
    """A handler that keeps requests out of the test output."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Ignore `code` and `size`; `Tenant.requests` has them."""


class Catalog:
    """The assets of a tenant, by guid, and what it answers of them."""

    def __init__(self) -> None:
        """Create a catalog without assets."""
        self.assets: dict[str, Entity] = {}
        self._lock = threading.Lock()

    def add(self, type_name: str, name: str, qualified_name: str, **attributes: Any) -> Entity:
        """Put an active asset of this type and these attributes into the tenant; return it."""
        attributes |= {"name": name, "qualifiedName": qualified_name}
        now = int(time.time() * 1000)
        entity: Entity = {
            "typeName": type_name,
            "guid": str(uuid.uuid4()),
            "status": "ACTIVE",
            "displayText": name,
            "attributes": attributes,
            "createdBy": "service-account-stand-in",
            "updatedBy": "service-account-stand-in",
            "createTime": now,
            "updateTime": now,
        }
        self.assets[entity["guid"]] = entity
        return entity

    def _typedefs(self) -> Response:
        """Answer the one type that the client wants to see before it trusts a refreshed token."""
        return jsonify(
            enumDefs=[],
            structDefs=[{"category": "STRUCT", "name": "BadgeCondition", "attributeDefs": []}],
            classificationDefs=[],
            entityDefs=[],
            relationshipDefs=[],
            businessMetadataDefs=[],
        )

    def _search(self) -> Response:
        """Answer an index search: its query, sorting and page for real, no aggregations."""
        body = request.get_json()
        dsl = body["dsl"]
        found = [e for e in list(self.assets.values()) if _matches(dsl["query"], e)]
        for item in reversed(dsl.get("sort") or []):
            ((field, how),) = item.items()
            found.sort(
                key=lambda e: str(next(_values(e, field), "")),
                reverse=how["order"] == "desc",
            )
        start = dsl.get("from", 0)
        page = found[start : start + dsl.get("size", 300)]
        answer: dict[str, Any] = {
            "searchParameters": body,
            "approximateCount": len(found),
        }
        if page:
            wanted = ALWAYS_RETURNED.union(body.get("attributes") or [])
            answer["entities"] = [
                e | {"attributes": {k: v for k, v in e["attributes"].items() if k in wanted}}
                for e in page
            ]
        return jsonify(answer)

    def _save(self) -> Response:
        """Create or update every entity of the request; answer what changed."""
        mutated: dict[str, list[Entity]] = {}
        assigned: dict[str, str] = {}
        with self._lock:
            for sent in request.get_json()["entities"]:
                known = self._stored(sent)
                if known is None:
                    known = self._create(sent["typeName"], sent["attributes"])
                    mutated.setdefault("CREATE", []).append(known)
                    assigned[sent.get("guid", known["guid"])] = known["guid"]
                    continue
                old = known["attributes"]
                changed = {k: v for k, v in sent["attributes"].items() if old.get(k) != v}
                status = sent.get("status", known["status"])
                if changed or status != known["status"]:
                    old |= changed
                    known["status"] = status
                    known["updateTime"] = int(time.time() * 1000)
                    mutated.setdefault("UPDATE", []).append(known)
        # An unchanged asset is in neither, and the real server leaves both out then.
        return jsonify({"mutatedEntities": mutated, "guidAssignments": assigned} if mutated else {})

    def _stored(self, sent: Entity) -> Entity | None:
        """Return the stored entity that a sent one means, or None when it is new."""
        guid = sent.get("guid", "-")
        if not guid.startswith("-"):
            return self._get(guid)
        name = sent["attributes"].get("qualifiedName")
        return self._find(sent["typeName"], name)

    def _create(self, type_name: str, attributes: dict[str, Any]) -> Entity:
        """Store a new entity; return it, or fail as the server does on a second glossary."""
        name = attributes["name"]
        if type_name == "AtlasGlossary":
            if any(
                e["typeName"] == type_name
                and e["status"] == "ACTIVE"
                and e["attributes"]["name"] == name
                for e in self.assets.values()
            ):
                message = f"Glossary with name {name} already exists"
                abort(_error(409, "ATLAS-409-00-007", message))
            attributes["qualifiedName"] = secrets.token_urlsafe(16)[:21]
        rest = {k: v for k, v in attributes.items() if v is not None and k != "name"}
        return self.add(type_name, name, rest.pop("qualifiedName"), **rest)

    def _delete(self) -> Response:
        """Archive (SOFT) or remove (PURGE, HARD) the assets of the query; skip unknown ones."""
        deleted: list[Entity] = []
        archive = request.args.get("deleteType", "SOFT") == "SOFT"
        with self._lock:
            for guid in request.args.getlist("guid"):
                entity = self.assets.get(guid)
                if entity is None or (archive and entity["status"] == "DELETED"):
                    continue
                entity["status"] = "DELETED"
                deleted.append(entity)
                if not archive:
                    del self.assets[guid]
        return jsonify({"mutatedEntities": {"DELETE": deleted}} if deleted else {})

    def _by_guid(self, guid: str) -> Response:
        """Answer the asset of this guid, archived or not."""
        return jsonify(entity=self._get(guid), referredEntities={})

    def _by_name(self, type_name: str) -> Response:
        """Answer the asset of this type that has the qualifiedName of the query."""
        name = request.args["attr:qualifiedName"]
        entity = self._find(type_name, name)
        if entity is None:
            message = (
                f"Instance {type_name} with unique attribute {{qualifiedName={name}}} "
                "does not exist"
            )
            return _error(404, "ATLAS-404-00-009", message)
        return jsonify(entity=entity, referredEntities={})

    def _get(self, guid: str) -> Entity:
        """Return the asset of this guid, or end the request with 404."""
        if guid not in self.assets:
            message = f"Given instance guid {guid} is invalid/not found"
            abort(_error(404, "ATLAS-404-00-005", message))
        return self.assets[guid]

    def _find(self, type_name: str, qualified_name: str | None) -> Entity | None:
        """Return the asset of this type and qualifiedName, an active one first, or None."""
        found = [
            e
            for e in list(self.assets.values())
            if e["typeName"] == type_name and e["attributes"]["qualifiedName"] == qualified_name
        ]
        return min(found, key=lambda e: str(e["status"]), default=None)


class Tenant(Catalog):
    """A tenant that lives as long as the `with` block.

    `url`, `api_key`, `user_id`, `client_id` and `client_secret` are what a client needs;
    `environment`, `impersonation` and `oauth` are the same as environment variables.
    `assets` maps guid to entity and may be filled and read by a test. `requests` has every
    request in order. `fail_with` makes every answer that HTTP status until it is None again;
    `retry_after` is what the client is told to wait after a status that it retries.
    """

    def __init__(self) -> None:
        """Create an empty tenant with fresh credentials; nothing listens yet."""
        super().__init__()
        self.api_key = f"api-key-{secrets.token_hex(16)}"
        self.user_id = str(uuid.uuid4())
        self.client_id = "stand-in-client"
        self.client_secret = f"client-secret-{secrets.token_hex(16)}"
        self.requests: list[Recorded] = []
        self.fail_with: int | None = None
        # The client's own five pauses add up to a minute; it ignores a Retry-After of 0.
        self.retry_after: int | None = 1
        self._tokens = {self.api_key: "service-account-stand-in"}
        self._server = make_server(
            "127.0.0.1", 0, self._app(), threaded=True, request_handler=Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Self:
        """Start to answer; return the tenant."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to answer and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables with which `get_client()` uses the API key."""
        return {"ATLAN_BASE_URL": self.url, "ATLAN_API_KEY": self.api_key}

    @property
    def impersonation(self) -> dict[str, str]:
        """Return the variables with which `get_client(user_id)` impersonates a user."""
        return {
            "ATLAN_BASE_URL": self.url,
            "CLIENT_ID": self.client_id,
            "CLIENT_SECRET": self.client_secret,
        }

    @property
    def oauth(self) -> dict[str, str]:
        """Return the variables with which `get_client()` uses OAuth (pyatlan 8.4.4 and later)."""
        return {
            "ATLAN_BASE_URL": self.url,
            "ATLAN_OAUTH_CLIENT_ID": self.client_id,
            "ATLAN_OAUTH_CLIENT_SECRET": self.client_secret,
        }

    @property
    def writes(self) -> list[Recorded]:
        """Return the requests that could have changed something, answered or not."""
        reading = {TOKEN_PATH, OAUTH_PATH, SEARCH_PATH}
        return [r for r in self.requests if r.method != "GET" and r.path not in reading]

    @property
    def unknown(self) -> list[Recorded]:
        """Return the requests for which the tenant has no route."""
        return [r for r in self.requests if not r.known]

    def _app(self) -> Flask:
        """Return the application with every route."""
        app = Flask(__name__)
        app.url_map.strict_slashes = False
        app.before_request(self._gate)
        app.after_request(self._record)
        app.register_error_handler(NotFound, _unknown_route)
        for method, rule, view in (
            ("POST", TOKEN_PATH, self._token),
            ("POST", OAUTH_PATH, self._oauth_token),
            ("GET", "/api/service/users/current", self._current_user),
            ("GET", "/api/service/whoami", self._current_user),
            ("GET", "/api/meta/types/typedefs", self._typedefs),
            ("POST", SEARCH_PATH, self._search),
            ("POST", "/api/meta/entity/bulk", self._save),
            ("DELETE", "/api/meta/entity/bulk", self._delete),
            ("GET", "/api/meta/entity/guid/<guid>", self._by_guid),
            ("GET", "/api/meta/entity/uniqueAttribute/type/<type_name>", self._by_name),
        ):
            app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
        return app

    def _gate(self) -> Response | None:
        """Return an error answer when the tenant is to fail or the bearer token is not its own."""
        # Reading a form would otherwise leave nothing to record.
        request.get_data()
        if self.fail_with:
            message = f"The stand-in tenant was told to fail with {self.fail_with}"
            return _error(self.fail_with, f"ATLAS-{self.fail_with}-00-001", message)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.path not in (TOKEN_PATH, OAUTH_PATH) and token not in self._tokens:
            return make_response(
                {"code": 401, "error": "Unauthorized", "message": "Unauthorized"}, 401
            )
        return None

    def _record(self, answer: Response) -> Response:
        """Note the current request; return the answer, with the pause that a retry is to make."""
        if answer.status_code in RETRIED and self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        self.requests.append(
            Recorded(
                request.method,
                request.path.rstrip("/"),
                request.query_string.decode(),
                dict(request.headers),
                request.get_data(as_text=True),
                answer.status_code,
                request.url_rule is not None,
            )
        )
        return answer

    def _issue(self, username: str) -> str:
        """Return a new bearer token for this user."""
        token = f"token-{secrets.token_hex(16)}"
        self._tokens[token] = username
        return token

    def _token(self) -> Response:
        """Answer as Keycloak does: client credentials, and the exchange that impersonates."""
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            return _keycloak(401, "unauthorized_client", "Invalid client or client credentials")
        if form.get("grant_type") == "client_credentials":
            user = f"service-account-{self.client_id}"
        elif form.get("grant_type") != EXCHANGE:
            return _keycloak(400, "unsupported_grant_type", "Unsupported grant_type")
        elif form.get("subject_token") not in self._tokens:
            return _keycloak(400, "invalid_token", "Invalid token")
        elif form.get("requested_subject") != self.user_id:
            return _keycloak(403, "access_denied", "Client not allowed to exchange")
        else:
            user = self.user_id
        return jsonify(
            access_token=self._issue(user),
            expires_in=600,
            token_type="Bearer",
            scope="openid",
        )

    def _oauth_token(self) -> Response:
        """Answer an OAuth client's request for a token."""
        body = request.get_json()
        if (body["clientId"], body["clientSecret"]) != (
            self.client_id,
            self.client_secret,
        ):
            return make_response({"code": 401, "message": "Invalid client credentials"}, 401)
        return jsonify(accessToken=self._issue(self.client_id), expiresIn=600, tokenType="Bearer")

    def _current_user(self) -> Response:
        """Answer who the bearer of the token is."""
        token = request.headers["authorization"].removeprefix("Bearer ")
        return jsonify(id=self.user_id, username=self._tokens[token], enabled=True)


def _error(status: int, code: str, message: str) -> Response:
    """Return an error answer in the shape of Atlan's metastore."""
    return make_response({"errorCode": code, "errorMessage": message}, status)


def _keycloak(status: int, error: str, description: str) -> Response:
    """Return an error answer in the shape of Keycloak."""
    return make_response({"error": error, "error_description": description}, status)


def _unknown_route(error: HTTPException) -> HTTPException | Response:
    """Return the answer for a path without a route; leave a view's own 404 as it is."""
    if request.url_rule is not None:
        return error
    return _error(404, "ATLAS-404-00-000", f"The stand-in tenant has no {request.path}")


def _values(entity: Entity, field: str) -> Iterator[Any]:
    """Return every value that the index has for a field of an entity."""
    field = field.removesuffix(".keyword").removesuffix(".text")
    if field == "__superTypeNames":
        value: Any = ["Referenceable", "Asset"]
    elif field in INTERNAL:
        value = entity[INTERNAL[field]]
    else:
        value = entity["attributes"].get(field)
    yield from value if isinstance(value, list) else [] if value is None else [value]


def _matches(query: dict[str, Any], entity: Entity) -> bool:
    """Say whether an entity matches a query; end the request with 400 on an unknown kind."""
    ((kind, body),) = query.items()
    if kind == "match_all":
        return True
    if kind == "bool":
        optional = [_matches(q, entity) for q in body.get("should") or []]
        needed = [*(body.get("must") or []), *(body.get("filter") or [])]
        # Elasticsearch wants one optional clause only when there is no other one.
        least = body.get("minimum_should_match", 1 if optional and not needed else 0)
        return (
            all(_matches(q, entity) for q in needed)
            and not any(_matches(q, entity) for q in body.get("must_not") or [])
            and sum(optional) >= int(least)
        )
    if kind == "exists":
        return any(True for _ in _values(entity, body["field"]))
    ((field, wanted),) = ((k, v) for k, v in body.items() if k != "boost")
    values = list(_values(entity, field))
    if kind == "terms":
        return any(v in wanted for v in values)
    if kind == "range":
        return any(
            all(COMPARE[k](v, limit) for k, limit in wanted.items() if k in COMPARE) for v in values
        )
    if kind not in ("term", "prefix"):
        abort(
            _error(
                400,
                "ATLAS-400-00-000",
                f"The stand-in tenant has no query of kind {kind}",
            )
        )
    pairs = [(str(v), str(wanted["value"])) for v in values]
    if wanted.get("case_insensitive"):
        pairs = [(v.lower(), t.lower()) for v, t in pairs]
    return any(v == t if kind == "term" else v.startswith(t) for v, t in pairs)
