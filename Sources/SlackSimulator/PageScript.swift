// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The page's script.
///
/// Foreign text becomes text nodes only; nothing is ever parsed as HTML.
enum PageScript {
    static let javaScript = #"""
        const $ = (id) => document.getElementById(id);
        const el = (tag, attributes = {}, ...children) => {
          const node = document.createElement(tag);
          for (const [key, value] of Object.entries(attributes)) {
            if (key === "class") node.className = value;
            else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
            else if (![undefined, null, false].includes(value)) node.setAttribute(key, value === true ? "" : value);
          }
          node.append(...children.filter((child) => child !== null && child !== undefined));
          return node;
        };

        let state = null;
        let channel = null;
        let me = null;
        let known = null;
        const drawn = {};

        // --- Slack's text -------------------------------------------------------------------------------------

        const emoji = {
          white_check_mark: "✅", x: "❌", warning: "⚠️", tada: "🎉", rotating_light: "🚨", hourglass: "⌛",
          hourglass_flowing_sand: "⏳", arrows_counterclockwise: "🔄", bust_in_silhouette: "👤", wave: "👋",
          busts_in_silhouette: "👥", lock: "🔒", key: "🔑", bulb: "💡", information_source: "ℹ️", red_circle: "🔴",
          large_green_circle: "🟢", large_yellow_circle: "🟡", no_entry: "⛔", eyes: "👀", rocket: "🚀", bell: "🔔",
          no_bell: "🔕", pause_button: "⏸️", arrow_forward: "▶️", mag: "🔍", wastebasket: "🗑️", heavy_plus_sign: "➕",
          pencil2: "✏️", link: "🔗", fire: "🔥", bug: "🐛", robot_face: "🤖", heavy_check_mark: "✔️",
          glitch_crab: "🦀", large_orange_circle: "🟠", large_blue_circle: "🔵", ok: "🆗", clock3: "🕒",
        };
        const decode = (text) => text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
        const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => emoji[name] ?? all);
        const nameOf = (id) => {
          const person = state.people.find((one) => one.id === id);
          return person ? person.profile.display_name || person.profile.real_name : id;
        };
        const dateText = (stamp, format) => {
          const date = new Date(Number(stamp) * 1000);
          const day = { year: "numeric", month: "short", day: "numeric" };
          const time = { hour: "2-digit", minute: "2-digit" };
          return format.replace(/\{(\w+)\}/g, (_, token) => {
            if (token === "time") return date.toLocaleTimeString([], time);
            if (token === "time_secs") return date.toLocaleTimeString([], { ...time, second: "2-digit" });
            if (token === "ago") return `${Math.max(0, Math.round((Date.now() - date) / 60000))} min ago`;
            return date.toLocaleDateString([], day);
          });
        };

        /** What stands between < and >. */
        const token = (inner) => {
          const bar = inner.indexOf("|");
          const head = bar < 0 ? inner : inner.slice(0, bar);
          const label = bar < 0 ? "" : inner.slice(bar + 1);
          const mention = (text) => el("span", { class: "mention" }, text);
          if (head.startsWith("@")) return mention("@" + nameOf(head.slice(1)));
          if (head.startsWith("#")) {
            const found = state.channels.find((one) => one.id === head.slice(1));
            return mention("#" + (found?.name || label || head.slice(1)));
          }
          if (head.startsWith("!subteam^")) {
            const found = state.groups.find((one) => one.id === head.slice(9));
            return mention(found ? "@" + found.handle : label || head);
          }
          if (head.startsWith("!date^")) {
            const [, stamp, format] = head.split("^");
            return document.createTextNode(stamp && format ? dateText(stamp, format) : decode(label));
          }
          if (head.startsWith("!")) return mention("@" + (label || head.slice(1)).replace(/^@/, ""));
          if (/^(https?:|mailto:)/i.test(head)) {
            return el("a", { href: decode(head), target: "_blank", rel: "noreferrer noopener" }, decode(label || head));
          }
          return document.createTextNode(decode(`<${inner}>`));
        };

        const styles = [["*", "b"], ["_", "i"], ["~", "s"]];
        const inline = (text) => {
          const out = [];
          let plain = "";
          const flush = () => { if (plain) out.push(document.createTextNode(withEmoji(decode(plain)))); plain = ""; };
          for (let at = 0; at < text.length;) {
            const rest = text.slice(at);
            let match;
            if ((match = /^```\n?([\s\S]*?)\n?```/.exec(rest))) {
              flush();
              out.push(el("pre", {}, ...verbatim(match[1])));
            }
            else if ((match = /^`([^`\n]+)`/.exec(rest))) { flush(); out.push(el("code", {}, ...verbatim(match[1]))); }
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
                out.push(el(tag, {}, ...inline(inner)));
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
        const mrkdwn = (text) => {
          const box = el("div");
          let lines = [];
          let isQuote = false;
          const flush = () => {
            if (lines.length) box.append(el(isQuote ? "blockquote" : "div", {}, ...inline(lines.join("\n"))));
            lines = [];
          };
          let isCode = false;
          for (const line of text.split("\n")) {
            const quoted = !isCode && line.startsWith("&gt;");
            if (quoted !== isQuote) { flush(); isQuote = quoted; }
            lines.push(quoted ? line.slice(4).trimStart() : line);
            if (((line.match(/```/g) ?? []).length) % 2) isCode = !isCode;
          }
          flush();
          return box;
        };
        const textObject = (object) => {
          if (!object) return null;
          if (object.type === "mrkdwn") return mrkdwn(object.text ?? "");
          const box = el("div");
          (object.text ?? "").split("\n").forEach((line, index) => {
            if (index) box.append(el("br"));
            box.append(object.emoji === false ? line : withEmoji(line));
          });
          return box;
        };

        // --- Blocks -------------------------------------------------------------------------------------------

        const picture = (block) => /^https?:/i.test(block.image_url ?? "")
          ? el("img", {
            src: block.image_url, alt: block.alt_text ?? "", title: block.title?.text, loading: "lazy",
            referrerpolicy: "no-referrer",
          })
          : el("span", { class: "unknown" }, block.alt_text ?? "image");

        const asked = (element) => !element.confirm
          || confirm([element.confirm.title?.text, element.confirm.text?.text].filter(Boolean).join("\n\n"));

        const element = (item, block, message) => {
          const click = async (source, selection = {}) => {
            if (!asked(item)) return;
            source.disabled = true;
            const answer = await post("clicks", {
              action_id: item.action_id, block_id: block.block_id, ts: message.ts, channel: message.channel,
              person: me, selection,
            });
            source.disabled = false;
            if (!answer.ok) toast(`The app did not take the click: ${answer.error}`);
          };
          if (item.type === "button") {
            const button = el("button", {
              class: item.style ?? "", type: "button", "aria-label": item.accessibility_label,
            }, withEmoji(item.text?.text ?? ""));
            button.addEventListener("click", () => {
              if (/^https?:/i.test(item.url ?? "")) open(item.url, "_blank", "noreferrer,noopener");
              click(button);
            });
            return button;
          }
          if (item.options && ["static_select", "overflow", "radio_buttons"].includes(item.type)) {
            const select = el("select", { "aria-label": item.placeholder?.text ?? "Choose" },
              el("option", { value: "" }, item.placeholder?.text ?? "…"),
              ...item.options.map((option, index) => el("option", { value: index }, option.text.text)));
            select.addEventListener("change", () => {
              const option = item.options[select.value];
              if (option) click(select, { selected_option: option });
              select.value = "";
            });
            return select;
          }
          if (item.type === "users_select") {
            const select = el("select", { "aria-label": item.placeholder?.text ?? "Choose" },
              el("option", { value: "" }, item.placeholder?.text ?? "Somebody…"),
              ...state.people.filter((one) => !one.deleted && !one.is_bot).map((one) =>
                el("option", { value: one.id }, one.profile.real_name)));
            select.addEventListener("change", () => {
              if (select.value) click(select, { selected_user: select.value });
            });
            return select;
          }
          if (item.type === "image") return picture(item);
          return el("span", { class: "unknown" }, item.type);
        };

        const richPart = (part) => {
          if (part.type === "text") {
            let node = document.createTextNode(part.text ?? "");
            for (const [style, tag] of [["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"]]) {
              if (part.style?.[style]) node = el(tag, {}, node);
            }
            return node;
          }
          if (part.type === "link") {
            return /^(https?:|mailto:)/i.test(part.url ?? "")
              ? el("a", { href: part.url, target: "_blank", rel: "noreferrer noopener" }, part.text ?? part.url)
              : document.createTextNode(part.text ?? part.url ?? "");
          }
          if (part.type === "user") return el("span", { class: "mention" }, "@" + nameOf(part.user_id));
          if (part.type === "emoji") return document.createTextNode(emoji[part.name] ?? `:${part.name}:`);
          if (part.type === "channel") return token("#" + part.channel_id);
          return document.createTextNode(part.text ?? "");
        };
        const rich = (item) => {
          const parts = () => (item.elements ?? []).map(richPart);
          if (item.type === "rich_text_preformatted") return el("pre", {}, ...parts());
          if (item.type === "rich_text_quote") return el("blockquote", {}, ...parts());
          if (item.type === "rich_text_list") {
            return el(item.style === "ordered" ? "ol" : "ul", {},
              ...(item.elements ?? []).map((one) => el("li", {}, ...(one.elements ?? []).map(richPart))));
          }
          const box = el("div");
          for (const part of parts()) {
            if (part.nodeType !== Node.TEXT_NODE) { box.append(part); continue; }
            part.data.split("\n").forEach((line, index) => { if (index) box.append(el("br")); box.append(line); });
          }
          return box;
        };

        const drawBlock = (block, message) => {
          switch (block.type) {
            case "header": return el("div", { class: "b b-header" }, textObject(block.text));
            case "section": {
              const body = el("div", { class: "body" }, textObject(block.text));
              if (block.fields) body.append(el("div", { class: "fields" }, ...block.fields.map(textObject)));
              const accessory = block.accessory ? element(block.accessory, block, message) : null;
              return el("div", { class: "b b-section" }, body, accessory);
            }
            case "context": return el("div", { class: "b b-context" },
              ...(block.elements ?? []).map((item) => item.type === "image" ? picture(item) : textObject(item)));
            case "divider": return el("hr", { class: "b-divider" });
            case "actions": return el("div", { class: "b b-actions" },
              ...(block.elements ?? []).map((item) => element(item, block, message)));
            case "image": return el("div", { class: "b b-image" },
              block.title ? el("div", {}, block.title.text) : null, picture(block));
            case "rich_text": return el("div", { class: "b" }, ...(block.elements ?? []).map(rich));
            case "markdown": return el("div", { class: "b" }, el("pre", {}, block.text ?? ""));
            case "table": return el("div", { class: "b" }, el("table", {}, ...(block.rows ?? []).map((row) =>
              el("tr", {}, ...row.map((cell) => el("td", {},
                cell.text ?? (cell.elements ? rich(cell.elements[0] ?? {}) : "")))))));
            default: return el("div", { class: "b unknown" }, `${block.type} block`);
          }
        };

        // --- The panes ----------------------------------------------------------------------------------------

        const colours = ["#8e4fa3", "#2f7d6b", "#b5562b", "#3766a8", "#a33a5d", "#5f7a22", "#6a5acd", "#a07008"];
        const face = (id, name) => {
          let sum = 0;
          for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
          const node = el("span", { class: "face", "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? "?");
          node.style.background = colours[sum % colours.length];
          return node;
        };
        /** Draws only what has changed, so that nobody's half-made choice is lost. */
        const changed = (name, data) => {
          const text = JSON.stringify(data);
          if (drawn[name] === text) return false;
          drawn[name] = text;
          return true;
        };
        const options = (select, people, chosen) => {
          select.replaceChildren(...people.map((one) => el("option", { value: one.id }, one.profile.real_name)));
          if (people.some((one) => one.id === chosen)) select.value = chosen;
        };
        const statusOf = (person) => person.deleted ? "deactivated" : person.is_invited_user ? "invited"
          : person.is_bot || person.id === "USLACKBOT" ? "bot" : person.is_restricted ? "guest"
          : person.is_email_confirmed ? "" : "unconfirmed";

        const drawSide = () => {
          const mine = state.channels.filter((one) => one.kind !== "im" || one.members.includes(me));
          if (changed("channels", [mine, channel, me])) {
            $("channels").replaceChildren(...mine.map((one) => el("li", {}, el("button", {
              "aria-current": one.id === channel ? "true" : null,
              onclick: () => { channel = one.id; show("chat"); draw(); },
            }, el("span", {}, one.kind === "im" ? "@" : "#"),
            el("span", { class: "name" }, one.kind === "im" ? state.app.name : one.name),
            el("span", { class: "count" }, String(one.members.length))))));
          }
          if (changed("people", state.people)) {
            $("people-count").textContent = String(state.people.length);
            $("people").replaceChildren(...state.people.map((one) => {
              const status = statusOf(one);
              const name = one.profile.real_name;
              return el("li", { class: one.deleted ? "off" : "" }, el("button", {
                title: [one.id, one.profile.email].filter(Boolean).join(" · "),
                onclick: () => {
                  const form = $("change");
                  if ([...form.elements.id.options].some((option) => option.value === one.id)) {
                    form.elements.id.value = one.id;
                    fillChange();
                    show("target");
                    form.scrollIntoView({ block: "center", behavior: "smooth" });
                  }
                },
              }, face(one.id, name), el("span", { class: "name" }, name),
              status ? el("span", { class: "tag" }, status) : null));
            }));
            const human = state.people.filter((one) => !one.is_bot && one.id !== "USLACKBOT");
            options($("me"), human.filter((one) => !one.deleted && !one.is_invited_user), me);
            me = $("me").value;
            const form = $("change").elements;
            options(form.id, human, form.id.value);
            if (!$("change").contains(document.activeElement)) fillChange();
            options($("error").elements.user, human.filter((one) => !one.deleted), $("error").elements.user.value);
          }
        };

        const clock = (ts) => new Date(Number(ts.split(".")[0]) * 1000)
          .toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        const drawMessage = (message) => {
          const name = message.by_app ? state.app.name : nameOf(message.user);
          const content = el("div", { class: "content" }, el("div", { class: "by" }, el("b", {}, name),
            message.by_app ? el("span", { class: "app-tag" }, "APP") : null, el("small", {}, clock(message.ts)),
            message.edited ? el("small", {}, "(edited)") : null));
          if (message.visible_to) content.append(el("div", { class: "only" }, "Only visible to you"));
          if (message.blocks) content.append(...message.blocks.map((block) => drawBlock(block, message)));
          else content.append(mrkdwn(message.text));
          for (const attachment of message.attachments ?? []) {
            const box = el("blockquote", {});
            if (attachment.blocks) box.append(...attachment.blocks.map((block) => drawBlock(block, message)));
            else box.append(mrkdwn(attachment.text ?? attachment.fallback ?? ""));
            content.append(box);
          }
          const isReply = message.thread_ts && message.thread_ts !== message.ts;
          const kinds = ["message", message.visible_to ? "private" : "", isReply ? "reply" : ""].join(" ");
          return el("article", { class: kinds }, face(message.user, name), content);
        };
        const drawChat = () => {
          const found = state.channels.find((one) => one.id === channel) ?? state.channels[0];
          if (!found) return;
          channel = found.id;
          $("channel-name").textContent = found.kind === "im" ? state.app.name : "#" + found.name;
          $("channel-info").textContent = `${found.members.length} members`;
          const visible = state.messages.filter((one) =>
            one.channel === channel && (!one.visible_to || one.visible_to === me));
          const place = (one) => one.thread_ts && one.thread_ts !== one.ts ? one.thread_ts + "r" + one.ts : one.ts;
          visible.sort((a, b) => (place(a) < place(b) ? -1 : 1));
          if (!changed("messages", [channel, me, visible])) return;
          const box = $("messages");
          const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120 || drawn.scrolled !== channel;
          box.replaceChildren(...(visible.length ? visible.map(drawMessage)
            : [el("p", { class: "empty" }, "Nothing here yet.")]));
          if (atEnd) box.scrollTop = box.scrollHeight;
          drawn.scrolled = channel;
        };

        const plainValue = (value) => Array.isArray(value) ? value.map(plainValue).join(", ")
          : value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
        const drawSystems = () => {
          if (!changed("systems", state.systems)) return;
          const now = new Set();
          $("systems").replaceChildren(...state.systems.map((system) => {
            const rows = system.accounts.map((account) => {
              const key = String(account[system.key] ?? "");
              const mark = `${system.name}/${key}/${JSON.stringify(account)}`;
              now.add(mark);
              const rest = Object.entries(account).filter(([name]) => ![system.key, "active"].includes(name))
                .map(([, value]) => plainValue(value)).join(" · ");
              return el("li", {
                class: `${account.active === false ? "inactive" : ""} ${known && !known.has(mark) ? "new" : ""}`,
                onclick: () => detail(key, [["Account", account]]),
              }, el("span", { class: "key" }, key), el("span", { class: "rest" }, rest),
              account.active === false ? el("span", { class: "tag" }, "disabled") : null);
            });
            const act = (body) => post("accounts", { system: system.name, ...body });
            return el("div", { class: "system" }, el("div", { class: "bar" },
              el("b", {}, `${system.name} · ${system.accounts.length}`),
              el("button", { type: "button", onclick: () => act({ down: !system.down }) },
                system.down ? "Bring back" : "Take down"),
              el("button", { type: "button", class: "danger", onclick: () => act({ wipe: true }) }, "Wipe")),
              el("ul", { class: "accounts" }, ...(rows.length ? rows
                : [el("li", { class: "none" }, system.down ? "The service is down." : "No accounts. Try /im sync.")])));
          }));
          known = now;
        };

        const drawDeliveries = () => {
          const list = state.deliveries.slice().reverse();
          if (!changed("deliveries", list)) return;
          $("deliveries").replaceChildren(...(list.length ? list.map((one) => {
            const kind = one.outcome === "acknowledged" ? "ok" : one.outcome === "failed" ? "no" : "wait";
            const status = one.outcome === "pending" ? "…" : one.status ?? one.reason;
            const onkeydown = (event) => { if (event.key === "Enter") deliveryDetail(one); };
            return el("tr", { tabindex: "0", onclick: () => deliveryDetail(one), onkeydown },
              el("td", {}, String(one.number)), el("td", { title: one.title }, one.title),
              el("td", {}, one.attempt ? `retry ${one.attempt}` : "first"), el("td", { class: kind }, String(status)),
              el("td", { class: "n" }, one.milliseconds === null ? "" : String(one.milliseconds)));
          }) : [el("tr", {}, el("td", { colspan: "5" }, "None yet."))]));
        };
        const deliveryDetail = (one) => detail(one.title, [
          [`POST ${one.url}`, one.headers.map(([name, value]) => `${name}: ${value}`).join("\n")],
          ["Body", pretty(one.body)],
          [`Answer ${one.status ?? one.reason ?? ""}`, pretty(one.answer) || "(empty)"],
        ]);
        const pretty = (text) => {
          if (text.startsWith("{")) { try { return JSON.parse(text); } catch { return text; } }
          if (!/^[\w.]+=/.test(text)) return text;
          return [...new URLSearchParams(text)].map(([name, value]) => {
            if (name === "payload" && value.startsWith("{")) {
              try { return JSON.stringify(JSON.parse(value), null, 2); } catch { return value; }
            }
            return `${name} = ${value}`;
          }).join("\n");
        };
        const detail = (title, parts) => {
          $("detail").querySelector("div").replaceChildren(el("h2", {}, title), ...parts.flatMap(([name, value]) => [
            el("h3", {}, name), el("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2))]));
          $("detail").showModal();
        };

        const draw = () => {
          if (!state) return;
          $("workspace").textContent = state.app.connected ? `${state.app.name} is connected` : "no app connected";
          drawSide();
          drawChat();
          drawSystems();
          drawDeliveries();
          $("error").querySelector("button").disabled = !state.app.takes_errors;
        };

        // --- Doing --------------------------------------------------------------------------------------------

        const post = async (path, body) => {
          try {
            const response = await fetch(`/playground/${path}`, {
              method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
            });
            return await response.json();
          } catch { return { ok: false, error: "the playground cannot be reached" }; }
        };
        let toastTimer;
        const toast = (text) => {
          $("toast").textContent = text;
          $("toast").hidden = false;
          clearTimeout(toastTimer);
          toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4500);
        };
        const show = (pane) => {
          document.body.dataset.pane = pane;
          for (const button of document.querySelectorAll(".tabs button")) {
            button.setAttribute("aria-current", String(button.dataset.to === pane));
          }
        };
        for (const button of document.querySelectorAll(".tabs button")) {
          button.addEventListener("click", () => show(button.dataset.to));
        }
        show("chat");

        const send = async (text) => {
          if (!text.trim()) return;
          const answer = await post("lines", { text, person: me, channel });
          if (!answer.ok && !text.startsWith("/")) toast(answer.error);
        };
        $("composer").addEventListener("submit", (event) => {
          event.preventDefault();
          send($("line").value);
          $("line").value = "";
        });
        $("me").addEventListener("change", () => { me = $("me").value; draw(); });
        for (const hint of ["/im", "/im status", "/im sync", "/im sync dev"]) {
          $("hints").append(el("button", { type: "button", onclick: () => send(hint) }, hint));
        }

        $("add").addEventListener("submit", async (event) => {
          event.preventDefault();
          const form = event.target;
          const answer = await post("people", {
            real_name: form.elements.real_name.value, email: form.elements.email.value,
            guest: form.elements.guest.checked,
          });
          if (answer.ok) form.reset();
          else toast(answer.error);
        });
        const chosen = () => state?.people.find((one) => one.id === $("change").elements.id.value);
        const fillChange = () => {
          const person = chosen();
          if (!person) return;
          $("change").elements.real_name.value = person.profile.real_name;
          $("change").elements.email.value = person.profile.email ?? "";
          $("guest-button").textContent = person.is_restricted ? "Make member" : "Make guest";
          $("deactivate-button").textContent = person.deleted ? "Reactivate" : "Deactivate";
        };
        $("change").elements.id.addEventListener("change", fillChange);
        $("change").addEventListener("submit", async (event) => {
          event.preventDefault();
          const person = chosen();
          if (!person) return;
          const fields = event.target.elements;
          const what = event.submitter?.value ?? "save";
          const body = what === "guest" ? { guest: !person.is_restricted }
            : what === "deleted" ? { deleted: !person.deleted }
            : { real_name: fields.real_name.value, email: fields.email.value };
          const answer = await post(`people/${encodeURIComponent(person.id)}`, body);
          document.activeElement?.blur();
          if (!answer.ok) toast(answer.error);
        });

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
        errors.forEach((one, index) => $("error").elements.kind.append(el("option", { value: index }, one.label)));
        $("error").addEventListener("submit", async (event) => {
          event.preventDefault();
          const kind = errors[$("error").elements.kind.value];
          const person = state.people.find((one) => one.id === $("error").elements.user.value);
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
        });

        // --- Live ---------------------------------------------------------------------------------------------

        let wanted = false;
        let busy = false;
        const refresh = async () => {
          wanted = true;
          if (busy) return;
          busy = true;
          while (wanted) {
            wanted = false;
            try {
              state = await (await fetch("/playground/state")).json();
              if (channel === null) channel = state.channels[0]?.id ?? null;
              draw();
            } catch { break; }
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
        """#
}
