"""What APIs answer that has names of secrets in it, but no secret: each as JSON, XML or HTML."""

from __future__ import annotations

import json
from typing import Any

GUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

_JSON: dict[str, Any] = {
    "Amazon Cognito": {"PaginationToken": "abcDEF123456", "paginationToken": "abcDEF123456"},
    "Atlan": {
        "entities": [{"guid": GUID, "attributes": {"qualifiedName": "default/x/DB/PASSWORDS"}}],
        "credential": {"guid": GUID, "name": "default-snowflake-1657275059-0"},
    },
    "Atlan, tokens": {"records": [{"displayName": "ci token", "attributes": {
        "access.token.lifespan": "157680000", "accessTokenLifespan": "157680000"}}]},
    "AWS": {
        "Instances": [{"MetadataOptions": {"HttpTokens": "required", "State": "applied"}}],
        "Tags": [{"Key": "aws:cloudformation:stack-id-2", "Value": "arn:aws:x:1:stack/x/3f2504e0"}],
        "NextToken": "abc/def+123456789==", "ApiId": "jp020k3s47",
    },
    "Azure": {"subscriptionId": GUID, "authorizationSource": "RoleBased"},
    "columns": {"columns": [{"name": "password", "type": "VARCHAR(255)", "nullable": "true"}]},
    "counts of tokens": {"usage": {"prompt_tokens": 12, "total_tokens": 357}, "max_tokens": 4096},
    "large counts of tokens": {"usage": {"prompt_tokens": 12345678, "total_tokens": 123456789}},
    "Hugging Face": {"tokenizer": "BertTokenizer", "tokenized_text": "hello world 12"},
    "words with key": {"app_keywords": "finance, ledger 2", "session_keynote": "Room 12-b",
                       "host_keyboard": "de-105 x", "service_keyword": "finance, ledger 2"},
    "people": {"secretary": "Jane Doe-9", "Secretariat": "Room 12-b", "cookieConsent": "analytics-v2"},
    "a login": {"auth": {"user": "svc-reader-01", "region": "us-east-1"},
                "credential": {"username": "svc-reader-01", "host": "db-1.x.y"}},
    "OpenAPI": {"securitySchemes": {"api_key": {"type": "apiKey", "name": "X-API-Key", "in": "header"}}},
    "Elasticsearch": {"buckets": [{"key": GUID, "doc_count": 3}, {"key": "c7n-Created-2", "a": 1}]},
    "errors": {
        "error_description": "AADSTS50126: Invalid username or password.",
        "detail": [{"loc": ["body", "password"], "msg": "field required"}],
    },
    "GitHub, a repository": {
        "security_and_analysis": {"secret_scanning": {"status": "enabled"}},
        "secret_scanning_push_protection": "disabled", "private": False,
    },
    "GitHub, secrets": {
        "secrets": [{"name": "X_TOKEN", "created_at": "2019-08-10T14:59:22Z", "visibility": "all",
                     "selected_repositories_url": "https://api.github.com/orgs/o/x"}],
    },
    "Google, an audit log": {
        "authorizationInfo": [{"permission": "compute.networks.updatePolicy", "granted": True}],
    },
    "Jira": {
        "key": "ED-24", "fields": {"summary": "Rotate the API token of svc-2", "labels": ["secret-2"]},
        "errorMessages": ["The value 'PROJ2024' does not exist for the field 'project'."],
    },
    "Kubernetes": {"volumes": [{"name": "x", "secret": {"defaultMode": 420}}], "kind": "Secret"},
    "Okta": {
        "passwordChanged": "2020-08-27T18:14:06.000Z",
        "settings": {"password": {"complexity": {"minLength": 8}, "age": {"historyCount": 4}}},
        "credentials": {"signing": {"kid": "4lFCKDbkQrKCykkPIEqRGdnteVdgU1K", "rotationMode": "AUTO",
                                    "lastRotated": "2020-08-12T03:15:01.000Z"},
                        "oauthClient": {"client_id": "0oa1abc2def3ghi4jkl5", "autoKeyRotation": True}},
        "_links": {"changePassword": {"href": "https://x.okta.com/api/v1/users/1/credentials",
                                      "method": "POST"}},
    },
    "OpenID Connect": {
        "token_endpoint": "https://id.x.y/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    },
    "Slack": {
        "ok": False, "error": "token_revoked", "token_type": "bot",
        "response_metadata": {"next_cursor": "dGVhbTpDMDYxRkE1UEI="},
    },
    "Snowflake": {
        "parameters": [{"name": "CLIENT_SESSION_KEEP_ALIVE", "value": False}],
        "rowtype": [{"name": "PASSWORD_LAST_SET_TIME", "type": "timestamp_ltz"}],
        "masterValidityInSeconds": 14400, "sessionId": 4711,
    },
}  # fmt: skip

_MARKUP = {
    "a login form": """\
<form action="/login" method="post"><label for="password">Password</label>
<input type="password" id="password" name="password" value="" autocomplete="current-password"
 title="8 characters > 7" placeholder="Enter your password"><a href="/reset">Forgot your password?</a>
<span id="password-error">Passwords must be 8-64 characters, and can't contain your username.</span>
</form>""",
    "Django's form": """\
<label for="id_password1">Password:</label><input type="password" name="password1" id="id_password1">
<ul><li>Your password can’t be too similar to your other personal information.</li></ul>""",
    "a form in German": '<label for="pw">Passwort bestätigen</label><p id="password-hint">8 Zeichen.</p>',
    "a style": "<style>.password-field{color:red} #password:focus{border:1px solid #ccc}</style>",
    "documentation": "<p>Use <code>&lt;token&gt;</code>, see https://docs.x.y/auth#tokens for it.</p>",
    "SAML metadata": """\
<md:SPSSODescriptor WantAssertionsSigned="true" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" index="1"
 Location="https://sp.x.y/acs"/></md:SPSSODescriptor>""",
    "Tableau": '<connection id="1" userName="u" embedPassword="true"/>',
    "a key of the keyboard": '<a href="/" accesskey="z" data-token-kind="x1y2z3">b</a>',
    "JavaScript": r"""run(1, "a \"b\" = \"c\"", '{"page":"1"}', "<a b=\"1\">c</a>", /\d+"/);""",
    "a property list": "<dict><key>title</key><dict><key>a</key><string>b</string></dict></dict>",
}

HARMLESS_BODIES = {name: json.dumps(body) for name, body in _JSON.items()} | _MARKUP
