// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Provisioning
import Signing

/// The sections of the file, each with its keys and their defaults.
extension ConfigurationReader {
    func configuration(_ root: MappingReader) -> SlackIMConfiguration? {
        let slack = root.mapping("slack").flatMap { self.slack($0) }
        let server = root.mapping("server").flatMap { self.server($0) }
        let databasePath = root.read("database", default: resolve("slack-im.sqlite"), database)
        let ownKey = besideDatabase(databasePath)
        let passwordKey = root.read("password_key", default: PasswordKeyConfiguration.generated(path: ownKey)) {
            self.passwordKey($0, ownKey)
        }
        let log = root.mapping("log").map { self.log($0) }
        let retention = root.mapping("retention").map { self.retention($0) }
        let members = root.mapping("members").map { self.members($0, within: nil) }
        let general = MembersConfiguration(scope: members?.scope ?? MemberScope(), floor: members?.floor ?? 0.5)
        let targets = self.targets(root.value("targets"), defaults: root.value("defaults"), members: general)
        let sources = root.mapping("errors").map(errorSources) ?? []
        let github = root.value("github").map { self.github($0) } ?? []
        root.finish()
        let proxies = self.proxies()
        guard let slack, let server, let log, let retention, let proxies else { return nil }
        return SlackIMConfiguration(
            file: file,
            slack: slack,
            server: server,
            databasePath: databasePath,
            passwordKey: passwordKey,
            log: log,
            retention: retention,
            members: general,
            targets: targets,
            errorSources: sources,
            github: github,
            proxies: proxies,
            warnings: warnings,
            purpose: purpose
        )
    }

    private func proxies() -> ProxyRules? {
        do throws(ProxyRules.Problem) {
            return try ProxyRules(environment: environment)
        } catch {
            problem(line: 0, path: "$\(error.variable)", error.detail)
            return nil
        }
    }

    // MARK: slack

    private func slack(_ section: MappingReader) -> SlackConfiguration? {
        func fromEnvironment(_ key: String, _ name: String) -> ConfigurationNode {
            section.value(key) ?? expand("${\(name)}", line: section.node.line, path: "slack.\(key)")
        }
        let signingSecrets = secrets(fromEnvironment("signing_secret", "SLACK_SIGNING_SECRET"), visible: false)
        let botToken = visibleSecret(fromEnvironment("bot_token", "SLACK_BOT_TOKEN"))

        let slackURL = "https://slack.com/api/"
        let apiNode =
            section.value("api_url")
            ?? variable("SLACK_API_URL").map {
                ConfigurationNode(value: .string($0), line: section.node.line, path: "slack.api_url", isExpanded: true)
            }
        let apiURL = apiNode.flatMap(url) ?? HTTPURL(slackURL)

        let command = section.read("command", default: "/im") { node in
            text(node, "must be a slash command like /im: lower case, no spaces, at most 32 characters") { text in
                text.hasPrefix("/") && (2...32).contains(text.count) && text == text.lowercased()
                    && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value > 0x1F }
            }
        }
        let operators = section.read("operators", default: []) { texts($0) { self.slackID($0, .operators) } }
        let notify = section.value("notify").flatMap { slackID($0, .channel) }
        let language = section.read("language", default: .en) { choice($0, SlackConfiguration.Language.self) }
        var hosts = Set(
            section.read("response_hosts", default: ["hooks.slack.com", "hooks.slack-gov.com"]) { texts($0, self.host) }
        )
        if let apiURL, apiURL.host != "slack.com" { hosts.insert(apiURL.host) }
        section.finish()
        guard let signingSecrets, let botToken, let apiURL else { return nil }
        return SlackConfiguration(
            signingSecrets: signingSecrets,
            botToken: botToken,
            apiURL: apiURL.text.hasSuffix("/") ? apiURL.text : apiURL.text + "/",
            command: command,
            operators: operators,
            notify: notify,
            language: language,
            responseHosts: hosts
        )
    }

    // MARK: server

    private func server(_ section: MappingReader) -> ServerConfiguration? {
        let host = section.read("host", default: "127.0.0.1", listeningHost)
        let port = section.read("port", default: 3000) { integer($0, in: 0...65535) }
        let publicURL = section.value("public_url").flatMap(url).map { url in
            url.text.hasSuffix("/") ? String(url.text.dropLast()) : url.text
        }
        let adminNode = section.value("admin")
        let admin = adminNode.flatMap(address) ?? .init(host: "127.0.0.1", port: 3001)
        let wildcards: Set = ["0.0.0.0", "::"]
        let mayClash = admin.host == host || wildcards.contains(admin.host) || wildcards.contains(host)
        if admin.port != 0, admin.port == port, mayClash {
            problem(adminNode ?? section.node, "server.admin must not be on the public port; give it another one")
        }
        let tls = section.value("tls").flatMap(mapping).flatMap { tls -> ServerConfiguration.TLS? in
            let certificate = tls.required("certificate", "the PEM file of the certificate and its chain")
                .flatMap { servedFile($0) }
            let key = tls.required("key", "the PEM file of the private key")
                .flatMap { servedFile($0, isSecret: true) }
            tls.finish()
            guard let certificate, let key else { return nil }
            return .init(certificateFile: certificate, keyFile: key)
        }
        let apiKeys = section.read("api_keys", default: []) { node -> [Secret]? in
            if case .list(let elements) = node.value, elements.isEmpty { return [] }
            return secrets(node)
        }
        section.finish()
        return ServerConfiguration(
            address: .init(host: host, port: port),
            admin: admin,
            isAdminGiven: adminNode != nil,
            publicURL: publicURL,
            tls: tls,
            apiKeys: apiKeys
        )
    }

    private func listeningHost(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        // An IPv6 address is at home without brackets here.
        if let host = HTTPURL.host(text) ?? HTTPURL.host("[\(text)]") { return host }
        problem(node, "must be a host name or address alone, like 127.0.0.1; the port has its own key")
        return nil
    }

    private func address(_ node: ConfigurationNode) -> ServerConfiguration.Address? {
        let wanted = "must be an address and a port like 127.0.0.1:3001"
        if case .number = node.value {
            // A port alone: that it is no text is not what is wrong with it.
            problem(node, wanted)
            return nil
        }
        guard let text = text(node) else { return nil }
        if let (host, port) = HTTPURL.hostAndPort(text), let port { return .init(host: host, port: port) }
        problem(node, wanted)
        return nil
    }

    // MARK: database, password_key, log, retention

    private func database(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        let path = text.dropFirst("sqlite:".count)
        guard text.hasPrefix("sqlite:"), !path.isEmpty, !path.hasPrefix(":"), !path.hasSuffix("/") else {
            problem(node, "must be sqlite:PATH, like sqlite:slack-im.sqlite")
            return nil
        }
        return resolve(String(path))
    }

    private func passwordKey(_ node: ConfigurationNode, _ ownKey: String) -> PasswordKeyConfiguration? {
        // The default, spelled out.
        if let text = node.scalarText, text.hasPrefix("file:"), resolve(String(text.dropFirst(5))) == ownKey {
            return .generated(path: ownKey)
        }
        guard let secret = secret(node) else { return nil }
        if secret.revealed.utf8.count < 16 {
            warning(node, "is short and may be guessed; `openssl rand -hex 32` writes a good one")
        }
        return .given(secret)
    }

    private func besideDatabase(_ path: String) -> String {
        (path.lastIndex(of: "/").map { path[...$0] } ?? "") + "password.key"
    }

    private func log(_ section: MappingReader) -> LogConfiguration {
        defer { section.finish() }
        return LogConfiguration(
            level: section.read("level", default: .info) { choice($0, LogConfiguration.Level.self) },
            format: section.read("format", default: .text) { choice($0, LogConfiguration.Format.self) }
        )
    }

    private func retention(_ section: MappingReader) -> RetentionConfiguration {
        func days(_ key: String, _ count: Int) -> Duration {
            section.read(key, default: .seconds(count * 86_400)) { duration($0, atLeast: .seconds(3600)) }
        }
        defer { section.finish() }
        return RetentionConfiguration(runs: days("runs", 90), events: days("events", 30), alerts: days("alerts", 90))
    }

    // MARK: members

    /// Who counts: for all targets, or within that for one of them.
    func members(
        _ section: MappingReader,
        within outer: MembersConfiguration?
    ) -> (scope: MemberScope, floor: Double?) {
        var scope = MemberScope(guests: outer?.scope.guests ?? false)
        scope.channel = section.value("channel").flatMap { slackID($0, .channel) }.map { ChannelID($0) }
        if let node = section.value("guests"), let guests = flag(node) {
            scope.guests = guests
            if guests, outer?.scope.guests == false {
                warning(node, "has no effect: a target only narrows, and members.guests is false")
            }
        }
        scope.userGroups = Set(
            section.read("user_groups", default: []) { texts($0) { self.slackID($0, .userGroup) } }
                .map { UserGroupID($0) }
        )
        scope.emailDomains = Set(
            section.read("email_domains", default: []) { texts($0, self.emailDomain) }
        )
        scope.only = Set(section.read("only", default: []) { texts($0, self.person) })
        scope.except = Set(section.read("except", default: []) { texts($0, self.person) })
        let floor = section.value("floor").flatMap(percent).map { $0 / 100 }
        section.finish()
        return (scope, floor)
    }

    private func emailDomain(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        if let host = HTTPURL.host(text) { return host }
        problem(node, "must be a domain like example.com, without @")
        return nil
    }

    private func person(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        if text.contains("@"), !text.contains(where: \.isWhitespace) { return text.lowercased() }
        if let first = text.first, "UW".contains(first), SlackIDKind.operators.fits(text) { return text }
        problem(node, "must be a member's id like U0123ABCD or an e-mail address")
        return nil
    }
}
