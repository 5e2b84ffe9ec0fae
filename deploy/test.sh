#!/usr/bin/env bash
# Installs what the tests need, checks the format, builds, and runs all tests. It can be run again at any time.
# Arguments are handed to `swift test`, for instance --filter GitLabAPITests.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/packages.sh
. deploy/packages.sh

# Leaves out the lines that only say that a test began or passed, with the arguments they show, which may look like
# failures themselves. Everything else stays: suites, issues, crashes, the counts.
only_results() {
  awk '
    /^◇ / { quiet = 1; next }
    /^✔ Test (case )?"|^✔ Test [A-Za-z_]+\(/ { quiet = 0; next }
    /^✔ |^✘ |^➜ |^↳ |^error: |atal error/ { quiet = 0 }
    !quiet { print; fflush() }
  '
}

need_swift
need_packages "building" "${BUILD_PACKAGES[@]}"
need_packages "running" "${RUN_PACKAGES[@]}"
need_packages "testing" openssh-server openssl python3 make gcc libc6-dev
# These often come from elsewhere than from Debian's packages; what is there is used.
python3 -m pip --version >/dev/null 2>&1 || need_packages "testing" python3-pip
command -v node >/dev/null 2>&1 || need_packages "testing, in Node" nodejs
command -v npm >/dev/null 2>&1 || need_packages "testing, in Node" npm

if ! python3 -c 'import standardwebhooks, pytest' 2>/dev/null; then
  say "Installing for testing, from PyPI: standardwebhooks, pytest"
  python3 -m pip install --quiet --disable-pip-version-check standardwebhooks pytest ||
    python3 -m pip install --quiet --disable-pip-version-check --break-system-packages standardwebhooks pytest ||
    echo "warning: standardwebhooks could not be installed; the independent check of signatures is skipped" >&2
fi
for program in pytest node npm make cc swift; do
  command -v "$program" >/dev/null 2>&1 || echo "warning: $program is not installed; the tests of tasks in its language are skipped" >&2
done

say "Checking the format"
swift format lint -r --strict --configuration .swift-format Sources Tests Package.swift

say "Building (the first time takes about six minutes)"
swift build --build-tests

say "Testing"
# One at a time: most tests start real processes and servers, and time limits should tell a hang, not a busy machine.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
swift test --skip-build --no-parallel "$@" 2>&1 | tee "$log" | only_results || status=$?
if [ "$status" -ne 0 ]; then
  say "The last lines of the run"
  tail -n 25 "$log" | cut -c 1-400
  say "What failed"
  grep -aE '^✘ |^error: |atal error' "$log" | cut -c 1-400 | tail -n 60
fi
exit "$status"
