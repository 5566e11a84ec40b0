// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// People, their memberships, the accounts beside them, and errors to raise.
    static let people = #"""
        import { $, act, changed, el, face, humans, isHuman, page, personOf, post, reconcile } from "/playground/dom.js";
        import { detail } from "/playground/slack.js";

        const statusOf = (person) => person.deleted ? "deactivated" : person.is_invited_user ? "invited"
          : !isHuman(person) ? "bot" : person.is_restricted ? "guest" : person.is_email_confirmed ? (person.is_admin ? "admin" : "")
          : "unconfirmed";

        export const drawPeople = () => {
          $("people-count").textContent = String(page.state.people.filter((one) => !one.deleted).length);
          reconcile($("people"), page.state.people.map((one) => ({
            key: one.id, mark: JSON.stringify(one), make: () => {
              const status = statusOf(one);
              const name = one.profile.real_name;
              return el("li", { class: one.deleted ? "off" : "" }, el("button", {
                type: "button", title: [one.id, one.profile.email].filter(Boolean).join(" · "),
                onclick: () => openPerson(one.id), disabled: isHuman(one) ? null : true,
              }, face(one.id, name), el("span", { class: "name" }, name), status ? el("span", { class: "tag" }, status) : null));
            },
          })));
          const choices = humans();
          if (changed("error people", choices.map((one) => [one.id, one.profile.real_name]))) {
            const select = $("error").elements.user;
            const chosen = select.value;
            select.replaceChildren(...choices.map((one) => el("option", { value: one.id }, one.profile.real_name)));
            if (choices.some((one) => one.id === chosen)) select.value = chosen;
          }
          if ($("person").open) drawPerson();
        };

        // --- One person -----------------------------------------------------------------------------------------

        let open = null;
        const openPerson = (id) => {
          open = id;
          drawPerson();
          const form = $("person-form").elements;
          const person = personOf(id);
          form.real_name.value = person.profile.real_name;
          form.email.value = person.profile.email ?? "";
          form.locale.value = person.locale ?? "en-US";
          $("person").showModal();
        };

        const check = (text, isOn, run) => {
          const box = el("input", { type: "checkbox", onchange: () => run(box.checked) });
          box.checked = isOn;
          return el("label", { class: "check" }, box, " ", text);
        };

        const drawPerson = () => {
          const person = personOf(open);
          if (!person) return;
          $("person-title").textContent = person.profile.real_name;
          $("person-info").textContent = [person.id, statusOf(person)].filter(Boolean).join(" · ");
          const id = encodeURIComponent(person.id);
          const change = (body) => act(`people/${id}`, body);
          const button = (name, isOn, [on, off], kind = "") => ({
            key: name, mark: `${person.id} ${isOn}`,
            make: () => el("button", { type: "button", class: kind, onclick: () => change({ [name]: !isOn }) }, isOn ? on : off),
          });
          reconcile($("person-buttons"), [
            button("guest", person.is_restricted, ["Make member", "Make guest"]),
            button("admin", person.is_admin, ["No longer admin", "Make admin"]),
            button("deleted", person.deleted, ["Reactivate", "Deactivate"], "danger"),
          ]);
          const boxes = (list, name, where) => list.map((one) => {
            const isIn = one.members.includes(person.id);
            return {
              key: one.id, mark: JSON.stringify([person.id, name(one), isIn]),
              make: () => check(name(one), isIn, (member) => act("memberships", { person: person.id, member, [where]: one.id })),
            };
          });
          reconcile($("person-channels"), boxes(
            page.state.channels.filter((one) => ["channel", "private_channel"].includes(one.kind)), (one) => "#" + one.name, "channel"));
          reconcile($("person-groups"), boxes(page.state.groups.filter((one) => !one.disabled), (one) => "@" + one.handle, "group"));
        };

        // --- Accounts -------------------------------------------------------------------------------------------

        const plainValue = (value) => Array.isArray(value) ? value.map(plainValue).join(", ")
          : value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
        const account = (system, account, isNew) => {
          const key = String(account[system.key] ?? "");
          const rest = Object.entries(account).filter(([name]) => ![system.key, "active"].includes(name))
            .map(([, value]) => plainValue(value)).join(" · ");
          return {
            key, mark: JSON.stringify(account),
            make: () => el("li", { class: `${account.active === false ? "inactive" : ""} ${isNew ? "new" : ""}` },
              el("button", { type: "button", onclick: () => detail(key, [["Account", account]]) },
                el("span", { class: "key" }, key), el("span", { class: "rest" }, rest),
                account.active === false ? el("span", { class: "tag" }, "disabled") : null)),
          };
        };
        const drawSystem = (system) => {
          const control = (body) => act("accounts", { system: system.name, ...body });
          return el("section", { class: "system", "aria-label": `System ${system.name}` }, el("div", { class: "bar" },
            el("h2", {}),
            el("button", { type: "button", "aria-pressed": String(system.slow), onclick: () => control({ slow: !system.slow }) }, "Slow"),
            el("button", { type: "button", "aria-pressed": String(system.down), onclick: () => control({ down: !system.down }) }, "Down"),
            el("button", { type: "button", class: "danger", onclick: () => control({ wipe: true }) }, "Wipe")),
          system.down ? el("p", { class: "none" }, "The service is down.") : null,
          el("ul", { class: "accounts" }), el("p", { class: "none nobody" }));
        };
        export const drawSystems = () => {
          reconcile($("systems"), page.state.systems.map((system) => ({
            key: system.name, mark: JSON.stringify([system.slow, system.down]), make: () => drawSystem(system),
          })));
          for (const [place, system] of page.state.systems.entries()) {
            const box = $("systems").children[place];
            const list = box.querySelector(".accounts");
            // What a service has when its box is drawn is not news.
            const isNew = box.dataset.drawn === "yes";
            box.dataset.drawn = "yes";
            box.querySelector("h2").textContent = `${system.name} · ${system.accounts.length}`;
            reconcile(list, system.accounts.map((one) => account(system, one, isNew)));
            list.hidden = system.accounts.length === 0;
            const nobody = box.querySelector(".nobody");
            nobody.hidden = system.accounts.length > 0;
            nobody.textContent = nobody.hidden ? "" : "No accounts. Try /im sync.";
          }
        };

        // --- Errors ---------------------------------------------------------------------------------------------

        const errors = [
          { label: "IntegrityError, 500", service: "billing-api", status: 500, code: 1001, level: "error",
            method: "POST", path: "/v1/orders",
            type: "IntegrityError", value: "duplicate key value violates unique constraint \"orders_pkey\"",
            stacktrace: "orders.py:88 in create_order\n  session.commit()\nsession.py:412 in commit\n  self._flush()" },
          { label: "Forbidden, 403", service: "billing-api", status: 403, code: 2003, level: "warning",
            method: "GET", path: "/v1/invoices/77",
            type: "PermissionDenied", value: "role VIEWER may not read invoices", stacktrace: "guard.py:17 in check" },
          { label: "Timeout, 504", service: "report-worker", status: 504, code: 3007, level: "error",
            method: "GET", path: "/v1/reports/monthly",
            type: "TimeoutError", value: "no answer from warehouse within 30 s",
            stacktrace: "warehouse.py:140 in query" },
          { label: "A message with markup", service: "web", status: 500, code: 4000, level: "error",
            method: "POST", path: "/comments",
            type: "ValueError", value: "<!channel> *not bold* <https://evil.example|click> & `code`",
            stacktrace: "comments.py:9 in post" },
        ];

        const raise = async (event) => {
          event.preventDefault();
          const kind = errors[$("error").elements.kind.value];
          const person = personOf($("error").elements.user.value);
          const answer = await post("errors", {
            message: `${kind.type}: ${kind.value}`, level: kind.level, service: kind.service, environment: "playground",
            release: "1.4.2", code: kind.code, status: kind.status, event_id: crypto.randomUUID(),
            exception: { type: kind.type, value: kind.value, stacktrace: kind.stacktrace },
            request: { method: kind.method, path: kind.path, id: crypto.randomUUID().slice(0, 8) },
            user: person ? { id: person.id, name: person.profile.real_name, email: person.profile.email } : undefined,
            occurred_at: new Date().toISOString(),
          });
          $("error-note").textContent = answer.ok ? `Taken: HTTP ${answer.status}.`
            : `Refused: ${answer.error ?? `HTTP ${answer.status} ${answer.answer}`}`;
        };

        export const startPeople = () => {
          errors.forEach((one, index) => $("error").elements.kind.append(el("option", { value: index }, one.label)));
          $("error").addEventListener("submit", raise);
          $("add").addEventListener("submit", async (event) => {
            event.preventDefault();
            const form = event.target;
            const answer = await act("people", {
              real_name: form.elements.real_name.value, email: form.elements.email.value, guest: form.elements.guest.checked,
            });
            if (answer.ok) form.reset();
          });
          $("person-form").addEventListener("submit", async (event) => {
            event.preventDefault();
            const fields = event.target.elements;
            const answer = await act(`people/${encodeURIComponent(open)}`, {
              real_name: fields.real_name.value, email: fields.email.value, locale: fields.locale.value,
            });
            if (answer.ok) $("person").close();
          });
          $("person-close").addEventListener("click", () => $("person").close());
        };
        """#
}
