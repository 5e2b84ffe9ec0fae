import Foundation
import FoundationXML

/// JUnit XML, the form that most runners can write.
///
/// Format: `testsuite > testcase(classname, name) > failure | error | skipped`, as Jenkins and GitLab read it.
final class JUnitReport: NSObject, XMLParserDelegate {
    private var output = TestOutput()
    private var name: String?
    private var outcome: TestOutput.Outcome = .passed

    /// Nil when the bytes are no XML, or more than a report needs.
    static func parse(_ bytes: [UInt8]) -> TestOutput? {
        guard let bytes = PlainXML.body(of: bytes) else { return nil }
        let report = JUnitReport()
        let parser = XMLParser(data: Data(bytes))
        parser.shouldResolveExternalEntities = false
        parser.delegate = report
        return parser.parse() ? report.output : nil
    }

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        switch element {
        case "testcase":
            let place = attributes["classname"].map { "\($0)." } ?? ""
            name = place + (attributes["name"] ?? "")
            outcome = .passed
        case "failure", "error": outcome = .failed
        case "skipped": if outcome == .passed { outcome = .skipped }
        default: break
        }
    }

    func parser(_ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?) {
        guard element == "testcase", let name else { return }
        output.add(name, outcome)
        self.name = nil
    }
}
