// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Testing

struct IncomingWebhookTests {
    private func read(_ text: String) throws -> ErrorReport {
        try ErrorReport(incomingWebhook: JSONValue(parsing: text)) { someID }
    }

    @Test(arguments: [
        (#"{"text": "boom", "channel": "C1", "icon_emoji": ":x:"}"#, "boom"),
        (#"{"text": "", "attachments": [{"fallback": "f", "title": "T", "text": "body"}]}"#, "T\nbody"),
        (#"{"attachments": [{"fallback": "f"}]}"#, "f"),
        (
            #"""
            {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "H"}},
             {"type": "section", "fields": [{"type": "mrkdwn", "text": "a"}]},
             {"type": "actions", "elements": [{"type": "button", "text": {"text": "Click"}}]},
             {"type": "rich_text", "elements": [{"elements": [{"type": "text", "text": "r"}]}]}]}
            """#, "H\na\nr"
        ),
        (
            #"{"text": "<!channel> see <https://a.example|the page> &lt;b&gt; <@U1|kim> <#C1> &amp;lt;"}"#,
            "@channel see the page (https://a.example) <b> @kim #C1 &lt;"
        ),
        (#"{"text": "a < b > c <!here"}"#, "a < b > c <!here"),
        (#"{"text": "1 <2\n3> &"}"#, "1 <2\n3> &"),
    ])
    func `takes the text that a person would read`(body: String, message: String) throws {
        #expect(try read(body).message == message)
    }

    @Test func `takes fields, links and colours of attachments`() throws {
        let report = try read(
            #"""
            {"text": "t", "username": "django", "attachments": [{"color": "warning", "title": "Page",
              "title_link": "https://a.example/x", "fields": [{"title": "Server", "value": "web-1"}]},
              {"title": "No", "title_link": "javascript:alert(1)"}]}
            """#)
        #expect(report.level == .warning)
        #expect(report.logger == "django")
        #expect(report.tags == ["Server": "web-1"])
        #expect(report.links.map(\.url) == ["https://a.example/x"])
    }

    @Test(arguments: ["{}", "[]", #"{"text": " "}"#, #"{"blocks": [{"type": "divider"}]}"#])
    func `refuses a message without a text`(body: String) {
        #expect(throws: InvalidReport.self) { try read(body) }
    }
}

struct AlertmanagerTests {
    private func read(_ text: String) throws -> AlertmanagerNotification {
        try AlertmanagerNotification(JSONValue(parsing: text)) { someID }
    }

    private func alert(_ status: String, start: String = "2026-11-22T03:00:00Z", fingerprint: String = "f1") -> String {
        #"""
        {"version": "4", "status": "\#(status)", "truncatedAlerts": 2, "alerts": [{"status": "\#(status)",
          "labels": {"alertname": "HighLatency", "severity": "critical", "instance": "web-1", "job": "api"},
          "annotations": {"summary": "p99 over 2 s", "runbook_url": "https://runbook.example/1"},
          "startsAt": "\#(start)", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prom.example/g",
          "dashboardURL": "https://grafana.example/d", "fingerprint": "\#(fingerprint)"}]}
        """#
    }

    @Test func `reads an alert with its links`() throws {
        let notification = try read(alert("firing"))
        let alert = try #require(notification.alerts.first)
        #expect(notification.truncated == 2)
        #expect(alert.lifecycle == .firing)
        #expect(alert.report.what == "HighLatency: p99 over 2 s")
        #expect(alert.report.level == .fatal)
        #expect(alert.report.service == "api")
        #expect(alert.report.serverName == "web-1")
        #expect(alert.report.links.map(\.title) == ["Runbook", "Dashboard", "Source"])
        #expect(alert.report.occurredAt == 1_795_316_400_000)
    }

    @Test func `keeps a description beside the summary, and the labels that tell alerts apart`() throws {
        let report = try #require(
            try read(
                #"""
                {"alerts": [{"status": "firing",
                  "labels": {"alertname": "Disk", "severity": "warning", "instance": "db-1", "job": "node",
                    "mountpoint": "/var", "device": "sda1", "env": "production"},
                  "annotations": {"summary": "almost full", "description": "3 % left of 2 TB"}}]}
                """#
            ).alerts.first
        ).report
        #expect(report.what == "Disk: almost full")
        #expect(report.message == "3 % left of 2 TB")
        let labels = AlertmanagerNotification.labels(of: report).map { "\($0.name)=\($0.value)" }
        #expect(labels == ["device=sda1", "mountpoint=/var"])
        let alone = try #require(try read(alert("firing")).alerts.first).report
        #expect(alone.message == "p99 over 2 s" && AlertmanagerNotification.labels(of: alone).isEmpty)
        #expect(AlertmanagerNotification.labels(of: ErrorReport(eventID: someID, tags: ["a": "b"])).isEmpty)
    }

    @Test func `gives an alert that is sent again the same id, and every change a new one`() throws {
        let ids = try [
            alert("firing"), alert("firing"), alert("resolved"), alert("firing", start: "2026-11-22T04:00:00Z"),
            alert("firing", fingerprint: "f2"),
        ].map { try #require(try read($0).alerts.first).report.eventID }
        #expect(ids[0] == ids[1])
        #expect(Set(ids).count == 4)
        #expect(ids.allSatisfy { EventID.normalised($0) == $0 })
    }

    @Test func `keeps firing and resolved in one group`() throws {
        let firing = try #require(try read(alert("firing")).alerts.first).report
        let resolved = try #require(try read(alert("resolved")).alerts.first).report
        #expect(try Fingerprint(of: firing) == Fingerprint(of: resolved))
    }

    @Test(arguments: [
        ("{}", ["/alerts"]), ("[]", [""]), (#"{"alerts": [1, {"status": "odd"}]}"#, ["/alerts/0", "/alerts/1/status"]),
    ])
    func `names every problem`(body: String, pointers: [String]) throws {
        let error = try #require(throws: InvalidReport.self) { try read(body) }
        #expect(error.problems.map(\.pointer) == pointers)
    }
}
