// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension SlackIMConfiguration {
    /// What `slack-im init` writes: every key with a comment, the uncommon ones commented out.
    ///
    /// It has no problems when the environment holds `SLACK_SIGNING_SECRET`, `SLACK_BOT_TOKEN` and `DEV_TOKEN`.
    package static let commentedExample = """
        # The configuration of slack-im. Check it with: slack-im check --config slack-im.yaml
        #
        # "${NAME}" is the environment variable NAME, "${NAME:-default}" has a default, and $${ is a literal ${.
        # Keep the quotes: inside of { } and [ ] YAML needs them. A secret may also be read from a file: file:PATH.
        # Relative paths start from this file. Durations are 30s, 10m, 6h or 30d; 0s is now.
        # What is commented out by a single # shows its default, or an example where it says so.

        slack:
          signing_secret: "${SLACK_SIGNING_SECRET}" # from the app's Basic Information; a list while it is being rotated
          bot_token: "${SLACK_BOT_TOKEN}"           # from OAuth & Permissions
          # api_url: https://slack.com/api/         # or the environment variable SLACK_API_URL
          # command: /im                            # staging and production may share a workspace
          # operators: [U012ADMIN, S034GROUP]       # example: members and user groups; default: the workspace's admins
          # notify: C056OPS                         # example: run results, held plans, failures; default: nowhere
          # language: en                            # en or ko, in channels; people are answered in their own language
          # response_hosts: [hooks.slack.com, hooks.slack-gov.com]   # api_url's host is added when it is not slack.com

        server:
          host: 127.0.0.1                           # 0.0.0.0 where no proxy on this machine stands in front
          port: 3000
          # public_url: https://bot.example.com     # example: for DSNs and the app manifest
          # admin: 127.0.0.1:3001                   # metrics and status page; never on the public port
          # tls: {certificate: cert.pem, key: key.pem}   # example: read again on SIGHUP; default: none
          # api_keys: ["${JENKINS_KEY}"]            # example: who may POST /targets/NAME/sync; default: nobody

        # database: sqlite:slack-im.sqlite
        # password_key: file:password.key           # default: generated beside the database. Keep a copy of it.
        # log: {level: info, format: text}          # trace debug info notice warning error critical; text or json
        # retention: {runs: 90d, events: 30d, alerts: 90d}

        # Who counts at all, for every target.
        members:
          # channel: C078EVERYONE                   # example: only the members of this channel; default: the workspace
          # user_groups: [S0STAFF]                  # example: only members of one of these; default: no such rule
          # email_domains: [example.com]            # example; default: any
          # only: [kim@example.com]                 # example: nobody but these, by id or address
          # except: [U0SERVICE]                     # example: never these
          guests: false
          floor: 50%                                # a list smaller than this part of the last one is refused

        # Any key of a target may stand here, for all targets. A target's own value comes first.
        defaults:
          timezone: Etc/UTC

        targets:
          - name: dev
            kind: rest                              # rest, scim or file
            url: https://dev.example.com/api/members
            # url_hosts: [dev.example.com]          # hosts that a --url may have; default: that of url
            # ca_file: internal-ca.pem              # example; default: the system's authorities
            auth: {bearer: "${DEV_TOKEN}"}          # or {basic: {user: "…", password: "…"}}; default: none
            # headers: {X-Role: manageMember}       # example
            # members: {user_groups: [S0SALES]}     # example: narrows for this target; the keys of members above

            # The account that a member gets: any JSON, in which texts are templates over the member. Names: id
            # team_id email email_local email_domain real_name display_name first_name last_name title phone timezone
            # locale is_admin password custom.FIELD_ID. Also {{lowercased(email_local)}}, uppercased, capitalized, and
            # {{#group.S0SALES}}…{{/group.S0SALES}}. A number or true is sent as such; in quotes it is a text.
            account:
              userId: "{{email_local}}"
              name: "{{real_name}}"
              password: "{{password}}"              # derived, the same after every wipe; sent at creation only
              roleGroupId: ADMIN
            key: userId                             # names the account; default: the first leaf of account

            # What the target can do. "standard" means exactly these; otherwise leave out what it cannot.
            operations: standard
            #  create:  {method: POST, exists: {status: [409], body_matches: "already"}}
            #  find:    {method: GET, path: "/{{key}}", missing: {status: [404]}}
            #  list:    {method: GET, items: "data.items", page: {parameter: page, start: 1, size: 100}}
            #  update:  {method: PUT, path: "/{{key}}"}
            #  disable: {method: PATCH, path: "/{{key}}", body: {active: false}}
            #  enable:  {method: PATCH, path: "/{{key}}", body: {active: true}}
            #  delete:  {method: DELETE, path: "/{{key}}"}
            # Instead of page: offset: {parameter: offset, size: 100}, or cursor: {parameter: after, from: meta.next}.

            schedule: "5 12 * * *"                  # cron, or a list; default: every 6 h at a steady minute; never
            # ephemeral: false                      # true: wiped now and then, re-creating everybody is normal
            # on_join: true                         # act at once when somebody joins, changes or leaves
            leavers: keep                           # keep, disable or delete
            # grace: 30d                            # with delete: disabled this long first
            # rename: hold                          # hold, update or recreate, when the key itself changes
            # collision: hold                       # hold, or suffix: a newcomer whose key is taken gets kim2
            # adopt: ask                            # ask, always or never, for accounts that exist without us
            protected: [admin]                      # keys that are never touched
            # limits: {concurrency: 4, per_second: 10, timeout: 10s, retries: 5}   # per_second: 0 is no limit
            # guard: {removals: 5, removal_percent: 10, creates: 200}   # more than this waits for a person
            # password: {length: 20, announce: none}                    # dm: a newcomer is told

          # - name: cloud
          #   kind: scim
          #   url: https://idp.example.com/scim/v2
          #   auth: {bearer: "${SCIM_TOKEN}"}
          #   account: {userName: "{{email}}", displayName: "{{real_name}}"}
          #   capabilities: {patch: false, filter: false}   # only where the service does not say so itself
          # - name: init-data
          #   kind: file
          #   path: members.json
          #   items: members
          #   key: userId
          #   account: {userId: "{{email_local}}"}

        # Errors of your applications, brought to Slack.
        errors:
          sources: []
          #  - name: billing
          #    key: "${BILLING_ERRORS_KEY}"         # a list while it is being rotated
          #    project: 7                           # for Sentry SDKs; `slack-im dsn billing` prints the DSN
          #    channel: C099ALERTS
          #    statuses: [401, 403, 5xx]            # HTTP statuses worth a message; default: all
          #    min_level: error                     # debug, info, warning, error or fatal
          #    title: "Error! code : {{code}} :glitch_crab:"
          #    repeats: edit                        # edit, thread or broadcast
          #    scrub: [customer_code]               # fields that are secret besides those with known names

        # Or a list of them, each with repositories: [owner/name].
        # github: {secret: "${GITHUB_WEBHOOK_SECRET}", channel: C099DEV}

        """
}
