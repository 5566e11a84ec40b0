// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// What every other module builds on: nodes, the shared state, requests, announcements.
    static let dom = #"""
        export const $ = (id) => document.getElementById(id);

        /** An element with attributes, listeners (`onclick`) and children; nothing is ever parsed as HTML. */
        export const el = (tag, attributes = {}, ...children) => {
          const node = document.createElement(tag);
          for (const [key, value] of Object.entries(attributes)) {
            if (key === "class") node.className = value;
            else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
            else if (![undefined, null, false].includes(value)) node.setAttribute(key, value === true ? "" : value);
          }
          node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
          return node;
        };

        /** What the page knows and where its visitor is. */
        export const page = { state: null, me: null, channel: null, place: "chat", thread: null, redraw: () => {} };

        /** Draws only what has changed, so that nobody's half-made choice is lost. */
        const drawn = new Map();
        export const changed = (name, data) => {
          const text = JSON.stringify(data);
          if (drawn.get(name) === text) return false;
          drawn.set(name, text);
          return true;
        };

        const focusable = "button, input, select, textarea, summary, a[href], [tabindex]";
        /** The focus goes from a node to the same place of the one that replaces it. */
        const handOver = (node, fresh) => {
          const place = node.contains(document.activeElement)
            ? [node, ...node.querySelectorAll(focusable)].indexOf(document.activeElement) : -1;
          return () => {
            const heir = place < 0 ? null : [fresh, ...fresh.querySelectorAll(focusable)][place];
            heir?.focus({ preventScroll: true });
          };
        };

        /**
         * Brings a list of nodes in line with its items, keeping every node whose item is as it was.
         * @param {{key: string, mark: string, make: () => Element}[]} items
         */
        export const reconcile = (parent, items) => {
          const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
          // What goes, goes first: nothing is moved around it, for what is moved loses the focus.
          const wanted = new Set(items.map((item) => item.key));
          for (const [key, node] of known) if (!wanted.has(key)) node.remove();
          let place = parent.firstElementChild;
          for (const item of items) {
            let node = known.get(item.key);
            if (!node || node.dataset.mark !== item.mark) {
              const fresh = item.make();
              fresh.dataset.key = item.key;
              fresh.dataset.mark = item.mark;
              if (node) {
                const focus = handOver(node, fresh);
                node.replaceWith(fresh);
                focus();
                if (node === place) place = fresh;
              }
              node = fresh;
            }
            known.delete(item.key);
            if (node !== place) parent.insertBefore(node, place);
            else place = place.nextElementSibling;
          }
        };

        export const post = async (path, body) => {
          try {
            const response = await fetch(`/playground/${path}`, {
              method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
            });
            return await response.json();
          } catch { return { ok: false, error: "the playground cannot be reached" }; }
        };

        let toastTimer;
        export const toast = (text) => {
          $("toast").textContent = text;
          $("toast").hidden = false;
          clearTimeout(toastTimer);
          toastTimer = setTimeout(() => { $("toast").hidden = true; }, 5000);
        };

        /** Posts, and says when it was refused. */
        export const act = async (path, body) => {
          const answer = await post(path, body);
          if (!answer.ok) toast(answer.error ?? "That did not work.");
          return answer;
        };

        /** What decides about every message and Home: names, groups and who looks. */
        const surroundings = { state: null, hash: 0 };
        export const around = () => {
          if (surroundings.state !== page.state || surroundings.me !== page.me) {
            const text = JSON.stringify([page.me, page.state.people.map((one) => [one.id, one.profile.display_name, one.profile.real_name]),
              page.state.channels.map((one) => one.name), page.state.groups.map((one) => one.handle), page.state.app.shortcuts]);
            let hash = 0;
            for (let place = 0; place < text.length; place += 1) hash = (hash * 31 + text.charCodeAt(place)) | 0;
            Object.assign(surroundings, { state: page.state, me: page.me, hash });
          }
          return surroundings.hash;
        };

        export const personOf = (id) => page.state.people.find((one) => one.id === id);
        export const nameOf = (id) => {
          const person = personOf(id);
          return person ? person.profile.display_name || person.profile.real_name : id;
        };
        export const channelOf = (id) => page.state.channels.find((one) => one.id === id);
        export const isHuman = (person) => !person.is_bot && person.id !== "USLACKBOT";
        export const humans = () => page.state.people.filter((one) => isHuman(one) && !one.deleted && !one.is_invited_user);

        const colours = ["#8e4fa3", "#2f7d6b", "#b5562b", "#3766a8", "#a33a5d", "#5f7a22", "#6a5acd", "#8a6206"];
        export const face = (id, name) => {
          let sum = 0;
          for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
          const node = el("span", { class: "face", "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? "?");
          node.style.background = colours[sum % colours.length];
          return node;
        };

        /** A dialog that asks; resolves to whether it was confirmed. */
        export const ask = (title, body, yes = "Yes", no = "Cancel", isDanger = false) => new Promise((done) => {
          const dialog = $("ask");
          dialog.replaceChildren(
            el("h2", { id: "ask-title" }, title), el("div", {}, body),
            el("form", { method: "dialog", class: "end" }, el("button", { value: "no" }, no),
              el("button", { value: "yes", class: isDanger ? "danger solid" : "primary" }, yes)),
          );
          dialog.returnValue = "no";
          dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
          dialog.showModal();
        });

        /** A small menu that opens at its button and closes by itself. */
        export const menu = (label, sign, entries) => {
          const box = el("details", { class: "menu" }, el("summary", { "aria-label": label, title: label }, sign));
          const close = () => { box.open = false; };
          box.append(el("div", { class: "menu-list" }, entries.map(([text, run, kind]) =>
            el("button", { type: "button", class: kind ?? "", onclick: () => { close(); run(); } }, text))));
          box.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && box.open) { close(); box.firstElementChild.focus(); event.stopPropagation(); }
          });
          // Near the end of what scrolls, it opens upwards.
          box.addEventListener("toggle", () => {
            const list = box.lastElementChild;
            const around = box.closest(".messages, .home-blocks, .modal-body")?.getBoundingClientRect();
            list.classList.remove("up");
            if (box.open && around && list.getBoundingClientRect().bottom > around.bottom) list.classList.add("up");
          });
          box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) close(); });
          return box;
        };

        /** Tabs by the pattern of the ARIA guide: arrows move, the chosen one is in the tab order. */
        export const tabs = (list, onchange = () => {}) => {
          const all = [...list.querySelectorAll("[role=tab]")];
          const choose = (tab, focus = false) => {
            for (const one of all) {
              const isChosen = one === tab;
              one.setAttribute("aria-selected", String(isChosen));
              one.tabIndex = isChosen ? 0 : -1;
              const panel = $(one.getAttribute("aria-controls"));
              if (panel) panel.hidden = !isChosen;
            }
            if (focus) tab.focus();
            onchange(tab);
          };
          list.addEventListener("click", (event) => {
            const tab = event.target.closest("[role=tab]");
            if (tab) choose(tab);
          });
          list.addEventListener("keydown", (event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (!step) return;
            const shown = all.filter((one) => !one.hidden);
            const place = shown.indexOf(document.activeElement);
            if (place >= 0) choose(shown[(place + step + shown.length) % shown.length], true);
            event.preventDefault();
          });
          return (id) => { const tab = all.find((one) => one.id === id); if (tab) choose(tab); };
        };
        """#
}
