// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// Interactive elements: what they look like, what they remember, what they send.
    static let elements = #"""
        import { act, ask, el, humans, menu, page, post, toast } from "/playground/dom.js";
        import { isWeb, plain, textObject } from "/playground/text.js";

        /**
         * A surface is where blocks stand: `{ key, address, values }`. The address goes into every request; the values are
         * kept by surface, so that a redrawn message or modal does not forget what was chosen.
         */
        const memory = new Map();
        export const surfaceOf = (key, address) => {
          if (!memory.has(key)) memory.set(key, {});
          return { key, address, values: memory.get(key) };
        };
        export const forget = (key) => memory.delete(key);

        const remember = (surface, block, item, entry) => {
          surface.values[block.block_id] ??= {};
          surface.values[block.block_id][item.action_id] = { type: item.type, ...entry };
        };
        const recall = (surface, block, item) => surface.values[block.block_id]?.[item.action_id];

        const confirmed = async (item) => {
          const question = item.confirm;
          if (!question) return true;
          return ask(plain(question.title) || "Are you sure?", textObject(question.text) ?? "",
            plain(question.confirm) || "Yes", plain(question.deny) || "Cancel", question.style === "danger");
        };

        const send = async (surface, block, item, selection = {}) => {
          const answer = await post("actions", {
            ...surface.address, action_id: item.action_id, block_id: block.block_id, person: page.me, selection,
            values: surface.values, element: item,
          });
          if (!answer.ok) toast(`The app did not take it: ${answer.error}`);
          return answer;
        };

        /** Whether a change of this element is told to the app at once. */
        const isLive = (block) => block.type !== "input" || block.dispatch_action === true;

        const choose = async (surface, block, item, entry, node) => {
          const before = recall(surface, block, item);
          remember(surface, block, item, entry);
          if (!isLive(block)) return;
          if (!(await confirmed(item))) {
            if (before) remember(surface, block, item, before);
            else delete surface.values[block.block_id][item.action_id];
            page.redraw(surface.key);
            return;
          }
          node?.setAttribute("aria-busy", "true");
          await send(surface, block, item, entry);
          node?.removeAttribute("aria-busy");
        };

        const groupsOf = (item) => item.option_groups ?? [{ label: null, options: item.options ?? [] }];
        const sameOption = (a, b) => a?.value === b?.value && a?.text?.text === b?.text?.text;
        const labelOf = (block, item, fallback) =>
          plain(block.label) || plain(item.placeholder) || item.accessibility_label || plain(block.text).slice(0, 80) || fallback;

        // --- Menus ----------------------------------------------------------------------------------------------

        const optionList = (groups, place) => groups.map((group) => {
          const options = group.options.map((option) => el("option", { value: String(place.push(option) - 1) }, plain(option.text)));
          return group.label ? el("optgroup", { label: plain(group.label) }, options) : options;
        });

        const staticSelect = (surface, block, item) => {
          const options = [];
          const initial = recall(surface, block, item)?.selected_option ?? item.initial_option;
          const select = el("select", { "aria-label": labelOf(block, item, "Choose an option") },
            el("option", { value: "" }, plain(item.placeholder) || "Choose…"), optionList(groupsOf(item), options));
          const chosen = options.findIndex((option) => sameOption(option, initial));
          select.value = chosen < 0 ? "" : String(chosen);
          select.addEventListener("change", () =>
            choose(surface, block, item, { selected_option: options[select.value] ?? null }, select));
          return select;
        };

        const idSelect = (key, choices) => (surface, block, item) => {
          const initial = recall(surface, block, item)?.[key] ?? item[key.replace("selected", "initial")];
          const select = el("select", { "aria-label": labelOf(block, item, "Choose") },
            el("option", { value: "" }, plain(item.placeholder) || "Choose…"),
            choices(item).map(([id, name]) => el("option", { value: id }, name)));
          select.value = initial ?? "";
          select.addEventListener("change", () => choose(surface, block, item, { [key]: select.value || null }, select));
          return select;
        };

        /** Several of a list: check boxes in a box that folds. */
        const multi = (surface, block, item, entries, isChosen, entryOf) => {
          const boxes = entries.map(([value, text]) => {
            const box = el("input", { type: "checkbox" });
            box.checked = isChosen(value);
            return [value, box, el("label", {}, box, " ", text)];
          });
          const sum = el("summary", {});
          const count = () => {
            const names = boxes.filter(([, box]) => box.checked).map(([, , label]) => label.textContent.trim());
            sum.textContent = names.length ? names.join(", ") : plain(item.placeholder) || "Choose…";
          };
          count();
          const box = el("details", { class: "multi" }, sum, el("div", {
            role: "group", "aria-label": labelOf(block, item, "Choose some"),
          }, boxes.map(([, , label]) => label)));
          box.addEventListener("change", () => {
            if (item.max_selected_items && boxes.filter(([, one]) => one.checked).length > item.max_selected_items) {
              for (const [value, one] of boxes) one.checked = isChosen(value);
              return;
            }
            count();
            choose(surface, block, item, entryOf(boxes.filter(([, one]) => one.checked).map(([value]) => value)), box);
          });
          return box;
        };
        const multiStatic = (surface, block, item) => {
          const chosen = () => recall(surface, block, item)?.selected_options ?? item.initial_options ?? [];
          return multi(surface, block, item, groupsOf(item).flatMap((group) =>
            group.options.map((option) => [option, plain(option.text)])),
          (option) => chosen().some((one) => sameOption(one, option)), (selected_options) => ({ selected_options }));
        };
        const multiIDs = (key, choices) => (surface, block, item) => {
          const chosen = () => recall(surface, block, item)?.[key] ?? item[key.replace("selected", "initial")] ?? [];
          return multi(surface, block, item, choices(item), (id) => chosen().includes(id), (ids) => ({ [key]: ids }));
        };

        const users = () => humans().map((one) => [one.id, one.profile.real_name]);
        const channels = () => page.state.channels.filter((one) => one.kind === "channel").map((one) => [one.id, "#" + one.name]);
        const conversations = () => page.state.channels.filter((one) => one.members.includes(page.me))
          .map((one) => [one.id, one.kind === "im" ? "@" + page.state.app.name : "#" + one.name]);

        const externalSelect = (surface, block, item) => {
          const id = `options-${block.block_id}-${item.action_id}`;
          const list = el("datalist", { id });
          const initial = recall(surface, block, item)?.selected_option ?? item.initial_option;
          const input = el("input", {
            list: id, "aria-label": labelOf(block, item, "Search"), placeholder: plain(item.placeholder) || "Search…",
            autocomplete: "off", value: initial ? plain(initial.text) : "",
          });
          let options = [];
          let timer;
          const pick = () => {
            const found = options.find((option) => plain(option.text) === input.value);
            if (found) choose(surface, block, item, { selected_option: found }, input);
            return Boolean(found);
          };
          input.addEventListener("input", () => {
            if (pick()) return;
            clearTimeout(timer);
            if (input.value.length < (item.min_query_length ?? 3)) return;
            timer = setTimeout(async () => {
              const answer = await act("suggestions", {
                ...surface.address, action_id: item.action_id, block_id: block.block_id, person: page.me, value: input.value,
              });
              if (!answer.ok) return;
              options = answer.options ?? (answer.option_groups ?? []).flatMap((group) => group.options);
              list.replaceChildren(...options.map((option) => el("option", { value: plain(option.text) })));
            }, 250);
          });
          return el("span", { class: "external" }, input, list);
        };

        // --- Boxes ----------------------------------------------------------------------------------------------

        let groupNumber = 0;
        const boxes = (type) => (surface, block, item) => {
          const name = `group-${groupNumber += 1}`;
          const kept = recall(surface, block, item);
          const chosen = type === "radio" ? [kept ? kept.selected_option : item.initial_option].filter(Boolean)
            : kept?.selected_options ?? item.initial_options ?? [];
          const group = el("div", {
            class: "choices", role: type === "radio" ? "radiogroup" : "group", "aria-label": labelOf(block, item, "Options"),
          });
          const inputs = (item.options ?? []).map((option) => {
            const input = el("input", { type, name });
            input.checked = chosen.some((one) => sameOption(one, option));
            group.append(el("label", {}, input, el("span", {}, textObject(option.text),
              option.description ? el("small", {}, textObject(option.description)) : null)));
            return [option, input];
          });
          group.addEventListener("change", () => {
            const now = inputs.filter(([, input]) => input.checked).map(([option]) => option);
            choose(surface, block, item, type === "radio" ? { selected_option: now[0] ?? null } : { selected_options: now }, group);
          });
          return group;
        };

        // --- Text and time --------------------------------------------------------------------------------------

        const field = (kind, key, read = (value) => value || null, show = (value) => value ?? "") => (surface, block, item) => {
          const kept = recall(surface, block, item);
          const value = kept ? kept[key] : item[key === "value" ? "initial_value" : key.replace("selected", "initial")];
          const isMultiline = kind === "textarea" || (item.type === "plain_text_input" && item.multiline);
          const input = el(isMultiline ? "textarea" : "input", {
            type: isMultiline ? null : kind, placeholder: plain(item.placeholder), "aria-label": labelOf(block, item, "Text"),
            maxlength: item.max_length, rows: isMultiline ? 4 : null,
          });
          input.value = show(value);
          const entry = () => ({ [key]: read(input.value) });
          input.addEventListener("input", () => remember(surface, block, item, entry()));
          if (!isLive(block)) return input;
          const moments = item.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
          if (key !== "value") input.addEventListener("change", () => choose(surface, block, item, entry(), input));
          else if (moments.includes("on_character_entered")) {
            let timer;
            input.addEventListener("input", () => {
              clearTimeout(timer);
              timer = setTimeout(() => choose(surface, block, item, entry(), input), 300);
            });
          }
          if (key === "value" && moments.includes("on_enter_pressed")) {
            input.addEventListener("keydown", (event) => {
              if (event.key !== "Enter" || (isMultiline && !event.metaKey && !event.ctrlKey)) return;
              event.preventDefault();
              choose(surface, block, item, entry(), input);
            });
          }
          return input;
        };

        const localTime = (seconds) => {
          if (!seconds) return "";
          const date = new Date(seconds * 1000);
          return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
        };
        const richValue = (text) => text ? {
          type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }],
        } : null;
        const richText = (value) => (value?.elements ?? []).flatMap((part) => part.elements ?? [])
          .map((part) => part.text ?? "").join("");

        // --- Buttons --------------------------------------------------------------------------------------------

        const button = (surface, block, item) => {
          const node = el("button", { class: item.style ?? "", type: "button", "aria-label": item.accessibility_label },
            plain(item.text));
          // Busy instead of disabled: what is disabled loses the focus.
          node.addEventListener("click", async () => {
            if (node.ariaBusy === "true" || !(await confirmed(item))) return;
            if (isWeb(item.url)) open(item.url, "_blank", "noreferrer,noopener");
            node.ariaBusy = "true";
            await send(surface, block, item, {});
            node.ariaBusy = null;
          });
          return node;
        };

        const overflow = (surface, block, item) => menu("More options", "⋯", (item.options ?? []).map((option) => [
          plain(option.text), async () => {
            if (!(await confirmed(item))) return;
            if (isWeb(option.url)) open(option.url, "_blank", "noreferrer,noopener");
            await send(surface, block, item, { selected_option: option });
          },
        ]));

        const kinds = {
          button, overflow, workflow_button: button, static_select: staticSelect, multi_static_select: multiStatic,
          external_select: externalSelect, users_select: idSelect("selected_user", users),
          channels_select: idSelect("selected_channel", channels),
          conversations_select: idSelect("selected_conversation", conversations),
          multi_users_select: multiIDs("selected_users", users), multi_channels_select: multiIDs("selected_channels", channels),
          multi_conversations_select: multiIDs("selected_conversations", conversations),
          checkboxes: boxes("checkbox"), radio_buttons: boxes("radio"),
          datepicker: field("date", "selected_date"), timepicker: field("time", "selected_time"),
          datetimepicker: field("datetime-local", "selected_date_time",
            (text) => text ? Math.floor(new Date(text).getTime() / 1000) : null, localTime),
          plain_text_input: field("text", "value"), email_text_input: field("email", "value"),
          url_text_input: field("url", "value"), number_input: field("number", "value"),
          rich_text_input: field("textarea", "rich_text_value", richValue, richText),
        };

        export const element = (item, block, surface) => {
          const make = kinds[item.type];
          return make ? make(surface, block, item) : el("span", { class: "unknown" }, item.type ?? "element");
        };
        """#
}
