import SystemPackage
import Testing

@testable import Workspaces

@Suite("Remote addresses")
struct RemoteURLTests {
    @Test(
        "what is accepted has one meaning",
        arguments: [
            ("https://gitlab.com/group/project.git", "https://gitlab.com/group/project.git"),
            ("HTTPS://GitLab.COM:443/group/project/", "https://gitlab.com/group/project"),
            ("http://host:8080/root/a/b/c.git", "http://host:8080/root/a/b/c.git"),
            ("https://[2001:DB8::1]:8443/g/p", "https://[2001:db8::1]:8443/g/p"),
            ("https://dev.example.com/My%20Project/_git/x", "https://dev.example.com/My%20Project/_git/x"),
            ("ssh://git@host:2222/group/project.git", "ssh://git@host:2222/group/project.git"),
            ("ssh://git@host:22/g/p", "ssh://git@host/g/p"),
            ("git@host.example:group/project.git", "git@host.example:group/project.git"),
            ("file:///srv/git/p.git", "/srv/git/p.git"),
            ("/srv/git/../git/p.git", "/srv/git/p.git"),
            ("./p.git", "/here/p.git"), ("p", "/here/p"), ("../p", "/p"),
        ])
    func accepted(text: String, canonical: String) throws {
        #expect(try RemoteURL(text, relativeTo: "/here").text == canonical)
    }

    @Test(
        "A31: what could send a credential elsewhere or mean two things is refused",
        arguments: [
            "", "-oProxyCommand=x", "--upload-pack=x", "https://user@host/p", "https://user:pw@host/p", "https://host@evil/p",
            "https://host\\@evil/p", "https://host#@evil/p", "https://host?@evil/p", "https://host%40evil/p", "https://host/p%0d%0ahost=evil",
            "https://host/p%00", "https://host/a%2f..%2fb", "https://host/a%2Fb", "https://host/p\nhost=evil", "https://host/p\r", "https://host/\u{202E}p",
            "https://host /p", "https://host/p q", "https://host:0/p", "https://host:99999/p", "https://host:8a/p", "https://host:/p",
            "https://host", "https://host/", "https:///p", "https://-host/p", "https://ho..st/p", "https://[::1/p", "https://[zz::]/p",
            "https://host/../p", "https://host/a//p", "https://host/./p", "https://host/p?x=1", "https://host/p#f", "https://host/p%zz",
            "https://host/%2e%2e/p",
            "ext::sh -c x", "ext::sh", "git://host/p", "ftp://host/p", "ssh://-oProxyCommand=x/p", "ssh://git:pw@host/p", "ssh://-x@host/p",
            "-x@host:p", "git@-host:p", "git@host:-p", "git@host:", "git@host:a;b", "git@ho st:p", "fd::17", "http::https://host/p", "file://host/p",
            "file:///a%20b", "javascript:alert(1)//",
            "https://höst/p", "https://host/pröject", "/", "file:///",
        ])
    func refused(text: String) {
        #expect(throws: GitFailure.self) { try RemoteURL(text, relativeTo: "/here") }
    }

    @Test("a refusal does not repeat a password")
    func quiet() {
        do { _ = try RemoteURL("https://bot:glpat-1234567890@host/p") } catch { #expect(!error.message.contains("glpat")) }
    }

    @Test(
        "A31: a site's token goes to exactly its scheme, host, port and path",
        arguments: [
            ("https://gitlab.com/g/p.git", "https://gitlab.com", true), ("https://gitlab.com/g/p.git", "https://gitlab.com/", true),
            ("https://gitlab.com:443/g/p", "https://gitlab.com", true), ("https://GITLAB.com/g/p", "https://gitlab.com", true),
            ("https://h/gitlab/g/p", "https://h/gitlab", true), ("https://h/gitlab/g/p", "https://h/gitlab/", true),
            ("http://gitlab.com/g/p", "https://gitlab.com", false), ("https://gitlab.com.evil/g/p", "https://gitlab.com", false),
            ("https://evil/gitlab.com/p", "https://gitlab.com", false), ("https://gitlab.com:8443/g/p", "https://gitlab.com", false),
            ("https://h/gitlab-evil/g/p", "https://h/gitlab", false), ("https://h/other/p", "https://h/gitlab", false),
            ("git@gitlab.com:g/p.git", "https://gitlab.com", false), ("/srv/p", "https://gitlab.com", false),
        ])
    func within(text: String, site: String, expected: Bool) throws {
        #expect(try RemoteURL(text).isWithin(site) == expected)
    }

    @Test(
        "A30: names of refs that could be options, patterns or expressions are refused",
        arguments: [
            "-x", "--upload-pack=touch x", "", "@", "HEAD", "head", "a..b", "a~1", "a^", "a:b", "a?b", "a*", "a[b", "a\\b", "a b", "a\nb", "a\u{0}b",
            "refs/heads/x", "a.lock", "a/.b", ".a", "a/", "a//b", "a.", "a@{1}", "a/-b", "a;b", "$(x)", "`x`", "a\u{200B}b", "a\u{202E}b",
            "0123456789012345678901234567890123456789", String(repeating: "x", count: 300),
        ])
    func refNames(name: String) {
        #expect(throws: GitFailure.self) { try RefName.check(name) }
    }

    @Test("ordinary names of refs are fine", arguments: ["main", "feature/x-1", "ai/12-fix_it", "v1.2.3", "größe", "功能/登录", "user@home", "dependabot/npm+x"])
    func plainNames(name: String) throws { try RefName.check(name) }
}
