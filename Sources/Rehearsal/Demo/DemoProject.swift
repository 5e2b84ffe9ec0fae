/// The sample project: a few pages served by shell functions, with tests that print TAP.
enum DemoProject {
    static let files: [String: String] = [
        "README.md": """
        # Portal

        A tiny web portal in plain shell. `sh src/portal.sh GET /` prints the answer to one request.

        Run the tests with `sh tests/run.sh`.

        """,
        "AGENTS.md": """
        - Plain POSIX shell, four spaces, a comment above each function that says what it is for.
        - Every page has a test in `tests/*_test.sh`.

        """,
        ".ai-coder.yml": """
        test: ["sh tests/run.sh"]

        """,
        "data/users": """
        ada:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b

        """,
        "src/portal.sh": portal,
        "src/pages.sh": pages,
        "tests/run.sh": run,
        "tests/lib.sh": lib,
        "tests/home_test.sh": homeTest,
    ]

    static let portal = #"""
        #!/bin/sh
        # Answers one request: portal.sh METHOD PATH [FORM]
        root=$(cd "$(dirname "$0")/.." && pwd)
        . "$root/src/pages.sh"

        case "${1:-GET} ${2:-/}" in
            "GET /") home_page ;;
            *) missing_page ;;
        esac

        """#

    static let pages = #"""
        # A whole page: page TITLE BODY
        page() {
            printf '<!doctype html>\n<title>%s</title>\n<main>%s</main>\n' "$1" "$2"
        }

        # Where visitors arrive.
        home_page() {
            page "Portal" "<h1>Welcome to the portal</h1>"
        }

        # The answer to any path that does not exist.
        missing_page() {
            page "Not found" "<p>There is no such page.</p>"
        }

        """#

    static let run = #"""
        #!/bin/sh
        # Runs every tests/*_test.sh and prints one TAP report.
        cd "$(dirname "$0")/.." || exit 1
        results=$(for file in tests/*_test.sh; do sh "$file"; done)
        number=0
        failed=0
        while IFS= read -r line; do
            case "$line" in
                "ok "*) number=$((number + 1)); printf 'ok %d - %s\n' "$number" "${line#ok }" ;;
                "not ok "*)
                    number=$((number + 1)); failed=$((failed + 1))
                    printf 'not ok %d - %s\n' "$number" "${line#not ok }" ;;
                *) printf '%s\n' "$line" ;;
            esac
        done <<END
        $results
        END
        printf '1..%d\n' "$number"
        [ "$failed" -eq 0 ]

        """#

    static let lib = #"""
        # Small checks for the tests; source it from the project's root.
        portal() { sh src/portal.sh "$@"; }

        # contains NAME TEXT PART
        contains() {
            case "$2" in
                *"$3"*) printf 'ok %s\n' "$1" ;;
                *) printf 'not ok %s\n# expected to find: %s\n# in: %s\n' "$1" "$3" "$(printf '%s' "$2" | tr '\n' ' ')" ;;
            esac
        }

        # lacks NAME TEXT PART
        lacks() {
            case "$2" in
                *"$3"*) printf 'not ok %s\n# expected not to find: %s\n# in: %s\n' "$1" "$3" "$(printf '%s' "$2" | tr '\n' ' ')" ;;
                *) printf 'ok %s\n' "$1" ;;
            esac
        }

        """#

    static let homeTest = #"""
        . tests/lib.sh
        contains "the home page welcomes" "$(portal GET /)" "Welcome to the portal"
        contains "an unknown path is not found" "$(portal GET /nowhere)" "There is no such page."

        """#
}
