#!/usr/bin/env bash
# Makes a fresh machine ready and starts AI Coder: installs missing system packages, builds, and runs.
# Without any setting it shows the demo; with REPO_URL and TASK_INTENT it runs that one task; with a webhook secret it serves. Arguments are handed to ai-coder.
# It can be run again at any time; what is there already is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/packages.sh
. deploy/packages.sh

need_swift
need_packages "building" "${BUILD_PACKAGES[@]}"
need_packages "running" "${RUN_PACKAGES[@]}"

configuration=${AI_CODER_BUILD:-release}
say "Building ($configuration; the first time takes about eight minutes)"
swift build -c "$configuration" --product ai-coder
binary=$(swift build -c "$configuration" --product ai-coder --show-bin-path)/ai-coder

if [ $# -gt 0 ]; then
  exec "$binary" "$@"
fi
if [ -n "${REPO_URL:-}${REPO_URL_FILE:-}" ] && [ -n "${TASK_INTENT:-}" ]; then
  say "Running the task that REPO_URL and TASK_INTENT name"
  exec "$binary"
fi
if [ -n "${GITLAB_WEBHOOK_SECRET:-}${GITLAB_WEBHOOK_SECRET_FILE:-}${GITLAB_WEBHOOK_SIGNING_TOKEN:-}${GITLAB_WEBHOOK_SIGNING_TOKEN_FILE:-}${AI_CODER_CONFIG:-}" ]; then
  say "Starting the service"
  exec "$binary" serve
fi
say "Nothing is configured, so this is the demo"
exec "$binary" demo
