// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// Puts the parts together and keeps them in step with the workspace.
    static let page = #"""
        import { $, page, tabs } from "/playground/dom.js";
        import { drawChannels, drawChat, drawHints, drawMe, startChat } from "/playground/chat.js";
        import { drawHome, drawModal, startHome, startModals } from "/playground/views.js";
        import { drawPeople, drawSystems, startPeople } from "/playground/people.js";
        import { drawSlack, startSlack } from "/playground/slack.js";

        /**
         * While something is being pressed, nothing is drawn: a press that begins on one node and ends on its successor would
         * be no click at all.
         */
        let isPressed = false;
        const release = () => {
          if (!isPressed) return;
          // After the click that this may be the end of.
          setTimeout(() => { isPressed = false; draw(); });
        };
        document.addEventListener("pointerdown", (event) => {
          isPressed = event.button === 0 && event.target.closest("button, summary, a, label, tr[tabindex]") !== null;
        }, true);
        for (const end of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(end, release, true);
        addEventListener("blur", release);

        const draw = () => {
          const { state } = page;
          if (!state || isPressed) return;
          document.title = `${state.app.name} · playground`;
          $("workspace").textContent = state.app.connected ? `with ${state.app.name}` : "no app connected";
          $("home-name").textContent = state.app.name;
          drawMe();
          drawChannels();
          drawChat();
          drawHints();
          drawHome();
          drawModal();
          drawPeople();
          drawSystems();
          drawSlack();
          $("tab-accounts").hidden = state.systems.length === 0;
          $("tab-errors").hidden = !state.app.takes_errors;
        };
        // A surface is redrawn as the app last sent it when a choice in it was taken back.
        page.redraw = (surface) => {
          if (surface?.startsWith("modal")) drawModal(true);
          else if (surface?.startsWith("home")) drawHome(true);
          else {
            if (surface) for (const node of $("messages").children) node.dataset.mark = "";
            draw();
          }
        };

        for (const button of document.querySelectorAll(".panes button")) {
          button.addEventListener("click", () => { document.body.dataset.pane = button.dataset.to; });
        }
        const markPane = () => {
          for (const button of document.querySelectorAll(".panes button")) {
            button.setAttribute("aria-current", button.dataset.to === document.body.dataset.pane ? "page" : "false");
          }
        };
        new MutationObserver(markPane).observe(document.body, { attributes: true, attributeFilter: ["data-pane"] });
        markPane();

        const chooseTool = tabs($("tool-tabs"));
        tabs($("log-tabs"));
        for (const dialog of document.querySelectorAll("dialog.closes")) {
          dialog.querySelector(".close").addEventListener("click", () => dialog.close());
        }
        startChat();
        startHome();
        startModals();
        startPeople();
        startSlack();

        // --- Live -----------------------------------------------------------------------------------------------

        let isFirst = true;
        let wanted = false;
        let busy = false;
        const refresh = async () => {
          wanted = true;
          if (busy) return;
          busy = true;
          while (wanted) {
            wanted = false;
            try {
              page.state = await (await fetch("/playground/state")).json();
            } catch { break; }
            if (isFirst) {
              isFirst = false;
              page.channel = page.state.channels[0]?.id ?? null;
              chooseTool(page.state.systems.length ? "tab-accounts" : "tab-people");
            }
            draw();
            await new Promise((done) => setTimeout(done, 60));
          }
          busy = false;
        };
        const live = (on) => {
          $("live").classList.toggle("on", on);
          $("live").lastElementChild.textContent = on ? "live" : "reconnecting";
        };
        const source = new EventSource("/playground/events");
        source.onopen = () => { live(true); refresh(); };
        source.onmessage = refresh;
        source.onerror = () => live(false);
        // Dates such as "3 min ago" and the time of the workspace go on by themselves.
        setInterval(() => { if (!document.hidden) refresh(); }, 20_000);
        """#
}
