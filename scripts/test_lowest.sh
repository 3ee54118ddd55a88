#!/usr/bin/env bash
# Runs the tests with the oldest version of every dependency that pyproject.toml allows.
#
#     scripts/test_lowest.sh [pytest's arguments]
#
# Needs uv, and Python 3.11 or what the variable PYTHON names.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"
unset PYTHONPATH

uv venv --quiet --clear --python "${PYTHON:-3.11}" "$environment"
uv pip install --quiet --python "$environment" --resolution lowest-direct \
  --constraint scripts/lowest-constraints.txt --editable ".[test]"
uv pip freeze --python "$environment" --exclude-editable
"$environment/bin/python" -m pytest "$@"
