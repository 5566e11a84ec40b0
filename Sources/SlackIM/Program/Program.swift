// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Connectors
import Jobs
package import Logging
import Provisioning
package import ServiceLifecycle
import Signing
import Slack
package import Store
package import Time
import UnixSignals
import Web
import Work

/// The composition root: from a configuration and a store to everything that runs.
///
/// `serve`, the playground, the other commands and the end-to-end tests all come through here; nothing else constructs
/// collaborators.
package struct Program: Sendable {
    package let configuration: SlackIMConfiguration
    package let store: any Store
    /// What the command line and the control socket can ask for.
    package let operations: LocalOperations
    /// Everything that `serve` runs, in the order of starting; stopped in reverse.
    ///
    /// Empty when nothing is to be served.
    package let services: [any Service]
    private let clients: [OutboundClients]

    /// Puts everything together.
    ///
    /// When that fails, the store is closed again.
    ///
    /// - Parameters:
    ///   - isServing: Whether the services will run. A command that asks for an operation or two does without what only
    ///     they need: a certificate that can be served.
    ///   - metrics: Where everything is counted.
    ///   - onBound: Told the public port once requests are taken.
    /// - Throws: ``ProgramError``, `StoreError`, `TargetError` or `WebAPIError`: all of them exit code 2.
    package static func assemble(
        _ configuration: SlackIMConfiguration,
        store: any Store,
        isServing: Bool = true,
        clock: WallClock = .system,
        metrics: ProgramMetrics = ProgramMetrics(),
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws -> Program {
        let connections = TargetConnections(proxies: configuration.proxies, logger: logger, clock: clock)
        do {
            return try await Program(configuration, store, isServing, connections, clock, metrics, logger, onBound)
        } catch {
            for clients in connections.clients { await clients.shutdown() }
            await store.close()
            throw error
        }
    }

    private init(
        _ configuration: SlackIMConfiguration,
        _ store: any Store,
        _ isServing: Bool,
        _ connections: TargetConnections,
        _ clock: WallClock,
        _ metrics: ProgramMetrics,
        _ plainLogger: Logger,
        _ onBound: @escaping @Sendable (Int) async -> Void
    ) async throws {
        self.configuration = configuration
        self.store = store
        let language = Language(rawValue: configuration.slack.language.rawValue) ?? .english
        let operators = Operators(configuration.slack.operators)
        let intake = ErrorIntake(
            sources: try configuration.errorSources.map { try $0.source },
            notifyChannel: configuration.slack.notify,
            language: language
        )
        // Whoever speaks in Slack has the plain logger: what goes wrong there is not told there.
        let ownErrors =
            intake.tellsOwnErrors
            ? OwnErrors(
                store: store,
                intake: intake,
                release: Version.current,
                clock: clock,
                observe: metrics.observeOwnErrors,
                logger: plainLogger
            ) : nil
        let logger = ownErrors?.watching(plainLogger) ?? plainLogger

        let slack = try SlackWebAPIClient(
            token: configuration.slack.botToken,
            apiURL: configuration.slack.apiURL,
            responseHosts: configuration.slack.responseHosts,
            http: connections.http,
            clock: clock,
            observe: metrics.observeWebAPI,
            logger: plainLogger
        )
        let connection = SlackConnection()
        let watched = WatchedSlack(slack, connection, clock: clock)
        let source = SlackMemberSource(api: watched, clock: clock)
        let certificate = isServing ? try configuration.server.tls.map { try Certificate.serve($0) } : nil
        let targets = try configuration.targets.map { try connections.connect($0) }
        let reconciler = Reconciler(
            store: store,
            source: source,
            targets: targets,
            passwords: try Self.passwords(configuration),
            operatorGroups: operators.userGroups,
            floor: configuration.members.floor,
            clock: clock,
            observer: metrics,
            logger: logger
        )
        let facts = try await store.read { tx in
            (try tx.fact("workspace.team_id"), try tx.fact("workspace.app_id"))
        }
        let home = Home(teamID: facts.0, appID: facts.1)
        let scope = StatusReport.Scope(configuration)
        let bot = Bot(
            configuration: Bot.Configuration(
                command: configuration.slack.command,
                operators: operators,
                language: language,
                status: scope,
                channels: targets.reduce(into: []) { $0.formUnion($1.rules.channels) },
                userGroups: targets.reduce(into: []) { $0.formUnion($1.rules.userGroups) }
            ),
            home: home
        )
        let counters = DeliveryCounters()
        let errors = ErrorRoutes(
            intake: intake,
            github: GitHubIntake(entries: try configuration.github.map { try $0.entry }, language: language),
            store: store,
            counters: counters,
            clock: clock,
            logger: logger
        )
        operations = LocalOperations(
            configuration: configuration,
            store: store,
            source: source,
            slack: slack,
            reconciler: reconciler,
            targets: targets,
            connections: connections,
            connection: connection,
            intake: intake,
            errors: errors,
            counters: counters,
            certificate: certificate,
            clock: clock
        )

        let handlers = OrderHandlers(
            store: store,
            reconciler: reconciler,
            source: source,
            slack: watched,
            connection: connection,
            intake: intake,
            operators: operators,
            targets: targets.map(\.rules),
            scope: scope,
            announcing: Set(configuration.targets.filter { $0.announce == .dm }.map(\.name)),
            command: configuration.slack.command,
            notifyChannel: configuration.slack.notify,
            language: language,
            clock: clock,
            logger: logger
        )
        let readiness = Readiness(store: store)
        var limits = EdgeLimits()
        limits.connections = min(limits.connections, OpenFiles.forStrangers)
        let lane = AcknowledgementLane(
            verifier: try RequestVerifier(secrets: configuration.slack.signingSecrets),
            bot: bot,
            store: store,
            counters: counters,
            clock: clock,
            logger: logger
        )
        let syncs = RunningSyncs(
            operations: operations,
            targets: Set(configuration.targets.map(\.name.rawValue)),
            keys: configuration.server.apiKeys,
            clock: clock,
            logger: logger
        )
        var services: [any Service] = [
            syncs,
            ControlServer(
                operations: operations, path: ControlSocket.path(database: configuration.databasePath), logger: logger),
            OutboxCourier(
                store: store,
                slack: watched,
                notifyChannel: configuration.slack.notify,
                connection: connection,
                language: language,
                clock: clock,
                logger: plainLogger
            ),
            JobRunner(store: StoreJobs(store: store), handlers: handlers.all, clock: clock, logger: logger),
            WorkspaceConnection(
                store: store,
                slack: watched,
                connection: connection,
                home: home,
                notifyChannel: configuration.slack.notify,
                language: language,
                clock: clock,
                logger: plainLogger
            ),
            Scheduler(
                store: store,
                schedules: configuration.schedules,
                clock: clock,
                logger: logger
            ),
            Housekeeping(store: store, retention: configuration.retention, clock: clock, logger: logger),
            AdminServer(
                source: AdminPages(operations: operations, readiness: readiness, metrics: metrics),
                host: configuration.server.admin.host,
                port: configuration.server.admin.port,
                isRequired: configuration.server.isAdminGiven,
                onBound: { port in
                    logger.notice(
                        "metrics and status page", metadata: ["address": "\(configuration.server.admin.host):\(port)"])
                },
                logger: logger
            ),
            PublicServer(
                edge: Edge(
                    lane: lane, errors: errors, readiness: readiness, syncs: syncs, observer: metrics, logger: logger),
                readiness: readiness,
                limits: limits,
                host: configuration.server.address.host,
                port: configuration.server.address.port,
                certificate: certificate,
                onBound: onBound,
                logger: logger
            ),
        ]
        if let ownErrors { services.insert(ownErrors, at: 0) }
        if let files = configuration.server.tls, let certificate {
            services.append(
                CertificateReload(files, served: certificate, clock: clock, logger: logger) {
                    await UnixSignalsSequence(trapping: .sighup)
                }
            )
        }
        self.services = isServing ? services : []
        clients = connections.clients
    }

    /// Whoever only looks makes no password, and no key for it either.
    private static func passwords(_ configuration: SlackIMConfiguration) throws -> InitialPassword {
        guard configuration.purpose == .looking else { return try PasswordKeyFile.passwords(configuration.passwordKey) }
        return try InitialPassword(key: try RandomBytes.generate(32))
    }

    /// Lets go of connections and of the store.
    ///
    /// Call once, after the services have ended.
    package func close() async {
        for clients in clients { await clients.shutdown() }
        await store.close()
    }
}

/// The program cannot be put together (exit code 2).
package struct ProgramError: Error, Sendable, CustomStringConvertible {
    /// Stable.
    package let code: String
    /// What happened and what to do.
    package let description: String

    package init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}
