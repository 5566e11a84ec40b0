// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Slack

/// A method's arguments as Slack reads them.
///
/// Every method reads forms; those that also take JSON get JSON, in which nested arguments stay what they are. A JSON
/// body without charset, or a form with one, earns a warning in every answer (docs.slack.dev, "Evaluating responses").
enum WebAPIArguments {
    static func body(
        _ method: WebAPIMethod,
        _ arguments: JSONObject
    ) -> (contentType: String, bytes: [UInt8]) {
        if method.takesJSON { return ("application/json; charset=utf-8", JSONValue.object(arguments).bytes()) }
        let fields = arguments.compactMap { name, value -> (name: String, value: String)? in
            value.isNull ? nil : (name: name, value: value.scalarText ?? value.text)
        }
        return ("application/x-www-form-urlencoded", Array(PercentEncoding.form(fields).utf8))
    }
}

extension WebAPIMethod {
    /// Whether a call changes nothing, so that it may be repeated at will.
    var isReading: Bool {
        switch self {
        case .authTest, .usersList, .usersInfo, .botsInfo, .conversationsInfo, .conversationsMembers,
            .userGroupsUsersList:
            true
        case .chatPostMessage, .chatPostEphemeral, .chatUpdate, .viewsPublish, .viewsOpen: false
        }
    }
}
