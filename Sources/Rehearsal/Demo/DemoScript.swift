/// What the scripted model says in the demo. Its first login page repeats what was typed as it is, which the test that it
/// wrote itself finds out.
enum DemoScript {
    static let script = ModelScript(conversations: [
        // The follow-up comes first: its words stand in no other conversation.
        .init("plan the follow-up", containing: ["types it twice"], tool: "submit_plan", turns: planFollowUp),
        .init("code the follow-up", containing: ["types it twice"], tool: "finish", turns: codeFollowUp),
        .init("plan the login page", tool: "submit_plan", turns: planLogin),
        .init("code the login page", tool: "finish", turns: codeLogin),
    ])

    private static let planLogin: [ModelScript.Turn] = [
        .init(
            text: "I'll look at how pages are made and tested here.",
            calls: [
                .init("read_file", ["path": "src/portal.sh"]), .init("read_file", ["path": "src/pages.sh"]),
                .init("read_file", ["path": "tests/home_test.sh"]),
            ]),
        .init(calls: [
            .init(
                "submit_plan",
                [
                    "summary": "Add a login page with a form at GET /login and a check at POST /login.",
                    "files": ["src/login.sh", "src/portal.sh", "tests/login_test.sh"],
                    "changes": [
                        "A new file with the form and the check against data/users.",
                        "Two routes in src/portal.sh that lead to it.",
                    ],
                    "tests": [
                        "The form is shown, a right password signs in, a wrong one does not.",
                        "What was typed never comes back as markup.",
                    ],
                ])
        ]),
    ]

    private static let codeLogin: [ModelScript.Turn] = [
        .init(
            text: "First the page itself, then the routes and the tests.",
            calls: [
                .init("write_file", ["path": "src/login.sh", "content": .string(loginPage)]),
                .init(
                    "edit_file",
                    [
                        "path": "src/portal.sh", "search": ". \"$root/src/pages.sh\"\n",
                        "replace": ". \"$root/src/pages.sh\"\n. \"$root/src/login.sh\"\n",
                    ]),
                .init(
                    "edit_file",
                    [
                        "path": "src/portal.sh", "search": "    \"GET /\") home_page ;;\n",
                        "replace":
                            "    \"GET /\") home_page ;;\n    \"GET /login\") login_page ;;\n    \"POST /login\") check_login \"${3:-}\" ;;\n",
                    ]),
                .init("write_file", ["path": "tests/login_test.sh", "content": .string(loginTest)]),
            ]),
        .init(calls: [.init("finish", ["summary": .string(summary)])]),
        .init(
            text: "The name comes back unescaped. I'll escape it.",
            calls: [
                .init(
                    "edit_file",
                    [
                        "path": "src/login.sh", "search": "# The form, below a message",
                        "replace": .string(escape + "# The form, below a message"),
                    ]),
                .init(
                    "edit_file",
                    [
                        "path": "src/login.sh", "search": "role=\\\"alert\\\">$name, the",
                        "replace": "role=\\\"alert\\\">$(escape \"$name\"), the",
                    ]),
                .init(
                    "edit_file",
                    ["path": "src/login.sh", "search": "<p>Hello, $name.</p>", "replace": "<p>Hello, $(escape \"$name\").</p>"]),
            ]),
        .init(calls: [.init("finish", ["summary": .string(summary)])]),
    ]

    private static let summary = """
        Add a login page

        Visitors sign in at /login with a name and a password. The answer to a wrong password is the same for known and
        unknown names, and what people type is escaped before it is shown again.
        """

    private static let planFollowUp: [ModelScript.Turn] = [
        .init(calls: [.init("read_file", ["path": "src/login.sh"])]),
        .init(calls: [
            .init(
                "submit_plan",
                [
                    "summary": "Fill the name in again when the form is shown after a wrong password.",
                    "files": ["src/login.sh", "tests/login_test.sh"],
                    "changes": ["login_page takes the name as a second argument and puts it, escaped, into the field."],
                    "tests": ["After a wrong password the field holds the name."],
                ])
        ]),
    ]

    private static let codeFollowUp: [ModelScript.Turn] = [
        .init(calls: [
            .init(
                "edit_file",
                [
                    "path": "src/login.sh", "search": "<input name=\\\"name\\\" required>",
                    "replace": "<input name=\\\"name\\\" value=\\\"${2:-}\\\" required>",
                ]),
            .init(
                "edit_file",
                [
                    "path": "src/login.sh", "search": "the name or the password is wrong.</p>\"",
                    "replace": "the name or the password is wrong.</p>\" \"$(escape \"$name\")\"",
                ]),
            .init(
                "edit_file",
                [
                    "path": "tests/login_test.sh", "search": "lacks \"what was typed",
                    "replace":
                        "contains \"the name stays in the form\" \"$wrong\" 'value=\"ada\"'\nlacks \"what was typed",
                ]),
        ]),
        .init(calls: [
            .init(
                "finish",
                [
                    "summary": """
                    Keep the name in the login form

                    After a wrong password the form shows the name again, escaped, so that only the password has to be typed.
                    """
                ])
        ]),
    ]

    private static let loginPage = #"""
        # Signing in: the form, and the check of what it sends.

        # One field of a form body such as `name=ada&password=x`: field NAME BODY
        field() {
            printf '%s\n' "$2" | tr '&' '\n' | sed -n "s/^$1=//p" | head -n 1
        }

        # The form, below a message if there is one: login_page [MESSAGE]
        login_page() {
            page "Sign in" "${1:-}<form method=\"post\" action=\"/login\">
        <label>Name <input name=\"name\" required></label>
        <label>Password <input name=\"password\" type=\"password\" required></label>
        <button>Sign in</button></form>"
        }

        # Compares a name and a password with the accounts: check_login BODY
        check_login() {
            name=$(field name "$1")
            digest=$(printf '%s' "$(field password "$1")" | sha256sum | cut -d ' ' -f 1)
            if grep -qxF "$name:$digest" "$root/data/users"; then
                page "Welcome" "<p>Hello, $name.</p>"
            else
                login_page "<p role=\"alert\">$name, the name or the password is wrong.</p>"
            fi
        }

        """#

    private static let escape = #"""
        # Text as it may stand in a page: escape TEXT
        escape() {
            printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
        }


        """#

    private static let loginTest = #"""
        . tests/lib.sh
        wrong=$(portal POST /login 'name=ada&password=wrong')
        contains "the form is shown" "$(portal GET /login)" '<form method="post"'
        contains "a right password signs in" "$(portal POST /login 'name=ada&password=secret')" "Hello, ada."
        contains "a wrong password does not" "$wrong" "the name or the password is wrong"
        contains "an unknown name gets the same answer" "$(portal POST /login 'name=bob&password=x')" "the name or the password is wrong"
        lacks "what was typed never comes back as markup" "$(portal POST /login 'name=<b>eve</b>&password=x')" "<b>"

        """#
}
