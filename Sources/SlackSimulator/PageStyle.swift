// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The page's style sheet, for light and dark, from 390 pixels up.
enum PageStyle {
    static let css = #"""
        :root {
          --ground: #fbfafc; --panel: #fff; --side: #f3f0f5; --line: #e3dde7; --text: #1f1a23; --soft: #6d6474;
          --accent: #6b2a7a; --on-accent: #fff; --hover: #ece6ef; --code: #f2eef4; --code-text: #a3305f;
          --good: #1f7a4d; --bad: #b3261e; --warn: #8a5a00; --mention: #f6ecd2; --link: #1a5fb4;
          --shadow: 0 1px 2px rgb(40 20 50 / .06), 0 8px 24px rgb(40 20 50 / .06);
        }
        @media (prefers-color-scheme: dark) { :root {
          --ground: #17141a; --panel: #1e1a22; --side: #1a171d; --line: #342d3a; --text: #ece7ef; --soft: #a297aa;
          --accent: #c58bd4; --on-accent: #21102a; --hover: #2a2430; --code: #2a2430; --code-text: #f3a0c4;
          --good: #6fd3a0; --bad: #ff8f85; --warn: #e8bd66; --mention: #453a1d; --link: #8ab8ff;
          --shadow: 0 1px 2px rgb(0 0 0 / .3);
        } }
        * { box-sizing: border-box; }
        html, body { height: 100%; }
        body {
          margin: 0; color: var(--text); background: var(--ground);
          font: 15px/1.46 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans KR", sans-serif;
          display: grid; grid-template: auto minmax(0, 1.6fr) minmax(0, 1fr) / 224px minmax(0, 1fr) 348px;
          grid-template-areas: "top top top" "side chat target" "side chat deliveries";
        }
        h1, h2 { margin: 0; font-size: 15px; line-height: 1.3; }
        h2 small { color: var(--soft); font-weight: 400; margin-left: 4px; }
        button, input, select { font: inherit; color: inherit; }
        button {
          border: 1px solid var(--line); background: var(--panel); border-radius: 8px; padding: 6px 12px;
          cursor: pointer; font-weight: 550;
        }
        button:hover { background: var(--hover); }
        button:disabled { opacity: .55; cursor: default; }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
        button.primary:hover { filter: brightness(1.08); }
        button.danger { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 45%, var(--line)); }
        input:not([type=checkbox]), select {
          width: 100%; min-width: 0; padding: 7px 10px; border: 1px solid var(--line); border-radius: 8px;
          background: var(--panel);
        }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
        a { color: var(--link); }

        .top {
          grid-area: top; display: flex; align-items: center; gap: 10px; padding: 10px 16px;
          border-bottom: 1px solid var(--line); background: var(--panel);
        }
        .logo {
          width: 20px; height: 20px; border-radius: 6px; background: linear-gradient(135deg, var(--accent), #d9773f);
        }
        .sub { color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .live { margin-left: auto; display: flex; align-items: center; gap: 6px; color: var(--soft); font-size: 13px; }
        .live i { width: 8px; height: 8px; border-radius: 50%; background: var(--warn); }
        .live.on i { background: var(--good); }

        .pane { min-width: 0; min-height: 0; overflow: auto; }
        .side { grid-area: side; background: var(--side); border-right: 1px solid var(--line); padding: 14px 8px; }
        .side h2 {
          padding: 4px 8px; color: var(--soft); font-size: 12.5px; text-transform: uppercase; letter-spacing: .05em;
        }
        .list { list-style: none; margin: 2px 0 16px; padding: 0; }
        .list button {
          width: 100%; border: 0; background: none; text-align: left; padding: 5px 8px; border-radius: 7px;
          font-weight: 400; display: flex; gap: 8px; align-items: center; min-width: 0;
        }
        .list button:hover { background: var(--hover); }
        .list [aria-current=true] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
        .list .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .list .count { margin-left: auto; font-size: 12px; opacity: .75; }
        .list .off { opacity: .55; }
        .tag {
          margin-left: auto; font-size: 11px; padding: 0 6px; border-radius: 9px; border: 1px solid currentColor;
          opacity: .75; white-space: nowrap;
        }
        .face {
          flex: none; width: 22px; height: 22px; border-radius: 6px; display: grid; place-items: center;
          font-size: 11px; font-weight: 700; color: #fff;
        }

        .chat { grid-area: chat; display: flex; flex-direction: column; background: var(--panel); overflow: hidden; }
        .chat-head {
          padding: 12px 18px; border-bottom: 1px solid var(--line); display: flex; gap: 10px; align-items: baseline;
        }
        .chat-head span { color: var(--soft); font-size: 13px; }
        .messages { flex: 1; overflow: auto; padding: 12px 0; overscroll-behavior: contain; }
        .message { display: flex; gap: 10px; padding: 8px 18px; }
        .message:hover { background: color-mix(in srgb, var(--hover) 55%, transparent); }
        .message .face { width: 36px; height: 36px; border-radius: 9px; font-size: 15px; }
        .message .content { min-width: 0; flex: 1; max-width: 720px; overflow-wrap: anywhere; }
        .message .by { display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; }
        .message .by b { font-weight: 680; }
        .message .by small, .only { color: var(--soft); font-size: 12.5px; }
        .app-tag {
          font-size: 10.5px; background: var(--code); color: var(--soft); padding: 1px 5px; border-radius: 4px;
          letter-spacing: .03em;
        }
        .message.private { background: color-mix(in srgb, var(--mention) 26%, transparent); }
        .reply { margin-left: 46px; border-left: 2px solid var(--line); }
        .empty { color: var(--soft); text-align: center; padding: 48px 16px; }

        .b { margin: 6px 0; }
        .b:first-child { margin-top: 2px; }
        .b-header { font-size: 18px; font-weight: 720; line-height: 1.35; }
        .b-section { display: flex; gap: 14px; align-items: flex-start; }
        .b-section > .body { flex: 1; min-width: 0; }
        .fields { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 18px; margin-top: 4px; }
        .b-context {
          display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; color: var(--soft); font-size: 13px;
        }
        .b-context img { width: 18px; height: 18px; border-radius: 4px; }
        .b-divider { border: 0; border-top: 1px solid var(--line); margin: 12px 0; }
        .b-actions { display: flex; flex-wrap: wrap; gap: 8px; }
        .b-actions select { width: auto; max-width: 220px; }
        .b-image img { max-width: min(360px, 100%); border-radius: 8px; display: block; }
        .b-section > img { width: 76px; height: 76px; object-fit: cover; border-radius: 8px; }
        .b table { border-collapse: collapse; font-size: 14px; }
        .b table td { border: 1px solid var(--line); padding: 4px 8px; }
        .unknown {
          color: var(--soft); font-size: 13px; border: 1px dashed var(--line); padding: 4px 8px; border-radius: 6px;
        }
        code, pre { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        .message code { background: var(--code); color: var(--code-text); padding: 1px 4px; border-radius: 4px; }
        .message pre {
          background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 8px 10px; margin: 4px 0;
          overflow: auto; white-space: pre-wrap;
        }
        blockquote { margin: 4px 0; padding-left: 10px; border-left: 3px solid var(--line); }
        .mention { background: var(--mention); border-radius: 4px; padding: 0 3px; }

        .composer { border-top: 1px solid var(--line); padding: 10px 18px 14px; }
        .composer .row { display: flex; gap: 8px; align-items: center; }
        .composer .as { display: flex; align-items: center; gap: 6px; color: var(--soft); flex: none; }
        .composer .as select { width: 148px; }
        .hints { display: flex; gap: 6px; flex-wrap: wrap; margin-bottom: 8px; }
        .hints button { padding: 2px 9px; font: 12.5px ui-monospace, Menlo, Consolas, monospace; border-radius: 12px; }

        aside { grid-area: target; border-left: 1px solid var(--line); padding: 6px 0; }
        aside section { padding: 12px 16px 16px; }
        aside section + section { border-top: 1px solid var(--line); }
        .form { display: grid; gap: 8px; margin-top: 10px; }
        .form label {
          display: grid; grid-template-columns: 58px minmax(0, 1fr); align-items: center; gap: 8px; color: var(--soft);
        }
        .form label.check { display: flex; }
        .form .end { display: flex; justify-content: space-between; align-items: center; margin-left: 66px; }
        .form label input, .form label select { color: var(--text); }
        .form > button { justify-self: end; }
        .buttons { display: flex; gap: 8px; justify-content: flex-end; flex-wrap: wrap; }
        .note { margin: 0; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
        .system { margin-top: 10px; }
        .system .bar { display: flex; gap: 6px; align-items: center; margin-bottom: 6px; }
        .system .bar b { margin-right: auto; }
        .system .bar button { padding: 2px 9px; font-size: 13px; }
        .accounts {
          list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 10px; overflow: auto;
          max-height: 250px; background: var(--panel);
        }
        .accounts li { padding: 6px 10px; display: flex; gap: 8px; align-items: baseline; cursor: pointer; }
        .accounts li + li { border-top: 1px solid var(--line); }
        .accounts li:hover { background: var(--hover); }
        .accounts .key { font-weight: 600; }
        .accounts .rest {
          color: var(--soft); font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
        }
        .accounts .inactive { opacity: .55; }
        .accounts .new { animation: arrive 2.4s ease-out; }
        .accounts .none { color: var(--soft); cursor: default; }
        @keyframes arrive { from { background: color-mix(in srgb, var(--good) 40%, transparent); } }
        @media (prefers-reduced-motion: reduce) { .accounts .new { animation: none; } }

        .deliveries {
          grid-area: deliveries; border-left: 1px solid var(--line); border-top: 1px solid var(--line);
          padding: 12px 0 0; display: flex; flex-direction: column; overflow: hidden;
        }
        .deliveries h2 { padding: 0 16px 8px; }
        .scroll { overflow: auto; flex: 1; }
        .deliveries table { width: 100%; border-collapse: collapse; font-size: 13px; }
        .deliveries th {
          text-align: left; color: var(--soft); font-weight: 500; position: sticky; top: 0; background: var(--ground);
        }
        .deliveries th, .deliveries td { padding: 4px 6px; white-space: nowrap; }
        .deliveries td:nth-child(2) { max-width: 130px; overflow: hidden; text-overflow: ellipsis; }
        .deliveries :is(th, td):first-child { padding-left: 16px; color: var(--soft); }
        .deliveries :is(th, td):last-child { padding-right: 16px; }
        .deliveries .n { text-align: right; font-variant-numeric: tabular-nums; }
        .deliveries tbody tr { cursor: pointer; }
        .deliveries tbody tr:hover { background: var(--hover); }
        .ok { color: var(--good); } .no { color: var(--bad); } .wait { color: var(--warn); }

        .tabs { display: none; }
        dialog {
          width: min(720px, calc(100vw - 24px)); max-height: 84vh; border: 1px solid var(--line); border-radius: 14px;
          background: var(--panel); color: var(--text); padding: 18px; box-shadow: var(--shadow);
        }
        dialog::backdrop { background: rgb(20 10 25 / .45); }
        dialog form { float: right; margin: -6px -6px 0 0; }
        dialog pre {
          white-space: pre-wrap; overflow-wrap: anywhere; background: var(--code); padding: 10px; border-radius: 8px;
        }
        dialog h3 { margin: 14px 0 4px; font-size: 13px; color: var(--soft); }
        #toast {
          position: fixed; left: 50%; bottom: 76px; translate: -50% 0; background: var(--text); color: var(--ground);
          padding: 8px 14px; border-radius: 10px; box-shadow: var(--shadow); max-width: calc(100vw - 24px);
        }

        @media (max-width: 1040px) {
          body { grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr); grid-template-areas: "top" "pane" "tabs"; }
          .pane { grid-area: pane; display: none; border: 0; }
          body[data-pane=side] .side, body[data-pane=target] aside { display: block; }
          body[data-pane=chat] .chat, body[data-pane=deliveries] .deliveries { display: flex; }
          .tabs {
            grid-area: tabs; display: grid; grid-template-columns: repeat(4, 1fr); background: var(--panel);
            border-top: 1px solid var(--line);
          }
          .tabs button {
            border: 0; border-radius: 0; padding: 12px 2px; font-size: 13px; background: none; color: var(--soft);
          }
          .tabs [aria-current=true] { color: var(--accent); box-shadow: inset 0 2px var(--accent); }
          .deliveries td:nth-child(2) { max-width: 38vw; }
          .accounts { max-height: none; }
        }
        @media (max-width: 560px) {
          .composer { padding: 8px 12px 12px; }
          .composer .row { flex-wrap: wrap; }
          .composer .as { width: 100%; }
          .composer .as select { width: 100%; }
          .composer input { flex: 1; }
          .message { padding: 8px 12px; }
          .fields { grid-template-columns: minmax(0, 1fr); }
          .sub { font-size: 13px; }
          input, select { font-size: 16px; }
        }
        """#
}
