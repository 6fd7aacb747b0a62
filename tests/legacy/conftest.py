"""The scripts are material: those that have tests have them for `csa adopt`, not for pytest."""

collect_ignore_glob = ["*"]
