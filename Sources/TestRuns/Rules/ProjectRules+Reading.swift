import Yams

extension ProjectRules {
    /// Reads the file's text. Whatever is wrong is told by line and left out; the rest counts.
    package static func read(_ text: String) -> (rules: ProjectRules, problems: [ProjectRulesProblem]) {
        var reading = Reading()
        guard text.utf8.count <= sizeLimit else {
            return (ProjectRules(), [.init(line: nil, message: "the file is larger than 64 KiB and was not read")])
        }
        do {
            try YAMLShape.check(text, .init(depth: 6, nodes: 2000, allowsAliases: false))
            guard let root = try Yams.compose(yaml: text) else { return (ProjectRules(), []) }
            reading.take(root)
        } catch let problem as YAMLShape.Problem {
            return (ProjectRules(), [.init(line: problem.line, message: problem.message)])
        } catch let error as YamlError {
            return (ProjectRules(), [Self.problem(of: error)])
        } catch {
            return (ProjectRules(), [.init(line: nil, message: "the file is not YAML")])
        }
        return (reading.rules, reading.problems)
    }

    private static func problem(of error: YamlError) -> ProjectRulesProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .init(line: mark.line, message: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            .init(line: context.mark.line, message: "a key comes twice: `\(keys.first?.prefix(60) ?? "")`")
        default: .init(line: nil, message: "the file is not YAML")
        }
    }
}

private struct Reading {
    var rules = ProjectRules()
    var problems: [ProjectRulesProblem] = []

    mutating func take(_ root: Node) {
        guard case .mapping(let mapping) = root else {
            if case .scalar(let scalar) = root, scalar.string.isEmpty { return }
            refuse(root, "expected `key: value` lines")
            return
        }
        each(of: mapping) { reading, key, value in
            switch key {
            case "model": reading.rules.model = reading.line(value, key)
            case "instructions": reading.rules.instructions = reading.text(value, key)
            case "setup": reading.rules.setup = reading.lines(value, key) ?? []
            case "test": reading.rules.test = reading.lines(value, key)
            case "lint": reading.rules.lint = reading.lines(value, key) ?? []
            case "image": reading.rules.image = reading.line(value, key)
            case "network": reading.rules.network = reading.lines(value, key) ?? []
            case "protected": reading.rules.protected = reading.lines(value, key) ?? []
            case "max_iterations":
                guard let number = value.int, (0...20).contains(number) else {
                    return reading.refuse(value, "max_iterations: expected a whole number from 0 to 20")
                }
                reading.rules.maxIterations = number
            case "plan_required": reading.takePlanRequirement(value)
            case "review": reading.takeReview(value)
            default: return false
            }
            return true
        }
    }

    /// `true`, or a mapping with `paths` and `files`.
    private mutating func takePlanRequirement(_ node: Node) {
        var requirement = PlanRequirement()
        if let always = node.bool {
            requirement.always = always
            rules.planRequired = always ? requirement : nil
            return
        }
        guard case .mapping(let mapping) = node, node.anchor == nil else {
            refuse(node, "plan_required: expected true, false or a mapping such as {paths: [\"db/**\"], files: 10}")
            // On doubt a person is asked.
            requirement.always = true
            rules.planRequired = requirement
            return
        }
        each(of: mapping) { reading, key, value in
            switch key {
            case "paths": requirement.paths = reading.lines(value, "plan_required.paths") ?? []
            case "files":
                guard let number = value.int, number > 0 else {
                    return reading.refuse(value, "plan_required.files: expected a whole number from 1")
                }
                requirement.files = number
            default: return false
            }
            return true
        }
        rules.planRequired = requirement
    }

    private mutating func takeReview(_ node: Node) {
        guard case .mapping(let mapping) = node else {
            refuse(node, "review: expected a mapping such as {on_push: false}")
            return
        }
        each(of: mapping) { reading, key, value in
            switch key {
            case "on_push":
                guard let flag = value.bool else { return reading.refuse(value, "review.on_push: expected true or false") }
                reading.rules.review.onPush = flag
            case "ignore": reading.rules.review.ignore = reading.lines(value, "review.ignore") ?? []
            case "instructions": reading.rules.review.instructions = reading.text(value, "review.instructions")
            default: return false
            }
            return true
        }
    }

    /// Calls `take` for each key; false means that there is no such key.
    private mutating func each(of mapping: Node.Mapping, _ take: (inout Reading, String, Node) -> Bool) {
        for (keyNode, value) in mapping {
            guard let key = keyNode.string else {
                refuse(keyNode, "keys that are no text are not allowed")
                continue
            }
            if !take(&self, key, value) { refuse(keyNode, "there is no key `\(key.prefix(60))` here") }
        }
    }

    private mutating func text(_ node: Node, _ key: String) -> String? {
        guard case .scalar(let scalar) = node else {
            refuse(node, "\(key): expected text")
            return nil
        }
        return scalar.string.isEmpty ? nil : String(scalar.string.prefix(16_000))
    }

    private mutating func line(_ node: Node, _ key: String) -> String? {
        guard let text = text(node, key) else { return nil }
        guard !text.contains(where: \.isNewline), text.count <= 300 else {
            refuse(node, "\(key): expected one short line")
            return nil
        }
        return text
    }

    /// A list of lines; a single line stands for a list of one.
    private mutating func lines(_ node: Node, _ key: String) -> [String]? {
        if case .scalar(let scalar) = node, !scalar.string.isEmpty { return [scalar.string] }
        guard case .sequence(let sequence) = node, sequence.count <= 50 else {
            refuse(node, "\(key): expected a list of at most 50 lines")
            return nil
        }
        var lines: [String] = []
        for item in sequence {
            guard case .scalar(let scalar) = item, !scalar.string.isEmpty, scalar.string.utf8.count <= 4000
            else {
                refuse(item, "\(key): expected a line of text")
                continue
            }
            lines.append(scalar.string)
        }
        return lines
    }

    @discardableResult
    mutating func refuse(_ node: Node, _ message: String) -> Bool {
        problems.append(.init(line: node.mark?.line, message: message))
        return true
    }
}
