// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// Slack's mrkdwn as nodes: escapes, mentions, dates, links, code, quotes, emoji.
    static let text = #"""
        import { channelOf, el, nameOf, page } from "/playground/dom.js";
        import { withEmoji } from "/playground/emoji.js";

        export const decode = (text) =>
          text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
        export const isWeb = (url) => /^(https?:|mailto:)/i.test(url ?? "");
        export const link = (url, ...children) =>
          el("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, ...children);

        export const clockTime = (milliseconds) =>
          new Date(milliseconds).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

        /** A date by Slack's format tokens; null when the stamp is no time. */
        export const dateText = (stamp, format) => {
          const date = new Date(Number(stamp) * 1000);
          if (Number.isNaN(date.getTime()) || !/^\d+$/.test(stamp)) return null;
          const day = (options) => date.toLocaleDateString([], options);
          const dayStart = (one) => new Date(one.getFullYear(), one.getMonth(), one.getDate()).getTime();
          const days = Math.round((dayStart(date) - dayStart(new Date(page.state.now))) / 86_400_000);
          const pretty = (text) => {
            if (Math.abs(days) > 1) return text;
            const word = new Intl.RelativeTimeFormat([], { numeric: "auto" }).format(days, "day");
            return word[0].toLocaleUpperCase() + word.slice(1);
          };
          const short = { year: "numeric", month: "short", day: "numeric" };
          const long = { ...short, month: "long", weekday: "long" };
          const minutes = Math.round((page.state.now - date) / 60_000);
          const tokens = {
            date: () => day({ ...short, month: "long" }), date_num: () => date.toISOString().slice(0, 10),
            date_slash: () => day({ year: "numeric", month: "2-digit", day: "2-digit" }),
            date_short: () => day(short), date_long: () => day(long), date_pretty: () => pretty(day({ ...short, month: "long" })),
            date_short_pretty: () => pretty(day(short)), date_long_pretty: () => pretty(day(long)),
            date_long_full: () => day(long), day_divider_pretty: () => pretty(day(long)),
            time: () => clockTime(date), time_secs: () =>
              date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
            ago: () => Math.abs(minutes) < 60 ? `${Math.abs(minutes)} min ${minutes < 0 ? "from now" : "ago"}`
              : `${Math.round(Math.abs(minutes) / 60)} h ${minutes < 0 ? "from now" : "ago"}`,
          };
          return format.replace(/\{(\w+)\}/g, (all, token) => (tokens[token] ?? (() => all))());
        };

        const mention = (text, isMe = false) => el("span", { class: isMe ? "mention me" : "mention" }, text);
        export const mentionUser = (id) => mention("@" + nameOf(id), id === page.me);
        export const mentionChannel = (id, label) => mention("#" + (channelOf(id)?.name || label || id));
        export const mentionGroup = (id, label) => {
          const found = page.state.groups.find((one) => one.id === id);
          return mention(found ? "@" + found.handle : label || id);
        };
        export const broadcast = (range) => mention("@" + range.replace(/^@/, ""), true);

        /** What stands between < and >. */
        const token = (inner) => {
          const bar = inner.indexOf("|");
          const head = bar < 0 ? inner : inner.slice(0, bar);
          const label = bar < 0 ? "" : inner.slice(bar + 1);
          if (head.startsWith("@")) return mentionUser(head.slice(1));
          if (head.startsWith("#")) return mentionChannel(head.slice(1), label);
          if (head.startsWith("!subteam^")) return mentionGroup(head.slice(9), label);
          if (head.startsWith("!date^")) {
            const [, stamp, format, url] = head.split("^");
            const shown = (stamp && format ? dateText(stamp, decode(format)) : null) ?? decode(label);
            return isWeb(url) ? link(decode(url), shown) : el("time", {}, shown);
          }
          if (head.startsWith("!")) return broadcast(label || head.slice(1));
          if (isWeb(head)) return link(decode(head), withEmoji(decode(label || head)));
          return document.createTextNode(decode(`<${inner}>`));
        };

        const verbatim = (text) => {
          const out = [];
          let at = 0;
          for (const match of text.matchAll(/<([^<>\n]+)>/g)) {
            out.push(document.createTextNode(decode(text.slice(at, match.index))), token(match[1]));
            at = match.index + match[0].length;
          }
          out.push(document.createTextNode(decode(text.slice(at))));
          return out;
        };

        const styles = [["*", "b"], ["_", "i"], ["~", "s"]];
        const inline = (text) => {
          const out = [];
          let plain = "";
          const flush = () => { if (plain) out.push(document.createTextNode(withEmoji(decode(plain)))); plain = ""; };
          for (let at = 0; at < text.length;) {
            const rest = text.slice(at);
            let match;
            if ((match = /^```\n?([\s\S]*?)\n?```/.exec(rest))) { flush(); out.push(el("pre", {}, verbatim(match[1]))); }
            else if ((match = /^`([^`\n]+)`/.exec(rest))) { flush(); out.push(el("code", {}, verbatim(match[1]))); }
            else if ((match = /^<([^<>\n]+)>/.exec(rest))) { flush(); out.push(token(match[1])); }
            else if (rest[0] === "\n") { flush(); out.push(el("br")); match = ["\n"]; }
            else {
              const before = at === 0 ? " " : text[at - 1];
              for (const [mark, tag] of styles) {
                if (rest[0] !== mark || /[\p{L}\p{N}]/u.test(before)) continue;
                const end = rest.indexOf(mark, 1);
                const inner = rest.slice(1, end);
                const after = rest[end + 1] ?? " ";
                if (end < 2 || inner.includes("\n") || /^\s|\s$/.test(inner) || /[\p{L}\p{N}]/u.test(after)) continue;
                flush();
                out.push(el(tag, {}, inline(inner)));
                match = [rest.slice(0, end + 1)];
                break;
              }
            }
            if (match) at += match[0].length;
            else { plain += text[at]; at += 1; }
          }
          flush();
          return out;
        };

        export const mrkdwn = (text) => {
          const box = el("div");
          let lines = [];
          let isQuote = false;
          let isCode = false;
          let isQuoteToEnd = false;
          const flush = () => {
            if (lines.length) box.append(el(isQuote ? "blockquote" : "div", {}, inline(lines.join("\n"))));
            lines = [];
          };
          for (const line of (text ?? "").split("\n")) {
            const mark = isCode ? null : /^(?:&gt;|>)(?:(?:&gt;|>){2})?/.exec(line);
            const isQuoted = isQuoteToEnd || mark !== null;
            if (isQuoted !== isQuote) { flush(); isQuote = isQuoted; }
            if (mark && mark[0].replaceAll("&gt;", ">") === ">>>") isQuoteToEnd = true;
            lines.push(mark ? line.slice(mark[0].length).trimStart() : line);
            if (((line.match(/```/g) ?? []).length) % 2) isCode = !isCode;
          }
          flush();
          return box;
        };

        export const textObject = (object) => {
          if (!object) return null;
          if (object.type === "mrkdwn") return mrkdwn(object.text);
          const box = el("div");
          (object.text ?? "").split("\n").forEach((line, index) => {
            if (index) box.append(el("br"));
            box.append(object.emoji === false ? line : withEmoji(line));
          });
          return box;
        };
        export const plain = (object) => object ? withEmoji(object.text ?? "") : "";
        """#
}
