"""What calls do, by the names of what is called: which reach out of the process."""

from __future__ import annotations

import ast
import re

from .effects import ModuleNames

_EFFECTS = {
    *("exec", "exit", "input", "open", "print", "quit"),
    *("builtins.open", "bz2.open", "codecs.open", "gzip.open", "io.open", "lzma.open", "os.open"),
    *("os.popen", "os.walk", "tarfile.open", "tarfile.TarFile", "zipfile.ZipFile"),
    *("logging.FileHandler", "logging.config.fileConfig", "logging.handlers"),
    *("os._exit", "os.abort", "os.chdir", "os.listdir", "os.makedirs", "os.mkdir", "os.remove"),
    *("os.rename", "os.replace", "os.rmdir", "os.scandir", "os.stat", "os.system", "os.unlink"),
    *("os.path.getmtime", "os.path.getsize", "pathlib.Path.mkdir", "sys.exit"),
    *("time.monotonic", "time.perf_counter", "time.sleep", "time.time"),
    *("asyncio", "ftplib", "getpass", "http", "runpy", "shutil", "smtplib", "socket", "sqlite3"),
    *("sys.stdin.read", "sys.stdin.readline", "sys.stdin.readlines"),
    *("subprocess", "tempfile", "urllib.request", "webbrowser"),
}
"""Builtins, functions and modules of the standard library whose calls are logic, not preparation."""

EFFECT_METHODS = {
    "iterdir",
    "mkdir",
    "open",
    "read_bytes",
    "read_text",
    "run_until_complete",
    "rmdir",
    "stat",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
}
"""The same of methods, by their names."""

REACHES_OUT = re.compile(
    r"(requests|httpx|urllib3)(\.\w+\(\))?\.(delete|get|head|options|patch|post|put|request|send|stream)"
    r"|boto3(\.\w+(\(\))?)*\.(client|resource)|configparser\.\w+\(\)\.read"
    r"|.*\.[A-Z]\w*\(\)(\.\w+)*\.(delete|execute|patch|post|put|query|request|search|send)"
    r"|redis\.(\w+\.)*\w+\(\)\.\w+|.*\.[A-Z]\w*\(\)(\.\w+)*\.(login|sign_in)"
    r"|(concurrent\.futures|multiprocessing|threading)\.\w+\(\)\.(apply|map|start|submit)\w*"
    r"|gspread\.(oauth|service_account)|jira\.JIRA|kafka\.Kafka(AdminClient|Consumer|Producer)"
    r"|looker_sdk\.init\w+|simple_salesforce\.Salesforce"
    r"|google\.auth\.default|(joblib|numpy|spacy|toml|torch)\.load|aiohttp\.ClientSession"
    r"|(?!httpx\.(Async)?Client$)"
    r".*\.(\w*Client(Application)?|connect|download\w*|fetch\w*|get_client|load_workbook|open\w*|read_\w+)"
)
"""The dotted names of what third parties have for connecting to others and for reading files.

A session such as requests.Session() is none: it does nothing until it is used.
"""

PREPARES = re.compile(
    r"asyncio\.(?!(create_subprocess_\w+|open_\w+|run)$).*|getpass\.getuser|http\..*"
    r"|shutil\.(get_terminal_size|which)|socket\.(gethostname|setdefaulttimeout)"
    r"|sqlite3\.register_\w+|tempfile\.gettempdir|time\.(monotonic|perf_counter|time)"
    r"|urllib\.request\.(?!url).*"
)
"""Those of the names above that tests can do without: a clock, a lock, what only takes settings."""


def has_effect(called: str) -> bool:
    """Tell whether calling what has this dotted name is logic."""
    parts = called.split(".")
    return any(".".join(parts[:count]) in _EFFECTS for count in range(1, len(parts) + 1))


def takes_argv(node: ast.AST, known: ModuleNames) -> bool:
    """Tell whether the arguments are read one by one: there have to be some."""
    nodes = list(ast.walk(node))
    only_seen: list[ast.AST] = []
    for child in nodes:
        if isinstance(child, ast.Compare) and all(
            isinstance(op, (ast.In, ast.NotIn)) for op in child.ops
        ):
            only_seen += child.comparators
        elif isinstance(child, ast.Call) and known.origin(child.func) == "len":
            only_seen += child.args
        elif isinstance(child, ast.Subscript) and ast.unparse(child.slice) == "0":
            only_seen.append(child.value)
    return any(
        isinstance(child, (ast.Name, ast.Attribute))
        and known.origin(child) == "sys.argv"
        and child not in only_seen
        for child in nodes
    )
