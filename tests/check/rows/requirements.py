"""What breaks the rules of csa/check/requirements.py, and what does not."""

from __future__ import annotations

from .changes import NEW_REQUIREMENT, Breaking, Files, Good, a_test


def importing(line: str, requirement: str = "") -> Files:
    """Return a module with an import, for line 1, another package, and requirements."""
    return {
        "more.py": f"{line}\n", "lookup.py": "", "lib/a.py": "", "../other_pkg/__init__.py": "",
        "../other_pkg/x.py": "", "requirements.txt": f"+{requirement}\n",
    }  # fmt: skip


BREAKING: Breaking = [
    ("CSA501", {"main.py": "+import requests\n"}, "main.py", 139,
     "requests is imported: add requests>="),
    *[("CSA501", importing(line), "more.py", 1, says) for line, says in [
        ("import of_nobody", "of_nobody is imported: add its requirement to requirements.txt; if"),
        ("import of_nobody", "name the import in a comment behind it: acme-tools>=1,<2  # of_nobody"),
        ("import utils", "utils is imported: it is neither in this folder nor a known distribution: "),
        ("import utils", ": move it here, or add its requirement to requirements.txt; if its name "),
        ("import helpers", "helpers is imported: it is neither"),
        ("import constants", "constants is imported: it is neither"),
        ("import x", "x is imported: it may be scripts/other_pkg/x.py or a distribution: move"),
        ("import sys\nsys.path.append('/opt')\nimport yaml".replace("\n", "; "),
         "yaml is imported: sys.path was changed in line 1, so it may be any file: move it here, or"),
        ("import os, sys; sys.path.append(os.path.dirname(__file__)); import yaml", "add pyyaml>="),
        ("import os, sys; sys.path.append(os.path.dirname(os.path.dirname(__file__))); import other_pkg.x",
         "the image has this folder alone"),
        ("import lookup; import os, sys; sys.path.append(os.path.dirname(__file__))", "new_pkg.lookup"),
        ("import lookup", "in the image it is new_pkg.lookup"),
        ("from scripts.new_pkg import lookup", "in the image it is new_pkg.lookup"),
        ("from other_pkg import x", "the image has this folder alone"),
        ("import new_pkg.nothing", "new_pkg.nothing is imported: there is no nothing.py"),
        ("from new_pkg.tests import conftest", "the image has no tests"),
        ("from .nothing import x", "new_pkg.nothing.x is imported: there is no nothing.py"),
        ("from . import nothing", "new_pkg.nothing is imported: there is no nothing.py"),
        ("from .. import x", "...x is imported: that leads out of the package"),
        ("from new_pkg.lib.b import c", "there is no lib/b.py"),
        ("import numpy", "add numpy"),
        ("import google.auth", "add google-auth"),
    ]],
    # A comment or a name tells nothing of what the table knows; another system's line is none here.
    *[("CSA501", importing(line, requirement), "more.py", 1, says) for line, requirement, says in [
        ("import pandas", "openpyxl>=3.1,<4  # pandas: reads Excel files with it", "add pandas>="),
        ("import docx", "docx>=0.2,<1", "add python-docx>="),
        ("import pandas", "pandas>=2,<3; sys_platform == 'win32'", "add pandas>="),
    ]],
    ("CSA501", a_test("pass", "import hypothesis\n"), "tests/test_more.py", 1, "add hypothesis>="),
    ("CSA501", importing("import pandas", "openpyxl>=3.1,<4  # pandas reads Excel with it"),
     "more.py", 1, "add pandas>="),
    ("CSA501", a_test("pass", "import nobody_s\n"), "tests/test_more.py", 1,
     "to requirements-test.txt"),
    ("CSA501", {"conftest.py": "import hypothesis\n"}, "conftest.py", 1, "to requirements-test.txt"),
    *[("CSA502", {"requirements.txt": f"+{line}\n"}, "requirements.txt", 8, says)
      for line, says in [
        ("requests>=2.32,<3", "no import needs requests"),
        ("pyyaml>=6,<7 #", "no import needs pyyaml"),
        ("pyyaml>=6,<7  # noqa", "no import needs pyyaml"),
        ("pyyaml>=6,<7  # TODO: remove", "no import needs pyyaml"),
        ("pyyaml>=6,<7  # type: ignore", "no import needs pyyaml"),
        ("pyyaml>=6,<7  # nosec", "no import needs pyyaml"),
        ("pyyaml[x]>=6,<7; python_version < '3.11'", "no import needs pyyaml"),
      ]],
    *[("CSA502", {"main.py": f"+x = {text!r}\n", "requirements.txt": "+pymysql>=1,<2\n"},
       "requirements.txt", 8, "no import needs pymysql")
      for text in ("uses pymysql", "pymysql+x://host", "mysql+pymysql:", "mysql+pymysqlx://host")],
    *[("CSA503", {"requirements.txt": f"+{line}\n"}, "requirements.txt", 8, says)
      for line, says in [
        ("requests", "requests has no lower bound"),
        ("requests[socks]>=2.32; sys_platform == 'linux'", "no upper bound"),
        ("requests>=2.32,!=2.33", "no upper bound"),
        ("requests \\\n  >=2.32", "no upper bound"),
        ("requests>=2.32,!=2025.1", "no upper bound"),
        ("x @ git+https://e.com/x@main", "x names no commit or tag"),
        ("x @ git+https://e.com/x", "x names no commit or tag"),
        ("x @ git+https://e.com/x@main#egg=x", "x names no commit or tag"),
        ("x @ git+https://e.com/x@feedback", "x names no commit or tag"),
        ("x @ git+https://e.com/x@feature/1.0", "x names no commit or tag"),
        ("x @ git+ssh://git@10.0.0.1/o/x", "x names no commit or tag"),
        ("x @ hg+https://e.com/x", "x names no commit or tag"),
      ]],
    ("CSA503", {"requirements-test.txt": "+responses<1\n"}, "requirements-test.txt", 14, "no lower bound"),
    *[("CSA504", {"requirements.txt": f"+{line}\n"}, "requirements.txt", 8, f"{line!r} is none.")
      for line in ("openpyxl 3.1", "foo~=2", "foo==*", "git+https://e.com/y@main", "./x.whl",
                   "-r other.txt", "-e git+https://e.com/y@1#egg=y", "--index-url https://e.com",
                   "six>=1,<2 --hash=sha256:abc")],
    ("CSA504", {"requirements-test.txt": "+[\n"}, "requirements-test.txt", 14, "'[' is none"),
]  # fmt: skip

GOOD: Good = [
    ("CSA501", {"main.py": "+import requests\n", "requirements.txt": NEW_REQUIREMENT}),
    ("CSA501", {"main.py": "+import httpx, pyatlan.client, new_pkg.lookup\n", "lookup.py": ""}),
    ("CSA501", {"__init__.py": "X = 1\n", "main.py": "+from new_pkg import X\nimport new_pkg\n"}),
    ("CSA501", {"__init__.py": "from .lookup import *\n", "lookup.py": "X = 1\n",
                "main.py": "+from new_pkg import X\n"}),
    ("CSA501", importing("from . import lookup\nfrom .lookup import x\nfrom .lib.a import b")),
    ("CSA501", {"lib/__init__.py": "X = 1\n", "lib/b.py": "from . import X\nfrom .. import lib\n"}),
    ("CSA501", importing("try:\n    from .nothing import x\nexcept ImportError:\n    x = None")),
    ("CSA501", importing("import sys\nif sys.version_info < (3, 11):\n    import tomli")),
    ("CSA501", importing("import botocore, s3transfer, urllib3", "boto3>=1,<2\nrequests>=2,<3")),
    ("CSA501", importing("import numpy, azure.core", "pandas>=2,<3\nazure-identity>=1,<2")),
    ("CSA501", importing("import google.api_core, google.auth", "google-cloud-storage>=3,<4")),
    ("CSA501", importing("from dbt.cli.main import dbtRunner", "dbt-core>=1.9,<2")),
    ("CSA501", importing("from other_pkg import x", "other-pkg>=1,<2")),
    ("CSA501", importing("import acme_api.v2", "acme-tools>=1,<2  # acme_api")),
    ("CSA501", importing("import acme_api, utils", "acme-tools>=1,<2  # utils, acme_api: internal")),
    ("CSA501", importing("import utils", "utils>=1,<2")),
    ("CSA501", importing("import sys; sys.path.append('/opt'); import yaml", "pyyaml>=6,<7")),
    ("CSA501", importing("import sys; sys.path[:0] = ['x']; import lookup")),
    ("CSA501", {"main.py": "+import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport lib.a\n",
                "lib/a.py": "import lookup\nfrom lib import b\n", "lib/b.py": "", "lookup.py": ""}),
    ("CSA501", importing("import os, sys; sys.path.append(os.path.dirname(__file__)); import yaml",
                         "pyyaml>=6,<7")),
    ("CSA501", importing("import cv2, psycopg2", "opencv-python>=4,<5\npsycopg2>=2,<3")),
    ("CSA501", a_test("pass", "import dotenv\nimport new_pkg.main\nfrom . import conftest\n")),
    ("CSA501", {**a_test("pass", "import other_pkg.x\n"), **importing("")}),
    ("CSA501", {"main.py": None}),
    ("CSA502", {"deep.py": "x = " + "-" * 30000 + "1\n"}),
    ("CSA502", importing("from dbt.cli.main import dbtRunner", "dbt-core>=1.9,<2")),
    ("CSA502", {"requirements.txt": "+openpyxl>=3.1,<4  # pandas reads Excel with it\n"}),
    ("CSA502", {"requirements.txt": "+openpyxl>=3.1, \\\n  <4  # pandas reads Excel with it\n"}),
    *[("CSA502", {"main.py": f"+x = {text}\n", "requirements.txt": "+pymysql>=1,<2\n"})
      for text in ("'pymysql'", "'mysql+pymysql://host'", "f'mysql+pymysql://{__name__}'")],
    ("CSA502", importing("import acme_api", "acme-tools>=1,<2  # acme_api")),
    ("CSA502", {"main.py": "+try:\n    import yaml\nexcept ImportError:\n    yaml = None\n",
                "requirements.txt": "+PyYAML>=6,<7\n"}),
    ("CSA503", {"requirements.txt": "+requests==2.32.5\nyaml~=6.0\nx @ https://e.com/x-1.whl\n"
                                    "y @ git+https://e.com/y@v1.0\n# z\npyatlan\nsix==1.*\nsix===1.16.0\n"
                                    "pytz>=2025.2\npdfminer.six>20251107\n"
                                    "z @ git+https://e.com/z@0123456789abcdef#egg=z\n"
                                    "a @ git+https://e.com/a@v1.0#subdirectory=libs/a\n"
                                    "b @ git+ssh://git@e.com/b.git@refs/tags/v1.0-rc.1\n"
                                    "c @ git+https://e.com/c@v2\n"}),
    ("CSA504", {"requirements.txt": "+# x\nrequests[socks] >=2,<3 ; python_version>'3'  # y\n"
                                    "six>=1, \\\n  <2\nx @ git+https://e.com/x@v1  # z\n"}),
    ("CSA504", {"requirements.txt": None, "requirements-test.txt": ""}),
]  # fmt: skip
