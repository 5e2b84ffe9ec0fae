/// Characters that a person does not see but a program does: zero width, direction changes, tags, fillers, controls.
enum HiddenCharacters {
    /// The text as a list of scalars with only `\n` and `\t` as controls, and without anything hidden.
    ///
    /// Other line ends become `\n`, except for the carriage return, which goes: GitLab drops it as well, and a line must
    /// not begin for one reader where it doesn't for the other.
    static func removed(from text: String) -> [Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for (index, scalar) in scalars.enumerated() {
            switch scalar.value {
            case 0x0A, 0x09, 0x20...0x7E: result.append(scalar)
            case 0x0D: continue
            case 0x0B, 0x0C, 0x85, 0x2028, 0x2029: result.append("\n")
            default:
                guard !isHidden(scalar, after: result.last, before: index + 1 < scalars.count ? scalars[index + 1] : nil)
                else { continue }
                result.append(scalar)
            }
        }
        return result
    }

    static func isHidden(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?, before next: Unicode.Scalar?) -> Bool {
        switch scalar.value {
        case 0x00...0x08, 0x0E...0x1F, 0x7F...0x9F: true
        // Joiners make emoji of several and shape letters of some scripts; anywhere else they hide something.
        case 0x200D: !(joinsEmoji(previous, next) || joinsLetters(previous, next))
        case 0x200C: !joinsLetters(previous, next)
        case 0xFE0E, 0xFE0F: !(previous?.properties.isEmoji ?? false)
        case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B, 0x200E, 0x200F,
            0x202A...0x202E, 0x2060...0x206F, 0x2800, 0x3164, 0xFE00...0xFE0D, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB,
            0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
            true
        default: scalar.properties.isNoncharacterCodePoint || scalar.properties.generalCategory == .privateUse
        }
    }

    private static func joinsEmoji(_ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
        guard let previous, let next, previous.value > 0xFF, next.value > 0xFF else { return false }
        return (previous.properties.isEmoji || previous.value == 0xFE0F || previous.properties.isEmojiModifier)
            && next.properties.isEmoji
    }

    /// Arabic to Myanmar: the scripts whose spelling needs joiners.
    private static func joinsLetters(_ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
        guard let previous, let next else { return false }
        return (0x600...0x109F).contains(previous.value) && (0x600...0x109F).contains(next.value)
    }
}
