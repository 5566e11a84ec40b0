// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// Blocks as nodes.
    static let blocks = #"""
        import { el } from "/playground/dom.js";
        import { element } from "/playground/elements.js";
        import { emoji } from "/playground/emoji.js";
        import {
          broadcast, dateText, isWeb, link, mentionChannel, mentionGroup, mentionUser, mrkdwn, plain, textObject,
        } from "/playground/text.js";

        const picture = (block) => /^https?:/i.test(block.image_url ?? "")
          ? el("img", {
            src: block.image_url, alt: block.alt_text ?? "", title: plain(block.title) || null, loading: "lazy",
            referrerpolicy: "no-referrer",
          })
          : el("span", { class: "unknown" }, block.alt_text ?? "image");

        const styled = (node, style) => {
          for (const [key, tag] of [["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"], ["underline", "u"]]) {
            if (style?.[key]) node = el(tag, {}, node);
          }
          return node;
        };
        const lines = (text) => text.split("\n").flatMap((line, index) => index ? [el("br"), line] : [line]);
        const richPart = (part) => {
          switch (part.type) {
            case "text": return styled(el("span", {}, lines(part.text ?? "")), part.style);
            case "link": return styled(isWeb(part.url) ? link(part.url, part.text ?? part.url)
              : document.createTextNode(part.text ?? part.url ?? ""), part.style);
            case "user": return mentionUser(part.user_id);
            case "usergroup": return mentionGroup(part.usergroup_id);
            case "channel": return mentionChannel(part.channel_id);
            case "broadcast": return broadcast(part.range ?? "here");
            case "emoji": return document.createTextNode(emoji[part.name] ?? `:${part.name}:`);
            case "date": return el("time", {}, dateText(String(part.timestamp), part.format ?? "{date}") ?? part.fallback ?? "");
            case "color": return el("code", {}, part.value ?? "");
            default: return document.createTextNode(part.text ?? "");
          }
        };
        const richSection = (item) => {
          const parts = (item.elements ?? []).map(richPart);
          switch (item.type) {
            case "rich_text_preformatted": return el("pre", {}, parts);
            case "rich_text_quote": return el("blockquote", {}, parts);
            case "rich_text_list": {
              const list = el(item.style === "ordered" ? "ol" : "ul", { start: item.offset ? item.offset + 1 : null },
                (item.elements ?? []).map((one) => el("li", {}, (one.elements ?? []).map(richPart))));
              list.dataset.indent = String(Math.min(item.indent ?? 0, 6));
              return list;
            }
            default: return el("div", {}, parts);
          }
        };
        const rich = (block) => (block.elements ?? []).map(richSection);

        const cell = (tag, item, setting) => {
          const content = item?.type === "rich_text" ? rich(item) : [String(item?.text ?? item?.value ?? "")];
          return el(tag, { class: setting?.align ? `align-${setting.align}` : "", scope: tag === "th" ? "col" : null }, content);
        };
        const table = (block) => {
          const [head, ...body] = block.rows ?? [];
          const row = (tag) => (cells) => el("tr", {}, (cells ?? []).map((item, place) => cell(tag, item, block.column_settings?.[place])));
          return el("div", { class: "b b-table", tabindex: "0", role: "group", "aria-label": "Table" }, el("table", {},
            el("thead", {}, head ? row("th")(head) : null), el("tbody", {}, body.map(row("td")))));
        };

        /** Standard Markdown as far as apps write it: headings, lists, quotes, code, emphasis, links. */
        const markdown = (text) => {
          const box = el("div", { class: "b" });
          for (const [place, part] of (text ?? "").split(/```(?:\w*\n)?/).entries()) {
            if (place % 2) { box.append(el("pre", {}, part.replace(/\n$/, ""))); continue; }
            for (const line of part.split("\n")) {
              const heading = /^(#{1,6})\s+(.*)/.exec(line);
              const item = /^\s*(?:[-*+]|\d+\.)\s+(.*)/.exec(line);
              const escaped = (heading?.[2] ?? item?.[1] ?? line).replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>")
                .replace(/\*\*([^*]+)\*\*/g, "*$1*").replace(/~~([^~]+)~~/g, "~$1~");
              const body = mrkdwn(item ? "• " + escaped : escaped);
              if (heading) body.className = "b-header";
              if (line.trim()) box.append(body);
            }
          }
          return box;
        };

        const context = (items) => items.map((item) => item.type === "image" ? picture(item) : textObject(item));

        export const drawBlock = (block, surface) => {
          const elements = () => (block.elements ?? []).map((item) => element(item, block, surface));
          switch (block.type) {
            case "header": return el("h3", { class: `b b-header level-${block.level ?? 1}` }, plain(block.text));
            case "section": {
              const body = el("div", { class: "body" }, textObject(block.text));
              if (block.fields) body.append(el("div", { class: "fields" }, block.fields.map(textObject)));
              const accessory = block.accessory?.type === "image" ? picture(block.accessory)
                : block.accessory ? element(block.accessory, block, surface) : null;
              return el("div", { class: "b b-section" }, body, accessory);
            }
            case "context": return el("div", { class: "b b-context" }, context(block.elements ?? []));
            case "divider": return el("hr", { class: "b-divider" });
            case "actions": case "context_actions": return el("div", { class: "b b-actions" }, elements());
            case "image": return el("figure", { class: "b b-image" },
              block.title ? el("figcaption", {}, plain(block.title)) : null, picture(block));
            case "input": return el("div", { class: "b b-input" },
              el("div", { class: "label" }, plain(block.label), block.optional ? el("small", {}, " (optional)") : null),
              block.element ? element(block.element, block, surface) : null,
              block.hint ? el("small", { class: "hint" }, plain(block.hint)) : null);
            case "rich_text": return el("div", { class: "b" }, rich(block));
            case "markdown": return markdown(block.text);
            case "table": return table(block);
            case "alert": return el("div", { class: `b b-alert ${block.level ?? "default"}` }, textObject(block.text));
            case "video": return el("div", { class: "b b-image" }, isWeb(block.title_url) ? link(block.title_url, plain(block.title))
              : el("b", {}, plain(block.title)), picture({ ...block, image_url: block.thumbnail_url, title: null }));
            case "card": return el("div", { class: "b b-card" }, textObject(block.title), textObject(block.subtitle),
              textObject(block.body), block.actions ? el("div", { class: "b-actions" },
                block.actions.map((item) => element(item, block, surface))) : null);
            case "carousel": return el("div", { class: "b b-actions" }, (block.elements ?? []).map((card) => drawBlock(card, surface)));
            default: return el("div", { class: "b unknown" }, `${block.type ?? "unknown"} block`);
          }
        };

        /**
         * All blocks of a surface.
         * @param problems What `blocks.validate` would say; each is shown at the block it points at.
         * @param errors What the app holds against inputs, by block_id.
         */
        export const drawBlocks = (blocks, surface, problems = [], errors = {}) => blocks.flatMap((block, place) => {
          const node = drawBlock(block ?? {}, surface);
          const mine = problems.filter((one) => (one.pointer ?? "").replace(/^\/blocks/, "").split("/")[1] === String(place));
          const nodes = [node];
          if (errors[block?.block_id]) {
            const id = `error-${block.block_id}`;
            nodes.push(el("p", { class: "error", id, role: "alert" }, errors[block.block_id]));
            for (const input of node.querySelectorAll("input, select, textarea")) {
              input.setAttribute("aria-invalid", "true");
              input.setAttribute("aria-describedby", id);
            }
          }
          if (mine.length) nodes.push(problemList(mine));
          return nodes;
        });

        export const problemList = (problems) => el("ul", { class: "problems" }, problems.map((one) =>
          el("li", {}, el("code", {}, one.pointer || "/"), " ", one.message)));
        """#
}
