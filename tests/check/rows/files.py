"""What breaks the rules of csa/check/files.py, and what does not."""

from __future__ import annotations

from .changes import Breaking, Good

BREAKING: Breaking = [
    ("CSA101", {"Dockerfile": None}, "Dockerfile", 0, "missing"),
    ("CSA101", {"tests/test_main.py": None}, "tests/test_main.py", 0, "missing"),
    ("CSA101", {"tests/recording.py": None}, "tests/recording.py", 0, "missing"),
    ("CSA102", {"index.md": "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n"},
     "index.md", 2, "goes on to line 6"),
    ("CSA102", {"Dockerfile": "+<<<<<<< before updating\nx\n||||||| last update\n=======\ny\n"
                              ">>>>>>> after updating\n"}, "Dockerfile", 27, "conflict"),
    ("CSA102", {"notes.bin": b"\xff\0\n<<<<<<< HEAD\nb\n"}, "notes.bin", 2, "a conflict begins"),
    ("CSA104", {"../../mkdocs.yml": "nav: [{A: index.md}]\ndocs_dir: scripts\n"},
     "index.md", 0, "no link to new_pkg/index.md"),
    ("CSA104", {"../../mkdocs.yml": "nav:\n- A: other/new_pkg/index.md\n"},
     "index.md", 0, "no link to ../scripts/new_pkg/index.md"),
    ("CSA104", {"../../mkdocs.yml": "docs_dir: [scripts]\nnav:\n- 3\n- A: '../x/index.md'\n"},
     "index.md", 0, "no link to ../scripts/new_pkg/index.md"),
    *[("CSA104", {"../../mkdocs.yml": text}, "index.md", 0, says) for text, says in [
        ("nav: [", "mkdocs.yml is not YAML: see its line 2"),
        ("[" * 500, "mkdocs.yml is YAML that is nested too deeply: see its line 1"),
        *[(text, "mkdocs.yml is not YAML") for text in [
            "a: 2027-13-45\n", "!!timestamp a\n", "!!int ''\n", "!!bool a\n",
        ]],
        ("nav: &a [*a, A: b.md]\n", "YAML that contains itself: see its line 1"),
    ]],
    ("CSA104", {"../../mkdocs.yml": b"\xff"}, "index.md", 0, "mkdocs.yml is not YAML"),
    ("CSA105", {"../../.copier-answers.yml": "_src_path: gh:a/b\n_commit: v1\nscope: repository\n"},
     ".copier-answers.yml", 4, "around the packages it is gh:a/b"),
    ("CSA105", {"../../.copier-answers.yml":
     "_src_path: https://u:pw@h/x\n_commit: v1\nscope: repository\n"},
     ".copier-answers.yml", 4, "around the packages it is https://h/x"),
]  # fmt: skip

GOOD: Good = [
    ("CSA101", {".snyk": None, "tests/integration/test_http_bin.py": None}),
    ("CSA102", {"index.md": "Heading\n=======\n\n>>>>>>> quoted\nSuch as <<<<<<< HEAD\n"}),
    ("CSA104", {"../../mkdocs.yml": "- a\n"}),
    ("CSA105", {"../../.copier-answers.yml": "_src_path: gh:a/b\n_commit: v1\n"}),
    ("CSA105", {"../../.copier-answers.yml": "nothing to read\n"}),
    ("CSA104", {"../../mkdocs.yml": "docs_dir: scripts\nnav:\n- A: index.md\n"
                                    "- B:\n  - C: ./new_pkg/index.md\n"}),
    ("CSA104", {"../../mkdocs.yml": "docs_dir: scripts\nnav:\n- '*/index.md'\n"}),
    ("CSA104", {"../../mkdocs.yml": "docs_dir: .\nnav:\n- Package: scripts/new_pkg/\n"}),
    ("CSA104", {"../../mkdocs.yml": "site_name: !ENV NAME\nx: !!python/name:a.b\n"}),
]  # fmt: skip
