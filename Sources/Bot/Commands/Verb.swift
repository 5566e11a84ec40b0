// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What can be typed after the command: the one list that help, the manifest and the parser share.
package enum Verb: String, Sendable, CaseIterable {
    case help, status, plan, sync, why, runs, errors, password, adopt, link, unlink, restore, pause, resume

    /// The verb with what it takes.
    package var usage: String {
        switch self {
        case .help: "help"
        case .status: "status [target]"
        case .plan: "plan [target]"
        case .sync: "sync [target | @member]"
        case .why: "why @member"
        case .runs: "runs [target]"
        case .errors: "errors [source]"
        case .password: "password target"
        case .adopt: "adopt target"
        case .link: "link @member target [account]"
        case .unlink: "unlink @member target [account]"
        case .restore: "restore @member"
        case .pause: "pause target"
        case .resume: "resume target"
        }
    }

    /// Words that it takes, at most; `help` overlooks what stands behind it.
    private var mostWords: Int {
        switch self {
        case .help: .max
        case .link, .unlink: 3
        case .status, .plan, .sync, .why, .runs, .errors, .password, .adopt, .restore, .pause, .resume: 1
        }
    }

    /// Whether its first word must be a person.
    var isAboutSomebody: Bool { usage.hasPrefix("\(rawValue) @") }

    func takes(_ words: Int) -> Bool { words <= mostWords }

    /// Whether everybody may use it; `why` about oneself.
    package var isForEverybody: Bool {
        switch self {
        case .help, .status, .why, .runs, .errors, .password: true
        case .plan, .sync, .adopt, .link, .unlink, .restore, .pause, .resume: false
        }
    }

    /// One line for help.
    func summary(_ language: Language) -> String {
        switch (self, language) {
        case (.help, .english): "this list"
        case (.help, .korean): "이 목록"
        case (.status, .english): "targets, accounts, last runs, open errors"
        case (.status, .korean): "대상 시스템, 계정, 최근 실행, 열린 오류"
        case (.plan, .english): "what a sync would change, without changing it"
        case (.plan, .korean): "동기화하면 무엇이 바뀌는지 보여 줍니다. 변경하지는 않습니다"
        case (.runs, .english): "the last runs"
        case (.runs, .korean): "최근 실행"
        case (.errors, .english): "open errors, the latest first"
        case (.errors, .korean): "열린 오류, 최근 순"
        case (.sync, .english): "bring a target, or one person, up to date now; without a name: every target"
        case (.sync, .korean): "대상 시스템 또는 한 사람을 지금 동기화합니다. 이름이 없으면 모든 대상"
        case (.why, .english): "why somebody has an account, or none; of others, operators may ask"
        case (.why, .korean): "계정이 있거나 없는 이유. 다른 사람에 대해서는 운영자만 볼 수 있습니다"
        case (.password, .english): "your own first password, shown to you alone"
        case (.password, .korean): "내 최초 비밀번호. 나에게만 보입니다"
        case (.adopt, .english): "accounts that exist and are nobody's, to take over"
        case (.adopt, .korean): "이미 있지만 연결되지 않은 계정을 넘겨받습니다"
        case (.link, .english): "say that an account is somebody's, whatever its name"
        case (.link, .korean): "이름과 관계없이 계정이 누구의 것인지 정합니다"
        case (.unlink, .english): "say that an account is not ours: it is left alone"
        case (.unlink, .korean): "계정을 관리 대상에서 제외합니다. 계정은 그대로 둡니다"
        case (.restore, .english): "give a leaver the accounts back that were switched off"
        case (.restore, .korean): "떠난 사람의 비활성화된 계정을 되돌립니다"
        case (.pause, .english): "leave a target alone until it is resumed"
        case (.pause, .korean): "다시 시작할 때까지 대상 시스템을 건드리지 않습니다"
        case (.resume, .english): "end a pause"
        case (.resume, .korean): "일시 중지를 해제합니다"
        }
    }
}

/// What somebody typed, understood.
package enum CommandRequest: Sendable, Hashable {
    case help
    /// A word that is no verb: answered with help.
    case unknown(String)
    case status(target: String?)
    case plan(target: String?)
    case sync(target: String?)
    case runs(target: String?)
    case errors(source: String?)
    case syncMember(id: String)
    /// `nil` is the caller.
    case why(id: String?)
    /// A verb about somebody, without a person to be found in what was typed.
    case whom(Verb)
    /// More words than the verb takes, of which none may be overlooked.
    case tooMuch(Verb)
    case password(target: String?)
    case adopt(target: String?)
    case link(id: String, target: String?, key: String?)
    case unlink(id: String, target: String?, key: String?)
    case restore(id: String)
    case pause(target: String?)
    case resume(target: String?)

    /// Bytes of a command that are looked at: all that Slack lets anybody type, whatever the script.
    private static let lengthLimit = 16_000

    private static func start(of text: String) -> String {
        guard text.utf8.count > lengthLimit else { return text }
        return String(decoding: text.utf8.prefix(lengthLimit), as: UTF8.self)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? scalar == " " || ("\t"..."\r").contains(scalar) : scalar.properties.isWhitespace
    }

    /// Reads the text after the command.
    ///
    /// Verbs are taken in any case; spaces do not count.
    package init(_ text: String) {
        let words = Self.start(of: text).unicodeScalars.split(whereSeparator: Self.isSpace).map { String($0) }
        guard let first = words.first else {
            self = .help
            return
        }
        let verb = Verb(rawValue: first.lowercased())
        if let verb, !verb.takes(words.count - 1) {
            self = verb.isAboutSomebody && Self.memberID(words[1]) == nil ? .whom(verb) : .tooMuch(verb)
            return
        }
        let argument = words.dropFirst().first
        let target = words.dropFirst(2).first
        let key = words.dropFirst(3).first.map { Self.shown($0) }
        switch verb {
        case .help: self = .help
        case .status: self = .status(target: argument)
        case .sync:
            if let argument, let id = Self.memberID(argument) {
                self = .syncMember(id: id)
            } else {
                self = .sync(target: argument)
            }
        case .plan: self = .plan(target: argument)
        case .runs: self = .runs(target: argument)
        case .errors: self = .errors(source: argument)
        case .why:
            let id = argument.flatMap { Self.memberID($0) }
            self = argument != nil && id == nil ? .whom(.why) : .why(id: id)
        case .password: self = .password(target: argument)
        case .adopt: self = .adopt(target: argument)
        case .link:
            self =
                argument.flatMap { Self.memberID($0) }.map { .link(id: $0, target: target, key: key) } ?? .whom(.link)
        case .unlink:
            self =
                argument.flatMap { Self.memberID($0) }.map { .unlink(id: $0, target: target, key: key) }
                ?? .whom(.unlink)
        case .restore: self = argument.flatMap { Self.memberID($0) }.map { .restore(id: $0) } ?? .whom(.restore)
        case .pause: self = .pause(target: argument)
        case .resume: self = .resume(target: argument)
        case nil: self = .unknown(first)
        }
    }

    /// What somebody typed in whose place Slack hands on a link, such as `<mailto:kim@example.com|kim@example.com>`.
    private static func shown(_ word: String) -> String {
        guard word.hasPrefix("<"), word.hasSuffix(">"), let bar = word.lastIndex(of: "|") else { return word }
        let label = word[word.index(after: bar)...].dropLast()
        return label.isEmpty ? word : String(label)
    }

    /// The id in `<@U012|name>` or `<@U012>`.
    private static func memberID(_ word: String) -> String? {
        guard word.hasPrefix("<@"), word.hasSuffix(">") else { return nil }
        let inside = word.dropFirst(2).dropLast()
        let id = inside.prefix { $0 != "|" }
        let isID = !id.isEmpty && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        return isID ? String(id) : nil
    }
}
