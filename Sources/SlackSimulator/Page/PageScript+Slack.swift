// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// What Slack does: deliveries, calls, time, faults, the installation.
    static let slack = #"""
        import { $, act, ask, changed, el, page, reconcile, toast } from "/playground/dom.js";
        import { clockTime } from "/playground/text.js";

        // --- Details --------------------------------------------------------------------------------------------

        const pretty = (text) => {
          if (/^[[{]/.test(text)) { try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; } }
          if (!/^[\w.]+=/.test(text)) return text;
          return [...new URLSearchParams(text)].map(([name, value]) => {
            if (name === "payload" && value.startsWith("{")) {
              try { return `payload =\n${JSON.stringify(JSON.parse(value), null, 2)}`; } catch { return value; }
            }
            return `${name} = ${value}`;
          }).join("\n");
        };

        export const detail = (title, parts, buttons = []) => {
          $("detail-title").textContent = title;
          $("detail-body").replaceChildren(...parts.flatMap(([name, value]) => [
            el("h3", {}, name),
            el("pre", { tabindex: "0", role: "region", "aria-label": name }, typeof value === "string" ? value : JSON.stringify(value, null, 2))]));
          $("detail-buttons").replaceChildren(...buttons);
          $("detail").showModal();
        };

        const fetchJSON = async (path) => {
          try {
            const response = await fetch(`/playground/${path}`);
            return response.ok ? await response.json() : null;
          } catch { return null; }
        };

        const replay = (number, body) => async () => {
          const answer = await act(`deliveries/${number}`, body);
          if (answer.status) toast(`The app answered HTTP ${answer.status}.`);
        };

        const deliveryDetail = async (number) => {
          const one = await fetchJSON(`deliveries/${number}`);
          if (!one) { toast("That delivery is no longer kept."); return; }
          const button = (text, body, kind = "") => el("button", { type: "button", class: kind, onclick: replay(number, body) }, text);
          detail(one.title, [
            [`POST ${one.url}`, one.headers.map(([name, value]) => `${name}: ${value}`).join("\n")],
            ["Body", pretty(one.body)],
            [`Answer: ${one.status ?? one.reason ?? "none yet"}${one.milliseconds === null ? "" : `, ${one.milliseconds} ms`}`,
              pretty(one.answer) || "(empty)"],
          ], [button("Send again", {}, "primary"), button("…with a wrong signature", { wrong_secret: true }),
            button("…signed 10 min ago", { skew: -600 })]);
        };

        const callDetail = async (number) => {
          const one = await fetchJSON(`calls/${number}`);
          if (!one) { toast("That call is no longer kept."); return; }
          detail(one.method, [["Arguments", one.arguments], [`Answer: HTTP ${one.status}, ${one.milliseconds} ms`, one.answer]]);
        };

        // --- Lists ----------------------------------------------------------------------------------------------

        const words = { http_timeout: "timeout", connection_failed: "refused", too_many_redirects: "redirects", ssl_error: "TLS" };
        const row = (cells, run, label) => el("tr", {
          tabindex: "0", onclick: run, "aria-label": label,
          onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); run(); } },
        }, cells);
        const nothing = (columns, text) => [{ key: "none", mark: text, make: () => el("tr", {}, el("td", { colspan: columns, class: "none" }, text)) }];

        export const drawDeliveries = () => {
          const list = page.state.deliveries.slice().reverse();
          reconcile($("deliveries"), list.length ? list.map((one) => ({
            key: String(one.number), mark: JSON.stringify(one), make: () => {
              const kind = one.outcome === "acknowledged" ? "ok" : one.outcome === "failed" ? "no" : "wait";
              const status = one.outcome === "pending" ? "…" : one.status ?? words[one.reason] ?? one.reason;
              const attempt = one.retry_at ? el("span", { class: "wait", title: "Will be sent again" }, `↻ ${clockTime(one.retry_at)}`)
                : one.attempt ? `retry ${one.attempt}` : "first";
              return row([el("td", {}, String(one.number)), el("td", { title: one.title }, one.title), el("td", {}, attempt),
                el("td", { class: kind, title: one.reason }, String(status)),
                el("td", { class: "n" }, one.milliseconds === null ? "" : String(one.milliseconds))], () => deliveryDetail(one.number));
            },
          })) : nothing(5, "None yet."));
        };

        export const drawCalls = () => {
          const list = page.state.calls.slice().reverse();
          reconcile($("calls"), list.length ? list.map((one) => ({
            key: String(one.number), mark: "", make: () => row([el("td", {}, String(one.number)),
              el("td", { title: one.method }, one.method),
              el("td", { class: one.ok ? "ok" : "no" }, one.ok ? "ok" : one.error ?? (one.status === 0 ? "reset" : String(one.status))),
              el("td", { class: "n" }, String(one.milliseconds))], () => callDetail(one.number)),
          })) : nothing(4, "None yet."));
        };

        // --- Time and faults ------------------------------------------------------------------------------------

        const drawClock = () => {
          const { ahead, now } = page.state;
          $("clock-now").textContent = ahead > 1 ? `${clockTime(now)} (+${ahead >= 7200 ? `${Math.round(ahead / 3600)} h`
            : `${Math.round(ahead / 60)} min`})` : clockTime(now);
          const waiting = page.state.deliveries.map((one) => one.retry_at).filter(Boolean).sort((a, b) => a - b)[0];
          const next = $("clock-next");
          next.hidden = !waiting;
          if (waiting) next.textContent = `To the retry at ${clockTime(waiting)}`;
          next.dataset.seconds = waiting ? String(Math.max(1, Math.ceil((waiting - now) / 1000))) : "";
        };

        const drawFaults = () => {
          const state = page.state;
          if (changed("methods", state.app.methods)) {
            $("fault").elements.method.replaceChildren(...state.app.methods.map((one) => el("option", {}, one)));
            $("fault").elements.method.value = "chat.postMessage";
          }
          reconcile($("faults"), state.faults.map((one) => ({
            key: one.method, mark: JSON.stringify(one), make: () => el("li", {}, el("span", {}, el("b", {}, one.method), " ",
              one.words, one.remaining === null ? "" : `, ${one.remaining} more`),
            el("button", { type: "button", "aria-label": `End the fault of ${one.method}`,
              onclick: () => act("faults", { method: one.method, kind: "none" }) }, "End")),
          })));
          for (const box of document.querySelectorAll("[data-liberty]")) box.checked = state.liberties[box.dataset.liberty];
        };

        const drawApp = () => {
          const { app } = page.state;
          const banner = !app.installed ? `${app.name} is not installed in this workspace.`
            : app.events_disabled ? `Slack has disabled the event subscriptions: ${app.failed_attempts} of ${app.attempts} attempts failed within an hour.`
            : "";
          $("banner").hidden = !banner;
          $("banner-text").textContent = banner;
          $("banner-button").textContent = app.installed ? "Enable again" : "Install";
          if (!changed("app", [app.name, app.urls, app.scopes, app.events, app.installed])) return;
          $("app-facts").replaceChildren(...[["Commands", app.urls.commands], ["Events", app.urls.events],
            ["Interactivity", app.urls.interactions]].flatMap(([name, url]) => [el("dt", {}, name), el("dd", {}, url ?? "none")]));
          $("app-scopes").replaceChildren(...app.scopes.map((scope) => el("li", {}, scope, el("button", {
            type: "button", "aria-label": `Take ${scope} away`, title: "Take away",
            onclick: () => act("app", { scope, granted: false }),
          }, "×"))));
          $("app-install").textContent = app.installed ? "Uninstall" : "Install";
        };

        export const drawSlack = () => { drawDeliveries(); drawCalls(); drawClock(); drawFaults(); drawApp(); };

        export const startSlack = () => {
          for (const button of document.querySelectorAll("[data-advance]")) {
            button.addEventListener("click", () => act("clock", { seconds: Number(button.dataset.advance) }));
          }
          $("clock-next").addEventListener("click", (event) => act("clock", { seconds: Number(event.target.dataset.seconds) }));
          const fields = $("fault").elements;
          const show = () => {
            for (const label of $("fault").querySelectorAll("[data-for]")) label.hidden = !label.dataset.for.split(" ").includes(fields.kind.value);
          };
          fields.kind.addEventListener("change", show);
          show();
          $("fault").addEventListener("submit", (event) => {
            event.preventDefault();
            act("faults", {
              method: fields.method.value, kind: fields.kind.value, seconds: Number(fields.seconds.value),
              error: fields.error.value, status: Number(fields.status.value), calls: Number(fields.calls.value),
            });
          });
          for (const box of document.querySelectorAll("[data-liberty]")) {
            box.addEventListener("change", () => act("liberties", { [box.dataset.liberty]: box.checked }));
          }
          $("banner-button").addEventListener("click", () =>
            page.state.app.installed ? act("liberties", { enable: true }) : act("app", { installed: true }));
          $("app-install").addEventListener("click", async () => {
            const { installed, name } = page.state.app;
            if (installed && !(await ask(`Uninstall ${name}?`, "Its token stops working, as in Slack.", "Uninstall", "Cancel", true))) return;
            act("app", { installed: !installed });
          });
          $("app-verify").addEventListener("click", async () => {
            const answer = await act("app", { verify: true });
            if (answer.ok) toast("The app answered the challenge.");
          });
          $("app-grant").addEventListener("submit", (event) => {
            event.preventDefault();
            const scope = event.target.elements.scope.value.trim();
            if (scope) act("app", { scope, granted: true });
            event.target.reset();
          });
        };
        """#
}
