// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// App Home and modals.
    static let views = #"""
        import { $, act, around, el, page, post, reconcile, toast } from "/playground/dom.js";
        import { drawBlock, drawBlocks } from "/playground/blocks.js";
        import { forget, surfaceOf } from "/playground/elements.js";
        import { plain } from "/playground/text.js";
        import { goTo } from "/playground/chat.js";

        // --- App Home -------------------------------------------------------------------------------------------

        export const openHome = () => {
          page.place = "home";
          page.thread = null;
          $("thread").hidden = true;
          document.body.dataset.pane = "chat";
          page.redraw();
          return act("homes", { person: page.me, tab: "home" });
        };

        const openMessages = async () => {
          await act("homes", { person: page.me, tab: "messages" });
          const find = () => page.state.channels.find((one) => one.kind === "im" && one.members.includes(page.me));
          for (let wait = 0; wait < 20 && !find(); wait += 1) await new Promise((done) => setTimeout(done, 50));
          const found = find();
          if (found) goTo(found.id);
        };

        export const drawHome = (force = false) => {
          $("home").hidden = page.place !== "home";
          if (page.place !== "home") return;
          const view = page.state.homes[page.me];
          const surface = surfaceOf(`home ${page.me}`, { home: true });
          const empty = page.state.app.home_tab
            ? `${page.state.app.name} has not published a Home for you yet (views.publish).`
            : `${page.state.app.name}'s manifest has no Home tab.`;
          if (force) for (const node of $("home-blocks").children) node.dataset.mark = "";
          reconcile($("home-blocks"), view
            ? (view.blocks ?? []).map((block) => ({
              key: block.block_id, mark: JSON.stringify([around(), block]), make: () => drawBlock(block, surface),
            }))
            : [{ key: "", mark: empty, make: () => el("p", { class: "empty" }, empty) }]);
        };

        export const startHome = () => {
          $("home-button").addEventListener("click", openHome);
          $("home-messages").addEventListener("click", openMessages);
        };

        // --- Modals ---------------------------------------------------------------------------------------------

        let shown = null;
        let complaints = {};

        const close = async () => {
          const view = shown;
          if (view) await act("closings", { view: view.id, person: page.me });
        };

        const submit = async () => {
          const view = shown;
          const surface = surfaceOf(`modal ${view.id}`, { view: view.id });
          const button = $("modal-submit");
          button.disabled = true;
          const answer = await post("submissions", { view: view.id, person: page.me, values: surface.values });
          button.disabled = false;
          if (answer.ok) { complaints = {}; return; }
          complaints = answer.errors ?? {};
          if (!answer.errors) toast(`We had some trouble connecting. Try again? (${answer.error})`);
          drawModal(true);
          $("modal").querySelector("[aria-invalid]")?.focus();
        };

        export const drawModal = (force = false) => {
          const dialog = $("modal");
          const stack = page.state.modals[page.me] ?? [];
          const view = stack.at(-1) ?? null;
          if (!force && view?.id === shown?.id && view?.hash === shown?.hash) return;
          if (view?.hash !== shown?.hash || view?.id !== shown?.id) complaints = {};
          if (shown && shown.id !== view?.id && !stack.some((one) => one.id === shown.id)) forget(`modal ${shown.id}`);
          shown = view;
          if (!view) { if (dialog.open) dialog.close(); return; }
          const surface = surfaceOf(`modal ${view.id}`, { view: view.id });
          dialog.replaceChildren(el("form", {
            class: "modal", novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(); },
          },
          el("header", {}, stack.length > 1 ? el("span", { class: "crumb" }, `${stack.length} of 3 `) : null,
            el("h2", { id: "modal-title" }, plain(view.title)),
            el("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close }, "×")),
          el("div", { class: "modal-body" }, drawBlocks(view.blocks ?? [], surface, [], complaints)),
          el("footer", { class: "end" },
            el("button", { type: "button", onclick: close }, plain(view.close) || (stack.length > 1 ? "Back" : "Cancel")),
            el("button", { class: "primary", id: "modal-submit", hidden: view.submit ? null : true }, plain(view.submit) || "Submit"))));
          if (!dialog.open) dialog.showModal();
          if (!force) (dialog.querySelector(".modal-body :is(input, select, textarea, button)") ?? $("modal-submit")).focus();
        };

        export const startModals = () => {
          $("modal").addEventListener("cancel", (event) => { event.preventDefault(); close(); });
        };
        """#
}
