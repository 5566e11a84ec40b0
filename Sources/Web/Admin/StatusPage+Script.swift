// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension StatusPage {
    /// Builds every text as text: what applications and people wrote never becomes markup.
    static let script = #"""
        "use strict";
        const every = 5000;
        const $ = (id) => document.getElementById(id);

        function element(name, options = {}, ...children) {
          const node = document.createElement(name);
          for (const [key, value] of Object.entries(options)) {
            if (key === "class") node.className = value; else node.setAttribute(key, value);
          }
          node.append(...children.filter((child) => child !== null && child !== undefined));
          return node;
        }

        function replace(id, ...children) { $(id).replaceChildren(...children); }

        function span(seconds) {
          const s = Math.max(0, Math.round(seconds));
          if (s < 60) return `${s} s`;
          if (s < 3600) return `${Math.floor(s / 60)} min`;
          if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
          return `${Math.floor(s / 86400)} days`;
        }

        const since = (now, time) => (Date.parse(now) - Date.parse(time)) / 1000;
        const ago = (now, time) => time ? `${span(since(now, time))} ago` : "never";
        const ahead = (now, time) => time ? `in ${span(-since(now, time))}` : "not planned";

        /** A moment in words, with the exact time to be read on hover and by machines. */
        function moment(time, words) {
          return time ? element("time", { datetime: time, title: new Date(time).toLocaleString() }, words) : words;
        }

        function tile(name, value, note, tone) {
          return element("div", {}, element("dt", {}, name),
            element("dd", tone ? { class: tone } : {}, String(value), note ? element("small", {}, note) : null));
        }

        /** columns: [name, isNumber]; each row: cells, a text, a node, or [text, small text, class]. */
        function table(id, columns, rows, none) {
          if (!rows.length) return replace(id, element("p", { class: "none" }, none));
          const head = element("tr", {}, ...columns.map(([name, isNumber]) =>
            element("th", { scope: "col", ...(isNumber ? { class: "n" } : {}) }, name)));
          const body = rows.map((cells) => element("tr", {}, ...cells.map((cell, place) => {
            const [name, isNumber] = columns[place];
            const [text, small, tone] = Array.isArray(cell) ? cell : [cell];
            const shown = text instanceof Node ? text : String(text ?? "");
            if (place === 0) return element("th", { scope: "row" }, shown, small ? element("small", { class: "quiet" }, " ", small) : null);
            const classes = [isNumber ? "n" : "", tone ?? "", shown === "" && !small ? "empty" : ""].join(" ").trim();
            return element("td", { "data-name": name, ...(classes ? { class: classes } : {}) },
              shown, small ? element("small", {}, small) : null);
          })));
          replace(id, element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
        }

        const draw = (name, attributes) => {
          const node = document.createElementNS("http://www.w3.org/2000/svg", name);
          for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
          return node;
        };

        /** A chart of one value a minute; `drawn` says whether as bars or as a line over its area. */
        function chart(id, values, title, isBars, label) {
          const svg = $(id), width = values.length, height = 100;
          const most = Math.max(...values, 0);
          const y = (value) => most ? height - value / most * height : height;
          svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
          svg.setAttribute("preserveAspectRatio", "none");
          const parts = [draw("title", {}), draw("line", { class: "axis", x1: 0, x2: width, y1: height, y2: height })];
          parts[0].textContent = title;
          if (most && isBars) {
            const path = values.map((value, x) => value ? `M${x} ${height}V${y(value)}H${x + 1}V${height}Z` : "").join("");
            parts.push(draw("path", { class: "bars", d: path }));
          } else if (most) {
            const line = values.map((value, x) => `${x ? "L" : "M"}${x + 0.5} ${y(value).toFixed(2)}`).join("");
            parts.push(draw("path", { class: "area", d: `${line}V${height}H0.5Z` }), draw("path", { class: "line", d: line }));
          }
          svg.replaceChildren(...parts);
          const scale = svg.nextElementSibling ?? svg.parentNode.appendChild(element("div", { class: "scale" }));
          scale.replaceChildren(element("span", {}, `${span(values.length * 60)} ago`),
            element("span", {}, most ? `highest ${label(most)}` : "nothing yet"), element("span", {}, "now"));
        }

        const result = (run) => {
          if (!run) return ["never ran", "", "quiet"];
          if (run.state === "running") return ["running", "", "warn"];
          if (run.error) return [run.error.code, run.error.detail, "bad"];
          const done = Object.entries(run.counts).filter(([name, n]) => n && !["unchanged", "skipped"].includes(name));
          const words = done.map(([name, n]) => `${n} ${name}`).join(", ");
          const tone = run.exit === 0 ? "" : run.exit === 3 ? "warn" : "bad";
          return [words || "nothing to do", `${run.counts.unchanged} unchanged, ${run.counts.skipped} skipped`, tone];
        };

        function show(s) {
          const now = s.now;
          const state = s.ready ? ["good", "ready"] : ["bad", `not ready: ${s.reasons.map((r) => r.detail).join("; ")}`];
          replace("state", element("span", { class: `badge ${state[0]}` }, state[1]));
          replace("workspace", s.workspace ? `${s.workspace}, ${s.members} people` : "not connected to Slack yet");

          const waiting = s.backlog.filter((b) => b.state !== "discarded");
          const discarded = s.backlog.filter((b) => b.state === "discarded").reduce((sum, b) => sum + b.count, 0);
          const due = waiting.reduce((sum, b) => sum + b.count, 0);
          const oldest = waiting.map((b) => b.oldest).sort()[0];
          const holds = s.targets.flatMap((t) => t.holds);
          const last = s.minutes[s.minutes.length - 2] ?? [0, 0, 0];
          const lag = s.outbox.oldest ? since(now, s.outbox.oldest) : 0;
          replace("now",
            tile("Deliveries", last[0], "in the last full minute"),
            tile("Queue", due, oldest ? `oldest ${span(since(now, oldest))}` : "empty"),
            tile("Given up", discarded, discarded ? "slack-im jobs list" : "no job", discarded ? "bad" : ""),
            tile("Outbox", s.outbox.pending, lag ? `oldest waits ${span(lag)}` : "nothing waits", lag > 60 ? "warn" : ""),
            tile("Held plans", holds.length, holds.length ? "wait for a person" : "none", holds.length ? "warn" : ""),
            tile("Open errors", s.alert_groups.length, s.alert_groups.length ? "see below" : "none"),
            tile("Memory", `${Math.round(s.process.resident_bytes / 1048576)} MB`, s.process.started_at ? `up ${span(since(now, s.process.started_at))}` : ""));

          chart("count", s.minutes.map((m) => m[0]), "Deliveries a minute", true, (n) => `${n} a minute`);
          chart("latency", s.minutes.map((m) => m[2]), "Slowest acknowledgement of each minute", false, (ms) => `${ms} ms`);

          table("targets", [["Target"], ["Accounts", true], ["Last run"], ["Result"], ["Next run"], ["Waits for you"]],
            s.targets.map((t) => {
              const run = t.last_run, at = run && (run.finished_at ?? run.started_at);
              const plans = t.holds.map((h) => element("div", {}, `${h.changes} changes, plan `, element("code", {}, h.plan)));
              return [
                [t.name, t.paused ? "paused" : t.quarantine ? "quarantined" : t.ephemeral ? "ephemeral" : ""],
                [t.accounts.active, t.accounts.disabled ? `${t.accounts.disabled} disabled` : ""],
                [moment(at, ago(now, at)), run ? `by ${run.actor}` : ""],
                result(run),
                t.paused ? ["paused", "slack-im resume " + t.name, "warn"] :
                  t.quarantine ? [moment(t.quarantine.next_try, ahead(now, t.quarantine.next_try)), `quarantined: ${t.quarantine.code}`, "bad"] :
                  [moment(t.next_run, ahead(now, t.next_run)), t.schedule],
                plans.length ? [element("div", {}, ...plans), "slack-im sync --approve PLAN", "warn"] : "",
              ];
            }), "No target is configured.");

          const counters = ["received", "posted", "folded", "muted", "filtered", "refused", "waiting"];
          table("sources", [["Source"], ...counters.map((name) => [name, true]), ["open", true]],
            [...s.errors.sources, s.errors.own].filter(Boolean).map((source) => [source.name, ...counters.map((name) => source[name]), source.open_groups]),
            "No error source is configured.");
          table("groups", [["Error"], ["Source"], ["Where"], ["Times", true], ["Last seen"]],
            s.alert_groups.map((g) => [g.what || `#${g.id}`, g.source, g.where ?? "", g.count, moment(g.last_seen, ago(now, g.last_seen))]),
            "No error is open.");
          table("queue", [["State"], ["Queue"], ["Jobs", true], ["Oldest"]],
            s.backlog.map((b) => [b.state === "discarded" ? "given up" : b.state, b.queue, b.count, moment(b.oldest, span(since(now, b.oldest)))]),
            "The queue is empty.");
          replace("program", `${s.program} · ${new Date(now).toLocaleTimeString()}`);
        }

        async function refresh() {
          try {
            const answer = await fetch("/status.json", { signal: AbortSignal.timeout(every * 2) });
            if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
            show(await answer.json());
          } catch (error) {
            replace("state", element("span", { class: "badge bad" }, "no answer; what is shown is old"));
          } finally {
            setTimeout(refresh, every);
          }
        }
        refresh();
        """#
}
