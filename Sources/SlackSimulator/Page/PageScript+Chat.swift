// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// Channels, messages, threads, and the box to write in.
    static let chat = #"""
        import { $, act, around, ask, channelOf, el, face, humans, menu, nameOf, page, post, reconcile, toast } from "/playground/dom.js";
        import { drawBlocks, problemList } from "/playground/blocks.js";
        import { surfaceOf } from "/playground/elements.js";
        import { emoji } from "/playground/emoji.js";
        import { clockTime, mrkdwn } from "/playground/text.js";

        const isReply = (one) => one.thread_ts && one.thread_ts !== one.ts;
        const isSeen = (one) => !one.visible_to || one.visible_to === page.me;
        const isMine = (one) => one.user === page.me && !one.by_app;

        // --- What is unread -------------------------------------------------------------------------------------

        /** The newest time stamp each person has seen of each conversation. */
        const seen = new Map();
        const seenKey = (channel) => `${page.me}/${channel}`;
        const unread = (channel) => {
          const key = seenKey(channel);
          const messages = page.state.messages.filter((one) => one.channel === channel && isSeen(one) && !isMine(one) && !isReply(one));
          if (!seen.has(key)) seen.set(key, messages.at(-1)?.ts ?? "0");
          return messages.filter((one) => one.ts > seen.get(key)).length;
        };
        const markRead = (channel) => {
          const last = page.state.messages.filter((one) => one.channel === channel && isSeen(one)).at(-1);
          seen.set(seenKey(channel), last?.ts ?? "0");
        };

        // --- The list of channels -------------------------------------------------------------------------------

        export const goTo = (channel) => {
          page.channel = channel;
          page.place = "chat";
          closeThread();
          page.redraw();
        };

        export const drawChannels = () => {
          const isDirect = (one) => one.kind === "im" || one.kind === "mpim";
          const mine = page.state.channels.filter((one) => !one.archived && (one.kind === "channel" || one.members.includes(page.me)));
          const entry = (one) => {
            const isHere = page.place === "chat" && one.id === page.channel;
            const count = isHere ? 0 : unread(one.id);
            const name = one.kind === "im" ? page.state.app.name : one.name;
            return {
              key: one.id, mark: JSON.stringify([one, isHere, count, page.state.app.name]),
              make: () => el("li", {}, el("button", {
                type: "button", class: count ? "unread" : "", "aria-current": isHere ? "page" : null,
                onclick: () => { goTo(one.id); document.body.dataset.pane = "chat"; },
              }, el("span", { "aria-hidden": "true" }, { im: "@", mpim: "@", private_channel: "🔒" }[one.kind] ?? "#"),
              el("span", { class: "name" }, name),
              count ? el("span", { class: "badge" }, String(count), el("span", { class: "sr" }, " unread")) : null)),
            };
          };
          reconcile($("channels"), mine.filter((one) => !isDirect(one)).map(entry));
          reconcile($("directs"), mine.filter(isDirect).map(entry));
          $("home-button").setAttribute("aria-current", page.place === "home" ? "page" : "false");
        };

        // --- Messages -------------------------------------------------------------------------------------------

        const quick = ["white_check_mark", "eyes", "tada", "+1"];
        const toggle = (message, name) => {
          const mine = (message.reactions ?? []).find((one) => one.name === name)?.users.includes(page.me);
          return act("reactions", { name, ts: message.ts, channel: message.channel, person: page.me, remove: Boolean(mine) });
        };
        const reactions = (message) => (message.reactions ?? []).length === 0 ? null : el("div", { class: "reactions" },
          message.reactions.map((one) => el("button", {
            type: "button", "aria-pressed": String(one.users.includes(page.me)), title: one.users.map(nameOf).join(", "),
            onclick: () => toggle(message, one.name),
          }, `${emoji[one.name] ?? `:${one.name}:`} ${one.count}`)));

        const tools = (message, inThread) => {
          if (message.visible_to) return null;
          const entries = quick.map((name) => [`React ${emoji[name]}`, () => toggle(message, name)]);
          if (!inThread) entries.push(["Reply in thread", () => openThread(message.thread_ts ?? message.ts)]);
          for (const shortcut of page.state.app.shortcuts.filter((one) => !one.global)) {
            entries.push([`⚡ ${shortcut.name}`, () => act("shortcuts", {
              callback_id: shortcut.callback_id, person: page.me, ts: message.ts, channel: message.channel,
            })]);
          }
          if (isMine(message)) {
            entries.push(["Edit", async () => {
              const input = el("textarea", { rows: 3, "aria-label": "New text" });
              input.value = message.text;
              if (await ask("Edit the message", input, "Save")) {
                act("messages", { ts: message.ts, channel: message.channel, person: page.me, text: input.value });
              }
            }], ["Delete", () => act("messages", {
              ts: message.ts, channel: message.channel, person: page.me, delete: true,
            }), "danger"]);
          }
          return menu("Message actions", "⋯", entries);
        };

        const colour = (text) => /^#?[0-9a-f]{3,8}$/i.test(text ?? "") ? (text.startsWith("#") ? text : "#" + text)
          : { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" }[text] ?? null;
        const attachment = (item, surface) => {
          const box = el("div", { class: "attachment" });
          if (colour(item.color)) box.style.borderColor = colour(item.color);
          if (item.pretext) box.append(mrkdwn(item.pretext));
          if (item.title) box.append(el("b", {}, item.title));
          if (item.blocks) box.append(...drawBlocks(item.blocks, surface));
          else if (item.text || item.fallback) box.append(mrkdwn(item.text ?? item.fallback));
          if (item.fields) {
            box.append(el("div", { class: "fields" }, item.fields.map((one) => el("div", {}, el("b", {}, one.title ?? ""), mrkdwn(one.value)))));
          }
          if (item.footer) box.append(el("small", {}, item.footer));
          return box;
        };

        const threadInfo = (message, inThread) => {
          if (inThread) return null;
          const replies = page.state.messages.filter((one) => one.channel === message.channel && one.thread_ts === message.ts
            && isReply(one) && isSeen(one));
          if (!replies.length) return null;
          const when = clockTime(Number(replies.at(-1).ts) * 1000);
          return el("button", { type: "button", class: "thread-link", onclick: () => openThread(message.ts) },
            `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`, el("small", {}, ` last at ${when}`));
        };

        const drawMessage = (message, inThread) => {
          const name = message.username ?? (message.by_app ? page.state.app.name : nameOf(message.user));
          const stamp = Number(message.ts) * 1000;
          const surface = surfaceOf(`message ${message.channel} ${message.ts}`, { ts: message.ts, channel: message.channel });
          const content = el("div", { class: "content" }, el("div", { class: "by" }, el("b", {}, name),
            message.by_app ? el("span", { class: "app-tag" }, "APP") : null,
            el("time", { datetime: new Date(stamp).toISOString(), title: message.ts }, clockTime(stamp)),
            message.edited ? el("small", {}, "(edited)") : null));
          if (message.visible_to) content.append(el("div", { class: "only" }, "👁 Only visible to you"));
          if (message.broadcast && !inThread) content.append(el("div", { class: "only" }, "replied to a thread"));
          if (message.blocks) content.append(...drawBlocks(message.blocks, surface));
          else if (message.text) content.append(mrkdwn(message.text));
          content.append(...(message.attachments ?? []).map((item) => attachment(item, surface)));
          if (message.by_app && message.blocks && !message.text) {
            content.append(el("p", { class: "advice" }, "No text beside the blocks: notifications and screen readers get nothing."));
          }
          content.append(...[reactions(message), threadInfo(message, inThread)].filter(Boolean));
          return el("article", { class: ["message", message.visible_to ? "private" : ""].join(" "), "aria-label": `${name}` },
            face(message.user, name), content, tools(message, inThread));
        };

        const drawRefusal = (one) => el("article", { class: "message refused", "aria-label": "Refused message" },
          face("!", "!"), el("div", { class: "content" },
            el("div", { class: "by" }, el("b", {}, page.state.app.name), el("span", { class: "app-tag" }, "REFUSED"),
              el("small", {}, `${one.source}: ${one.error}`)),
            el("p", { class: "advice" }, "Slack shows nobody this. It is here with what is wrong about it:"),
            problemList(one.problems),
            el("div", { class: "draft", tabindex: "0", role: "group", "aria-label": "What was refused" },
              one.blocks.length ? el("div", { inert: true }, drawBlocks(one.blocks, surfaceOf(`refused ${one.ts}`, {}), one.problems))
                : mrkdwn(one.text.slice(0, 400)))));

        const items = (messages, refusals, inThread) => {
          const common = around();
          const replies = new Map();
          for (const one of page.state.messages) {
            if (isReply(one) && isSeen(one)) replies.set(one.channel + one.thread_ts, [...(replies.get(one.channel + one.thread_ts) ?? []), one.ts]);
          }
          return [
            ...messages.map((one) => ({
              key: one.ts, mark: JSON.stringify([common, one, inThread ? 0 : replies.get(one.channel + one.ts)]),
              make: () => drawMessage(one, inThread),
            })),
            ...refusals.map((one) => ({ key: "refused " + one.ts, mark: "", ts: one.ts, make: () => drawRefusal(one) })),
          ].sort((a, b) => ((a.ts ?? a.key) < (b.ts ?? b.key) ? -1 : 1));
        };

        const fill = (box, list, empty, place) => {
          const isElsewhere = box.dataset.place !== place;
          const isAtEnd = isElsewhere || box.scrollHeight - box.scrollTop - box.clientHeight < 140;
          box.dataset.place = place;
          const before = box.childElementCount;
          reconcile(box, list.length ? list : [{ key: "empty", mark: empty, make: () => el("p", { class: "empty" }, empty) }]);
          if (isAtEnd && (isElsewhere || box.childElementCount !== before || box.scrollTop > 0)) box.scrollTop = box.scrollHeight;
        };

        export const drawChat = () => {
          const found = channelOf(page.channel) ?? page.state.channels[0];
          if (!found) return;
          page.channel = found.id;
          const name = found.kind === "im" ? page.state.app.name : `#${found.name}`;
          $("channel-name").textContent = page.place === "home" ? page.state.app.name : name;
          const isIn = found.members.includes(page.state.app.bot_user_id);
          $("channel-info").textContent = page.place === "home" ? "App Home" : found.kind === "im" ? "direct message"
            : `${found.members.length} members${isIn ? "" : ` · ${page.state.app.name} is not in here`}`;
          $("chat").hidden = page.place === "home";
          if (page.place === "home") return;
          const visible = page.state.messages.filter((one) => one.channel === found.id && isSeen(one) && (!isReply(one) || one.broadcast));
          const refused = page.state.refusals.filter((one) => one.channel === found.id);
          fill($("messages"), items(visible, refused, false), "Nothing here yet.", found.id + page.me);
          if (!document.hidden) markRead(found.id);
          $("line").setAttribute("aria-label", `Message ${name}, or a command`);
          drawThread();
        };

        // --- Threads --------------------------------------------------------------------------------------------

        export const openThread = (ts) => { page.thread = ts; drawThread(); $("reply").focus(); };
        export const closeThread = () => { page.thread = null; $("thread").hidden = true; };
        const drawThread = () => {
          const parent = page.thread && page.state.messages.find((one) => one.ts === page.thread && one.channel === page.channel);
          $("thread").hidden = !parent;
          if (!parent) return;
          const replies = page.state.messages.filter((one) => one.channel === page.channel && one.thread_ts === parent.ts && isReply(one) && isSeen(one));
          fill($("thread-messages"), items([parent, ...replies], [], true), "", parent.ts + page.me);
        };

        // --- Writing --------------------------------------------------------------------------------------------

        const history = [];
        let recalled = 0;
        let draft = "";

        const send = async (text) => {
          if (!text.trim()) return;
          if (history.at(-1) !== text) history.push(text);
          recalled = history.length;
          const answer = await post("lines", { text, person: page.me, channel: page.channel });
          if (!answer.ok && !text.startsWith("/")) toast(answer.error);
        };

        /** What may follow in the box: commands by their names, then by what their usage hints say. */
        const completions = (text) => {
          if (!text.startsWith("/")) return [];
          const found = [];
          for (const one of page.state.app.commands) {
            if (one.command.startsWith(text)) found.push([one.command + " ", one.command, one.description]);
            if (!text.startsWith(one.command)) continue;
            for (const hint of one.usage_hint.split("|").map((part) => part.trim()).filter(Boolean)) {
              const word = `${one.command} ${hint.replace(/[[<].*/, "").trim()}`;
              if (word.startsWith(text) && word.length > one.command.length + 1) {
                found.push([word + (/[[<]/.test(hint) ? " " : ""), `${one.command} ${hint}`, ""]);
              }
            }
          }
          return found.filter(([line]) => line.trimEnd() !== text.trimEnd()).slice(0, 12);
        };

        let options = [];
        let chosen = -1;
        const drawCompletions = () => {
          const box = $("completions");
          const input = $("line");
          box.hidden = options.length === 0;
          $("completion-count").textContent = options.length ? `${options.length} completions, arrow keys choose` : "";
          box.replaceChildren(...options.map(([line, shown, about], place) => el("li", {
            role: "option", id: `completion-${place}`, "aria-selected": String(place === chosen),
            onmousedown: (event) => { event.preventDefault(); take(line); },
          }, el("b", {}, shown), about ? el("span", {}, about) : null)));
          if (chosen >= 0) input.setAttribute("aria-activedescendant", `completion-${chosen}`);
          else input.removeAttribute("aria-activedescendant");
        };
        const offer = () => { options = completions($("line").value); chosen = -1; drawCompletions(); };
        const take = (line) => { $("line").value = line; grow($("line")); offer(); $("line").focus(); };
        const grow = (input) => { input.style.height = "auto"; input.style.height = `${Math.min(input.scrollHeight + 2, 180)}px`; };

        const recall = (step) => {
          if (recalled === history.length) draft = $("line").value;
          recalled = Math.max(0, Math.min(history.length, recalled + step));
          $("line").value = recalled === history.length ? draft : history[recalled];
          grow($("line"));
          options = [];
          drawCompletions();
        };

        const keys = (event) => {
          const input = event.target;
          if (event.isComposing) return;
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (options.length && step) {
            chosen = (chosen + step + options.length + (chosen < 0 && step < 0 ? 1 : 0)) % options.length;
            drawCompletions();
            event.preventDefault();
          } else if (options.length && (event.key === "Tab" || (event.key === "Enter" && chosen >= 0))) {
            take(options[Math.max(0, chosen)][0]);
            event.preventDefault();
          } else if (options.length && event.key === "Escape") {
            options = [];
            drawCompletions();
            event.preventDefault();
          } else if (step && !input.value.includes("\n") && (history.length && (input.value === "" || recalled < history.length))) {
            recall(step);
            event.preventDefault();
          } else if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            input.form.requestSubmit();
          }
        };

        export const startChat = () => {
          const input = $("line");
          $("composer").addEventListener("submit", (event) => {
            event.preventDefault();
            const text = input.value.trim();
            input.value = "";
            grow(input);
            options = [];
            drawCompletions();
            send(text);
          });
          input.addEventListener("input", () => { recalled = history.length; grow(input); offer(); });
          input.addEventListener("keydown", keys);
          input.addEventListener("blur", () => { options = []; drawCompletions(); });
          $("reply").addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            event.target.form.requestSubmit();
          });
          $("reply-form").addEventListener("submit", async (event) => {
            event.preventDefault();
            const text = $("reply").value.trim();
            $("reply").value = "";
            if (text) act("lines", { text, person: page.me, channel: page.channel, thread_ts: page.thread });
          });
          $("thread-close").addEventListener("click", () => { closeThread(); $("line").focus(); });
          $("thread").addEventListener("keydown", (event) => { if (event.key === "Escape") $("thread-close").click(); });
          $("me").addEventListener("change", () => { page.me = $("me").value; closeThread(); page.redraw(); });
          $("new-channel").addEventListener("click", async () => {
            const name = el("input", { "aria-label": "Name of the channel", placeholder: "project-x" });
            const isPrivate = el("input", { type: "checkbox" });
            if (!(await ask("Make a channel", [name, el("label", { class: "check" }, isPrivate, " private")]
              .reduce((box, one) => { box.append(one); return box; }, el("div", { class: "form" })), "Make"))) return;
            const answer = await act("channels", { name: name.value, person: page.me, private: isPrivate.checked });
            if (answer.ok) goTo(answer.id);
          });
        };

        /** The most useful commands as buttons, and the app's global shortcuts. */
        export const drawHints = () => {
          const lines = page.state.app.commands.slice(0, 4).flatMap((one) => {
            const words = one.usage_hint.split("|").map((part) => part.replace(/[[<].*/, "").trim()).filter(Boolean);
            const first = ["status", "sync"].filter((word) => words.includes(word));
            return [one.command, ...(first.length ? first : words.slice(0, 2)).map((word) => `${one.command} ${word}`)];
          }).slice(0, 5);
          const shortcuts = page.state.app.shortcuts.filter((one) => one.global);
          reconcile($("hints"), [
            ...lines.map((line) => ({ key: line, mark: "", make: () => el("button", { type: "button", onclick: () => send(line) }, line) })),
            ...shortcuts.map((one) => ({
              key: "shortcut " + one.callback_id, mark: one.name,
              make: () => el("button", { type: "button", title: one.description,
                onclick: () => act("shortcuts", { callback_id: one.callback_id, person: page.me }) }, `⚡ ${one.name}`),
            })),
          ]);
        };

        export const drawMe = () => {
          const people = humans();
          const mark = JSON.stringify(people.map((one) => [one.id, one.profile.real_name]));
          if ($("me").dataset.mark !== mark) {
            $("me").dataset.mark = mark;
            $("me").replaceChildren(...people.map((one) => el("option", { value: one.id }, one.profile.real_name)));
          }
          if (people.some((one) => one.id === page.me)) $("me").value = page.me;
          page.me = $("me").value;
        };
        """#
}
