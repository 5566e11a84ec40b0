// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What can be typed after the command: the one list that help, the manifest and the parser share.
package enum Verb: String, Sendable, CaseIterable {
    case help, status, plan, sync, runs, errors, pause, resume

    /// The verb with what it takes.
    package var usage: String {
        switch self {
        case .help: "help"
        case .status: "status [target]"
        case .plan: "plan [target]"
        case .sync: "sync [target | @member]"
        case .runs: "runs [target]"
        case .errors: "errors [source]"
        case .pause: "pause target"
        case .resume: "resume target"
        }
    }

    /// Whether everybody may use it.
    package var isForEverybody: Bool {
        switch self {
        case .help, .status, .runs, .errors: true
        case .plan, .sync, .pause, .resume: false
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
    case pause(target: String?)
    case resume(target: String?)

    /// Reads the text after the command.
    ///
    /// Verbs are taken in any case; spaces do not count.
    package init(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first else {
            self = .help
            return
        }
        let argument = words.dropFirst().first
        switch Verb(rawValue: first.lowercased()) {
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
        case .pause: self = .pause(target: argument)
        case .resume: self = .resume(target: argument)
        case nil: self = .unknown(first)
        }
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
