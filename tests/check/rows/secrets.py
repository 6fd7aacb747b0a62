"""What breaks the rule of csa/check/secrets.py, and what does not."""

from __future__ import annotations

from .changes import KEY, Breaking, Good

AWS = "AKIAIOSFODNN7ABCDEFG"
GUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
PEM = "-----BEGIN RSA PRIVATE KEY-----"

PYTHON = [
    ('password = "SuperSecretPassword"', "password"),
    ('password = "Summer2024.welcome"', "password"),
    ('api_key = "my-key-hfjdksla"', "api_key"),
    (f'client_secret: str = "{GUID}"', "client_secret"),
    (f'SECRET_KEY = b"{KEY}"', "SECRET_KEY"),
    ('passphrase = ("hunter2" "hunter2")', "passphrase"),
    ('user, db_password_2 = "me", "hunter2hunter2"', "db_password_2"),
    (f'self.token = os.environ.get("X") or "{KEY}"', "token"),
    (f'os.environ["X_TOKEN"] = "{KEY}"', "X_TOKEN"),
    (f'os.environ.setdefault("X_TOKEN", "{KEY}")', "X_TOKEN"),
    (f'x = os.getenv("X_TOKEN", "{KEY}")', "X_TOKEN"),
    (f'p.add_argument("-k", "--api-key", default="{KEY}")', "--api-key"),
    (f'headers = {{"Authorization": "Bearer {KEY}"}}', "Authorization"),
    ('headers = {"Authorization": "Basic dXNlcjpodW50ZXIyaHVudGVyMg=="}', "Authorization"),
    ('def f(a, password="hunter2hunter2"): ...', "password"),
    ('f = lambda *, token="hunter2hunter2": 0', "token"),
    (f'# api_key = "{KEY}"', "api_key"),
    ('x = "postgresql://me:hunter2hunter2@db/x"', "password"),
    (f'x = "https://host/x?page=1&api_key={KEY}"', "api_key"),
    (f'x = "{PEM}\\n{KEY * 2}"', "this private key"),
    (f'x = ["{AWS}"]', "this AWS Access Key"),
]
"""Lines of Python, and what looks like a secret there."""

PYTHON += [
    (f'headers["Authorization"] = f"Bearer {KEY}"', "Authorization"),
    (f'headers["Authorization"] = f"{{scheme}} {KEY}"', "Authorization"),
    (f'headers = {{"Authorization": "Bearer " + "{KEY}"}}', "Authorization"),
    (f'headers = {{"Authorization": " ".join(["Bearer", "{KEY}"])}}', "Authorization"),
    (f'x = "Bearer {KEY}"', "this bearer token"),
    (f'x = "Bearer " + "{KEY}"', "this bearer token"),
    (f"# the token: {KEY}", "token"),
    (f"x = 1  # api_key={KEY}", "api_key"),
    ('requests.get(url, auth=("me", "hunter2hunter2"))', "password"),
    ('HTTPBasicAuth("me", "hunter2hunter2")', "password"),
    (f'API_KEYS = ["{KEY}"]', "API_KEYS"),
    ('connect("dbname=x user=me password=hunter2hunter2 host=db")', "password"),
    (f'app_key = sid = "{KEY}"', "app_key"),
    (f'payload = \'{{"password": "{KEY}"}}\'', "password"),
    (f'body = f"user={{x}}&password={KEY}&page=1"', "password"),
    (f'run("mysql --password {KEY} x")', "password"),
    (f'run("curl -u me:{KEY} x")', "password"),
    (f'token = """\n{KEY}"""', "token"),
    (f'session.auth = ("me", "{KEY}")', "password"),
    (f'token: str = Field(default="{KEY}")', "token"),
    (f'token = SecretStr("{KEY}")', "token"),
    (f'setattr(x, "token", "{KEY}")', "token"),
    (f'os.putenv("X_TOKEN", "{KEY}")', "X_TOKEN"),
    (f'token += "{KEY}"', "token"),
    (f'def api_token(): return "{KEY}"', "api_token"),
    (f'x = "https://{KEY}@host/x"', "password"),
    (f'subprocess.run(["tool", "--token", "{KEY}", "x"])', "--token"),
    (f'cmd = ("tool", "--db-password", "{KEY}")', "--db-password"),
    (f"token = '''{KEY}'''", "token"),
    (f'x = "git+https://{KEY}@github.com/a/b@v1"', "password"),
]

OTHERS: list[tuple[str, str | bytes, str]] = [
    ("Dockerfile", f"ENV A=1 X_PASSWORD={KEY}", "X_PASSWORD"),
    (".env.example", f"ATLAN_API_KEY={KEY}", "ATLAN_API_KEY"),
    ("x.sh", "export X_PASSWORD=hunter2hunter2", "X_PASSWORD"),
    ("x.sh", f'curl -H "Authorization: Bearer {KEY}" x', "Authorization"),
    *[("x.yaml", f"Authorization: {scheme} {KEY}", "Authorization")
      for scheme in ("Basic", "Bearer", "Token")],
    ("x.yaml", f"x: {{client_secret: {GUID}}}", "client_secret"),
    ("x.toml", f'token = "{KEY}"', "token"),
    ("x.json", f'"api_key": "{KEY}"', "api_key"),
    ("x.ipynb", f'"source": ["api_key = \\"{KEY}\\""]', "api_key"),
    ("x.md", f'client = AtlanClient(api_key="{KEY}")', "api_key"),
    ("x.md", AWS, "this AWS Access Key"),
    ("x.txt", f"\xe4 {AWS}".encode("latin-1"), "this AWS Access Key"),
    ("x.txt", f"\xe4 {AWS}".encode("utf-16"), "this AWS Access Key"),
    ("x.yaml", f"key: |\r\n  {PEM}\r\n  {KEY * 2}", "this private key"),
    ("Dockerfile", f"ENV X_PASSWORD {KEY}", "X_PASSWORD"),
    (".npmrc", f"//registry.npmjs.org/:_authToken={KEY}", "_authToken"),
    (".npmrc", "_auth=bWU6aHVudGVyMmh1bnRlcjI=", "_auth"),
    (".pypirc", f"password = {KEY}", "password"),
    (".netrc", f"machine x login me password {KEY}", "password"),
    ("x.json", f'"api_keys": ["{KEY}"]', "api_keys"),
    ("x.toml", f"# token = {KEY}", "token"),
    ("x.txt", "dbname=x password=hunter2hunter2 host=db", "password"),
    ("x.md", f"Authorization header: Bearer {KEY}", "this bearer token"),
    ("x.py", f'print "Python 2"; api_key = "{KEY}"', "api_key"),
    ("x.yaml", f"- name: X_TOKEN\n  value: '{KEY}'", "X_TOKEN"),
    ("x.yaml", f"- value: {KEY}\n  name: X_TOKEN", "X_TOKEN"),
    ("x.yaml", f"- value: {KEY}\n  description: a, b\n  name: 'X_TOKEN'", "X_TOKEN"),
    ("x.yaml", f"- name: X_TOKEN\n  description: a, b\n  type: string\n  value: '{KEY}'", "X_TOKEN"),
    ("x.json", f'{{"name": "X_TOKEN", "description": "a", "value": "{KEY}"}}', "X_TOKEN"),
    ("x.json", f'"value": "{KEY}",\n  "name": "X_TOKEN"', "X_TOKEN"),
    ("x.yaml", f"  - --api-key\n  - {KEY}", "api-key"),
    ("x.yaml", f'- "--api-key"\n- "{KEY}"', "api-key"),
    ("x.json", f'["--token",\n  "{KEY}"]', "token"),
    ("x.yaml", f"token: >-\n  {KEY}", "token"),
    ("x.json", f'{{"name": "X_TOKEN", "value": "{KEY}"}}', "X_TOKEN"),
    ("x.xml", f"<password>{KEY}</password>", "password"),
    ("x.toml", f"token = \'\'\'{KEY}\'\'\'", "token"),
    ("x.md", f"`run --api-key {KEY}`", "api-key"),
    ("x.md", f"X_TOKEN={KEY}", "X_TOKEN"),
]  # fmt: skip
"""A file, a line of it, and what looks like a secret there."""

_LONG = "q8Zr3xV9Lk2Pm7Ns5Tt1Ww4Yy6Bb0Cc8Dd9Ee"
_HEX = "0123456789abcdef" * 2
TOKENS = [
    ("Airtable token", f"pat{_LONG[:14]}.{_HEX * 2}"),
    ("Azure signature", f"sig={_LONG}8Dd9E%3D"),
    ("Discord webhook", f"discord.com/api/webhooks/123456789012345678/{_LONG * 2}"),
    ("Grafana token", f"glsa_{_LONG[:32]}_{_HEX[:8]}"),
    ("Linear key", f"lin_api_{_LONG}abc"),
    ("Notion token", f"ntn_{_LONG}123456789"),
    ("Shopify token", f"shpat_{_HEX}"),
    (
        "Teams webhook",
        (f"webhook.office.com/webhookb2/{GUID}@{GUID}/IncomingWebhook/{_HEX}"),
    ),
    ("Anthropic key", f"sk-ant-api03-{_LONG}"),
    ("AWS Access Key", AWS),
    ("Databricks token", f"dapi{_HEX}"),
    ("GitHub Token", f"ghp_{_LONG[:36]}"),
    ("GitHub Token", f"github_pat_11A{_LONG}"),
    ("GitLab token", f"glpat-{_LONG[:20]}"),
    ("Google API key", f"AIza{_LONG[:35]}"),
    ("HashiCorp Vault token", f"hvs.{_LONG}"),
    ("Hugging Face token", f"hf_{_LONG[:34]}"),
    ("JSON Web Token", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{_LONG}"),
    ("npm token", f"npm_{_LONG[:36]}"),
    ("OpenAI key", f"sk-proj-{_LONG}"),
    ("PyPI token", f"pypi-AgEIcHlwaS5vcmc{_LONG}"),
    ("Slack Token", f"xoxb-1234-5678-{_LONG}"),
    ("Slack Token", f"xapp-1-A12-34-{_LONG}"),
    ("Stripe Access Key", f"sk_live_{_LONG[:24]}"),
]
"""What a token is of, and one of its form."""

BREAKING: Breaking = [
    ("CSA701", {"main.py": f'+API_KEY = "{KEY}"\n'}, "main.py", 139,
     "API_KEY looks like a secret. No file may have a secret in it, unless its line says `# pragma"),
    ("CSA701", {"main.py": '+x = connect(\n+    password="hunter2hunter2")\n'}, "main.py", 140, ""),
]  # fmt: skip

GOOD: Good = [
    ("CSA701", {"a.py": f"""\
guid = qualified_name = key = partition_key = "{GUID}"
secret_id = secret_arn = secret_name = password_field = token_env = key_help = "{KEY}"
secret_manager = page_token = credential_guid = token_url = "{KEY}"
url = "postgresql://%s:%s@%s/x", "postgresql://{{}}:{{}}@{{}}/x", f"https://{{a}}:{{password}}@x"
url = "https://me:hunter2hunter2@db.example.com", "postgresql://me:password@x"
url = "https://x.atlan.com:443?user=a@b.com", f"https://x?token={{token}}"
secret = "arn:aws:secretsmanager:us-east-1:1:secret:9"; token = "https://x.y/oauth/token1"
secret = "projects/*/secrets/*"; secret = "prod/db/password"
private_key = "/etc/keys/rsa_1"; private_key = "keys/rsa_1.pem"
token = "SELECT token FROM x WHERE a = '{KEY}'"
def f(password: str, token: "Optional[str]" = None): ...
if token == "none-of-them1": ...
access_token = "access_token"; API_KEY = "api_key"; API_KEY = "X-API-Key"; TOKEN = "accessToken"
PASSWORD = "ATLAN_DB_LOGIN"; TOKEN = "send_message"; API_KEY = "--api-key"; password = "#password"
schema = {{"token": "string", "password": "varchar(255)", "secret": 3, **{{}}, "api_key": None}}
api_key = "changeme-1"; token = "dummy-token-1"; token = "test-1234"; secret = "example_9z"
token = "xxxxxxxx9a"; token = "<token-9>"; token = "eyJhbGci..."; token = "%(token)s-1"; password = "REDACTED"; password = "**REDACTED**"
token = "{{{{inputs.parameters.token}}}}"; secret = "${{SECRET}}"; password = "$PASSWORD_9z"
p.add_argument("-k", "--api-key", default=None, help="{KEY}")
x = d.get("token", "undefined"); token = os.environ["X"]; password = "12345678901"
api_key: "SecretStr9" = None
names = ["--token", "--api-key-2024"], ["--token"], ("--token", token, "{KEY}")
token = "v1.0.0-beta.1"; secret = "2.31.5+build9"; host_key = "db-01.prod.internal"
if "-----BEGIN PRIVATE KEY-----" in text: ...
help = "configure --token --profile x-1234567890ab; docker build --secret id=x-1234567890ab"
url = "https://x?client_secret=abc&state=1234567890abc", "docker run -u 1000:1000 -u nonroot:nonroot"
token = getSessionToken; password = "document.getElementById"; password = "Passwort."
token = str(uuid4()); token = get_secret("prod-db-2024"); auth = ("me", password)
token = "{KEY}"  # pragma: allowlist secret
# pragma: allowlist nextline secret
token = "{KEY}"
token = (
    "{KEY}"
    "{KEY}"  # pragma: allowlist secret
)
"""}),
    ("CSA701", {"a.yaml": f"""\
secretName: my-secret
secret: name-of-k8s-secret
secret: my-secret-name
existingSecret: my-app-credentials
secretKeyRef: {{name: x-1, key: api-key}}
secret: '{{{{inputs.parameters.secret}}}}'
token: ${{{{ secrets.GITHUB_TOKEN }}}}
token: secrets.github_token
token: !Ref SomeToken1
password: *default_password1
password: true
guid: {GUID}
"""}),
    ("CSA701", {"b.yaml": f"""\
env:
- name: X_TOKEN
  valueFrom: {{secretKeyRef: {{name: x-2024, key: token-2024}}}}
- name: PARTITION
  value: {KEY}
- name: API_TOKEN
  value: "{{{{inputs.parameters.api_token}}}}"
- value: {KEY}
  description: x
  name: PARTITION
- name: API_TOKEN
- name: TABLE
  value: {KEY}
- value: {KEY}
- name: API_TOKEN
args:
- --token
- --password-file-2024
- --api-key
- "{{{{inputs.parameters.api_key}}}}"
- --table
- {KEY}
token: |
  {{{{inputs.parameters.token}}}}
"""}),
    ("CSA701", {
        ".env.example": "ATLAN_API_KEY=\nATLAN_API_KEY=eyJ...\nX_TOKEN=<token-1>\nPWD=changeme1\n",
        "a.toml": "token = true\npassword = 12345678901\n",
        "a.sh": 'TOKEN="$(cat /run/token1)"\nPASSWORD=$1\nif [ $TOKEN==no-token-9 ]; then\n',
        "a.md": "Its token: take tenant-9z's.\n`ATLAN_API_KEY=<your-key>`\nAKIAIOSFODNN7EXAMPLE\n",
        "binary": f"\0 {AWS}".encode(),
        "large.csv": f"{AWS}\n".encode() * 240_000,
    }),
    ("CSA701", {"tests/cassettes/a.yml": f"api_key: {KEY}\n"}),
    ("CSA701", {"tests/cassettes/a.json": f'{{"api_key": "{KEY}"}}\n'}),
]  # fmt: skip
