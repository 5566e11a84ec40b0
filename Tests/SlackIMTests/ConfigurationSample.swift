// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import SlackIM

/// Configurations for tests, and files and variables to read them with.
enum ConfigurationSample {
    static let environment = [
        "SLACK_SIGNING_SECRET": "signing-hunter2", "SLACK_BOT_TOKEN": "xoxb-hunter2", "JENKINS_KEY": "jenkins-hunter2",
        "DEV_TOKEN": "dev-hunter2", "SCIM": "scim-hunter2", "BILLING_ERRORS_KEY": "billing-hunter2",
        "GITHUB_WEBHOOK_SECRET": "github-hunter2",
    ]

    static let files: [String: ConfigurationFile] = [
        "/etc/slack-im/cert.pem": ConfigurationFile("certificate"),
        "/etc/slack-im/key.pem": ConfigurationFile("key-hunter2"),
        "/etc/slack-im/internal-ca.pem": ConfigurationFile(Certificates.first),
        "/etc/slack-im/password.key": ConfigurationFile("password-hunter2-password\n"),
        "/etc/slack-im/empty": ConfigurationFile("\n"),
        "/etc/slack-im/open": ConfigurationFile("open-hunter2\r\n", isReadableByEverybody: true),
        "/etc/slack-im/binary": ConfigurationFile(bytes: [0xFF, 0xFE, 0x00]),
        "/run/secrets/token": ConfigurationFile("xoxb-from-file\n"),
    ]

    static func parse(
        _ text: String,
        environment: [String: String] = environment,
        purpose: SlackIMConfiguration.Purpose = .acting
    ) throws(ConfigurationError) -> SlackIMConfiguration {
        let file = "/etc/slack-im/slack-im.yaml"
        return try SlackIMConfiguration.parse(
            text: text, file: file, environment: environment, purpose: purpose
        ) { path in
            guard let file = files[path] else { throw ConfigurationFile.Failure("No such file or directory") }
            return file
        }
    }

    /// What is wrong with a text; empty when nothing is.
    static func problems(
        _ text: String,
        environment: [String: String] = environment,
        purpose: SlackIMConfiguration.Purpose = .acting
    ) -> [ConfigurationError.Problem] {
        do {
            _ = try parse(text, environment: environment, purpose: purpose)
            return []
        } catch {
            return error.problems
        }
    }

    /// The least that works.
    static let least = """
        targets:
          - name: dev
            url: https://dev.example.com/api/members
            account:
              userId: "{{email_local}}"
              name: "{{real_name}}"
        """

    /// A target with more lines below its account.
    static func target(_ lines: String) -> String {
        least + "\n" + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    /// Every key there is.
    static let everything = """
        slack:
          signing_secret: "${SLACK_SIGNING_SECRET}"
          bot_token: "${SLACK_BOT_TOKEN}"
          api_url: https://slack.com/api/
          command: /im
          operators: [U012ADMIN, S034GROUP]
          notify: C056OPS
          language: en
          response_hosts: [hooks.slack.com, hooks.slack-gov.com]
        server:
          host: 127.0.0.1
          port: 3000
          public_url: https://bot.example.com
          admin: 127.0.0.1:3001
          tls: {certificate: cert.pem, key: key.pem}
          api_keys:
            - "${JENKINS_KEY}"
        database: sqlite:slack-im.sqlite
        password_key: file:password.key
        log: {level: info, format: text}
        retention: {runs: 90d, events: 30d, alerts: 90d}
        members:
          channel: C078EVERYONE
          guests: false
          email_domains: [example.com]
          floor: 50%
        defaults: {}
        targets:
          - name: dev
            kind: rest
            url: https://dev.example.com/api/members
            url_hosts: [dev.example.com]
            ca_file: internal-ca.pem
            auth: {bearer: "${DEV_TOKEN}"}
            headers: {X-Attic-User: admin, X-Attic-Role: manageMember}
            members: {user_groups: [S0SALES], only: [], except: []}
            key: userId
            account:
              userId: "{{email_local}}"
              name: "{{real_name}}"
              password: "{{password}}"
              roleGroupId: ADMIN
              centerIds: [spectra]
            operations:
              create:  {method: POST, exists: {status: [409], body_matches: "already"}}
              find:    {method: GET, path: "/{{key}}", missing: {status: [404]}}
              list:    {method: GET, items: "data.items", page: {parameter: page, start: 1, size: 100}}
              update:  {method: PUT, path: "/{{key}}"}
              disable: {method: PATCH, path: "/{{key}}", body: {active: false}}
              enable:  {method: PATCH, path: "/{{key}}", body: {active: true}}
              delete:  {method: DELETE, path: "/{{key}}"}
            rename: hold
            schedule: "5 12 * * *"
            timezone: Asia/Seoul
            ephemeral: false
            on_join: true
            leavers: keep
            grace: 30d
            adopt: ask
            protected: []
            limits: {concurrency: 4, per_second: 10, timeout: 10s, retries: 5}
            guard: {removals: 5, removal_percent: 10, creates: 200}
            password: {length: 20, announce: none}
          - {name: cloud, kind: scim, url: https://idp.example.com/scim/v2, auth: {bearer: "${SCIM}"},
             account: {userName: "{{email}}", displayName: "{{real_name}}"},
             capabilities: {patch: false, filter: false}}
          - {name: init-data, kind: file, path: members.json, items: members, key: userId,
             account: {userId: "{{email_local}}"}}
        errors:
          sources:
            - name: billing
              key: "${BILLING_ERRORS_KEY}"
              project: 7
              channel: C099ALERTS
              statuses: [401, 403, 5xx]
              min_level: error
              title: "Error! code : {{code}} :glitch_crab:"
              repeats: edit
        github: {secret: "${GITHUB_WEBHOOK_SECRET}", channel: C099DEV}
        """
}
