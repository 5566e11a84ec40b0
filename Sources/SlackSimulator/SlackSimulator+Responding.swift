// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON

extension SlackSimulator {
    /// Shows an app's message where its origin was.
    func put(_ message: AppMessage, _ origin: ResponseURLs.Origin) async {
        if message.deletesOriginal, let ts = origin.messageTS {
            await workspace.delete(ts, in: origin.channel)
            if message.isEmpty { return }
        } else if message.replacesOriginal, let ts = origin.messageTS,
            let original = await workspace.message(ts, in: origin.channel)
        {
            await workspace.replace(
                ts,
                in: origin.channel,
                text: message.text,
                blocks: message.blocks,
                attachments: message.attachments,
                marksEdited: original.visibleTo == nil
            )
            return
        }
        guard !message.isEmpty else { return }
        await workspace.postAsApp(
            channel: origin.channel,
            text: message.text,
            blocks: message.blocks,
            attachments: message.attachments,
            visibleTo: message.isInChannel ? nil : origin.person,
            threadTS: message.threadTS
        )
    }

    /// A post to `/response/{opaque}`.
    func respond(_ opaque: String, _ request: EdgeRequest) async -> EdgeResponse {
        let started = surroundings.wireNow()
        let (response, body) = await answer(opaque, request)
        calls.add { number in
            CallLog.Entry(
                number: number,
                method: "response_url",
                arguments: body,
                at: surroundings.now() / 1_000,
                status: response.status.code,
                answer: ["ok": .bool(response.status == .ok), "text": .string(response.text)],
                milliseconds: max(0, surroundings.wireNow() - started) / 1_000
            )
        }
        return response
    }

    private func answer(_ opaque: String, _ request: EdgeRequest) async -> (EdgeResponse, JSONValue) {
        guard request.method == .post else { return (.text("method_not_allowed", .methodNotAllowed), .null) }
        var body = request.body
        if (request.headers[.contentType] ?? "").lowercased().hasPrefix("application/x-www-form-urlencoded") {
            body = Array((FormCoding.decode(body).first { $0.name == "payload" }?.value ?? "").utf8)
        }
        let value = try? JSONValue(parsing: body)
        let origin: ResponseURLs.Origin
        switch responses.take(opaque) {
        case .success(let found): origin = found
        case .failure(let refusal): return (refusal.response, value ?? .null)
        }
        guard let value else { return (.text("invalid_payload", .badRequest), .null) }
        do throws(WebAPIFailure) {
            let message = try AppMessage(value)
            guard !message.isEmpty || message.deletesOriginal else { throw WebAPIFailure("no_text") }
            await put(message, origin)
        } catch {
            if error.error != "no_text" {
                await refuse(value, error, source: "response_url", channel: origin.channel)
            }
            return (.text(error.error, .badRequest), value)
        }
        return (.text("ok"), value)
    }
}
