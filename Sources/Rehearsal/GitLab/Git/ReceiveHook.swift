import Foundation

/// The pre-receive check of every repository: GitLab's rules on protected branches, with GitLab's words. What the pusher may
/// not do arrives in the environment, since only the server knows who pushes.
enum ReceiveHook {
    /// Names of refused branches, one a line; patterns as the shell's `case` knows them.
    static let protectedVariable = "REHEARSAL_PROTECTED_BRANCHES"
    static let protectedForceVariable = "REHEARSAL_NO_FORCE_BRANCHES"
    /// A sentence that refuses the whole push, for rules such as push rules.
    static let declinedVariable = "REHEARSAL_DECLINED"

    static func install(in repository: String) throws {
        let hooks = "\(repository)/hooks"
        try FileManager.default.createDirectory(atPath: hooks, withIntermediateDirectories: true)
        let path = "\(hooks)/pre-receive"
        try Data(script.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private static let script = """
        #!/bin/sh
        # Refuses pushes as GitLab does; what is refused comes from the server's environment.
        zero=0000000000000000000000000000000000000000
        refuse() { echo "GitLab: $1" >&2; exit 1; }
        if [ -n "$\(declinedVariable)" ]; then refuse "$\(declinedVariable)"; fi
        covered() {
            printf '%s\\n' "$2" | while IFS= read -r pattern; do
                [ -n "$pattern" ] || continue
                case "$1" in $pattern) echo yes; break ;; esac
            done
        }
        while read -r old new ref; do
            case "$ref" in refs/heads/*) branch=${ref#refs/heads/} ;; *) continue ;; esac
            if [ -n "$(covered "$branch" "$\(protectedVariable)")" ]; then
                if [ "$new" = "$zero" ]; then
                    refuse "You are not allowed to delete protected branches from this project. \
        Only a project maintainer or owner can delete a protected branch."
                fi
                if [ "$old" != "$zero" ] && ! git merge-base --is-ancestor "$old" "$new" 2>/dev/null; then
                    refuse "You are not allowed to force push code to a protected branch on this project."
                fi
                refuse "You are not allowed to push code to protected branches on this project."
            fi
            if [ -n "$(covered "$branch" "$\(protectedForceVariable)")" ] && [ "$new" != "$zero" ] && [ "$old" != "$zero" ] \\
                && ! git merge-base --is-ancestor "$old" "$new" 2>/dev/null; then
                refuse "You are not allowed to force push code to a protected branch on this project."
            fi
        done
        exit 0

        """
}
