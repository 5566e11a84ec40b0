// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The page's style sheet, for light and dark, from 390 pixels up.
enum PageStyle {
    static let css = #"""
        :root {
          --ground: #fbfafc; --panel: #fff; --side: #f3f0f5; --line: #e3dde7; --edge: #8d8295; --text: #1f1a23;
          --soft: #655c6c; --accent: #6b2a7a; --on-accent: #fff; --hover: #ece6ef; --code: #f2eef4; --code-text: #9c2c59;
          --good: #1b6e45; --bad: #b3261e; --warn: #7d5200; --mention: #f6ecd2; --link: #1a5fb4; --private: #fdf8ea;
          --shadow: 0 1px 2px rgb(40 20 50 / .06), 0 8px 24px rgb(40 20 50 / .12);
        }
        @media (prefers-color-scheme: dark) { :root {
          --ground: #17141a; --panel: #1e1a22; --side: #1a171d; --line: #342d3a; --edge: #7d7186; --text: #ece7ef;
          --soft: #aca2b3; --accent: #c58bd4; --on-accent: #21102a; --hover: #2a2430; --code: #2a2430;
          --code-text: #f3a0c4; --good: #6fd3a0; --bad: #ff8f85; --warn: #e8bd66; --mention: #453a1d; --link: #8ab8ff;
          --private: #26211a; --shadow: 0 1px 2px rgb(0 0 0 / .3), 0 8px 24px rgb(0 0 0 / .4);
        } }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        html, body { height: 100%; }
        body {
          margin: 0; color: var(--text); background: var(--ground);
          font: 15px/1.46 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans KR", "Noto Sans CJK KR", sans-serif;
          display: grid; grid-template: auto auto minmax(0, 1.5fr) minmax(0, 1fr) / 216px minmax(0, 1fr) 356px;
          grid-template-areas: "top top top" "banner banner banner" "side main tools" "side main log";
        }
        h1, h2, h3 { margin: 0; font-size: 15px; line-height: 1.3; }
        h2 small { color: var(--soft); font-weight: 400; margin-left: 4px; }
        .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        button, input, select, textarea { font: inherit; color: inherit; }
        button {
          border: 1px solid var(--line); background: var(--panel); border-radius: 8px; padding: 5px 12px;
          cursor: pointer; font-weight: 550;
        }
        button:hover { background: var(--hover); }
        button:disabled { opacity: .55; cursor: default; }
        [aria-busy=true] { opacity: .7; cursor: progress; }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
        button.primary:hover { filter: brightness(1.08); }
        button.danger { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 45%, var(--line)); }
        button.plain { border: 0; background: none; padding: 2px 8px; }
        button.plain:hover { background: var(--hover); }
        button[aria-pressed=true] { background: var(--mention); border-color: var(--warn); }
        input:not([type=checkbox], [type=radio]), select, textarea {
          width: 100%; min-width: 0; padding: 6px 10px; border: 1px solid var(--edge); border-radius: 8px;
          background: var(--panel);
        }
        textarea { resize: none; display: block; }
        input[type=checkbox], input[type=radio] { accent-color: var(--accent); width: 16px; height: 16px; margin: 2px 0 0; flex: none; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
        a { color: var(--link); }

        .top {
          grid-area: top; display: flex; align-items: center; gap: 10px; padding: 8px 16px;
          border-bottom: 1px solid var(--line); background: var(--panel);
        }
        .logo {
          width: 20px; height: 20px; border-radius: 6px; background: linear-gradient(135deg, var(--accent), #d9773f); flex: none;
        }
        .sub { color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .clock { margin-left: auto; display: flex; align-items: center; gap: 6px; font-variant-numeric: tabular-nums; }
        .clock span { color: var(--soft); white-space: nowrap; }
        .clock button { padding: 2px 9px; font-size: 13px; white-space: nowrap; }
        .live { display: flex; align-items: center; gap: 6px; color: var(--soft); font-size: 13px; margin-left: 8px; }
        .live i { width: 8px; height: 8px; border-radius: 50%; background: var(--warn); }
        .live.on i { background: var(--good); }
        #banner {
          grid-area: banner; display: flex; gap: 12px; align-items: center; padding: 8px 16px; background: var(--mention);
          border-bottom: 1px solid var(--line);
        }

        main { display: contents; }
        .pane { min-width: 0; min-height: 0; overflow: auto; }
        .side { grid-area: side; background: var(--side); border-right: 1px solid var(--line); padding: 12px 8px; }
        .side h2 { padding: 4px 8px; color: var(--soft); font-size: 13px; }
        .side-head { display: flex; justify-content: space-between; align-items: center; }
        .list { list-style: none; margin: 0 0 12px; padding: 0; }
        .list button {
          width: 100%; border: 0; background: none; text-align: left; padding: 4px 8px; border-radius: 7px;
          font-weight: 400; display: flex; gap: 8px; align-items: center; min-width: 0;
        }
        .list button:hover { background: var(--hover); }
        .list button:disabled { opacity: 1; background: none; }
        .list button.unread { font-weight: 700; }
        .list [aria-current=page] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
        .list [aria-current=page]:hover { background: var(--accent); }
        .list .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .list .off .name { text-decoration: line-through; color: var(--soft); }
        .badge {
          margin-left: auto; font-size: 12px; min-width: 20px; text-align: center; padding: 0 6px; border-radius: 10px;
          background: var(--bad); color: var(--panel);
        }
        .tag {
          margin-left: auto; font-size: 11px; padding: 0 6px; border-radius: 9px; border: 1px solid var(--edge);
          color: var(--soft); white-space: nowrap;
        }
        .face {
          flex: none; width: 22px; height: 22px; border-radius: 6px; display: grid; place-items: center;
          font-size: 11px; font-weight: 700; color: #fff;
        }

        .main { grid-area: main; display: flex; flex-direction: column; background: var(--panel); overflow: hidden; }
        .chat { flex: 1; min-height: 0; display: flex; flex-direction: column; }
        .chat-head {
          padding: 6px 18px; min-height: 42px; border-bottom: 1px solid var(--line); display: flex; gap: 10px; align-items: center;
        }
        .chat-head :is(h2, span) { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
        .chat-head h2 { flex: none; max-width: 60%; }
        .chat-head span { color: var(--soft); font-size: 13px; }
        .as { margin-left: auto; display: flex; align-items: center; gap: 6px; color: var(--soft); font-size: 13px; flex: none; }
        .as select { width: auto; max-width: 168px; padding: 2px 6px; color: var(--text); text-overflow: ellipsis; }
        .chat-head button { margin-left: auto; }
        .messages { flex: 1; min-height: 0; overflow: auto; padding: 10px 0; overscroll-behavior: contain; }
        .messages:focus-visible { outline-offset: -2px; }
        .message { display: flex; gap: 10px; padding: 7px 18px; position: relative; }
        .message:hover { background: color-mix(in srgb, var(--hover) 45%, transparent); }
        .message > .face { width: 36px; height: 36px; border-radius: 9px; font-size: 15px; }
        .message .content { min-width: 0; flex: 1; max-width: 720px; overflow-wrap: anywhere; }
        .message .by { display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; }
        .message .by b { font-weight: 680; }
        .message .by :is(small, time), .only { color: var(--soft); font-size: 12.5px; }
        .app-tag {
          font-size: 10.5px; background: var(--code); color: var(--soft); padding: 1px 5px; border-radius: 4px;
          letter-spacing: .03em;
        }
        .message.private { background: var(--private); }
        .message.refused { border-left: 3px solid var(--bad); }
        .message.refused .face { background: var(--bad) !important; color: var(--panel); }
        .message > .menu { position: absolute; top: 4px; right: 12px; opacity: 0; }
        .message:is(:hover, :focus-within) > .menu, .message > .menu[open] { opacity: 1; }
        @media (hover: none) { .message > .menu { opacity: 1; } }
        .empty { color: var(--soft); text-align: center; padding: 48px 16px; }
        .refused .draft { max-height: 260px; overflow: auto; border: 1px dashed var(--edge); border-radius: 8px; padding: 4px 10px; }
        .advice { color: var(--warn); font-size: 13px; margin: 4px 0; }
        .problems { color: var(--bad); font-size: 13px; margin: 4px 0; padding-left: 18px; }
        .error { color: var(--bad); font-size: 13.5px; margin: 4px 0 8px; }
        .reactions { display: flex; gap: 6px; flex-wrap: wrap; margin-top: 4px; }
        .reactions button { padding: 0 8px; border-radius: 12px; font-size: 13px; }
        .thread-link { border: 0; background: none; color: var(--link); padding: 2px 6px; margin: 2px 0 0 -6px; font-size: 13.5px; }
        .thread-link small { color: var(--soft); font-weight: 400; }
        .thread {
          grid-row: 3 / 5; grid-column: 3; z-index: 3; background: var(--panel); border-left: 1px solid var(--line);
          display: flex; flex-direction: column; min-height: 0; box-shadow: var(--shadow);
        }

        .b { margin: 6px 0; }
        .b:first-child { margin-top: 2px; }
        .b-header { font-size: 18px; font-weight: 720; line-height: 1.35; }
        .b-header:is(.level-3, .level-4) { font-size: 15px; }
        .b-section { display: flex; gap: 14px; align-items: flex-start; }
        .b-section > .body { flex: 1; min-width: 0; }
        .b-section > select, .b-section > .external, .b-section > .multi, .b-section > input { width: auto; max-width: 46%; flex: none; }
        .fields { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 18px; margin-top: 4px; }
        .b-context {
          display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; color: var(--soft); font-size: 13px;
        }
        .b-context img { width: 18px; height: 18px; border-radius: 4px; }
        .b-divider { border: 0; border-top: 1px solid var(--line); margin: 12px 0; }
        .b-actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
        .b-actions > :is(select, input, .multi, .external) { width: auto; max-width: 240px; }
        :is(.b-actions, .b-section) > button.danger { background: var(--bad); color: var(--panel); border-color: var(--bad); }
        button.danger.solid { background: var(--bad); color: var(--panel); border-color: var(--bad); }
        figure { margin: 0; }
        .b-image img { max-width: min(360px, 100%); border-radius: 8px; display: block; }
        .b-section > img { width: 76px; height: 76px; object-fit: cover; border-radius: 8px; }
        .b-table { overflow: auto; max-width: 100%; }
        .b-table table { border-collapse: collapse; font-size: 14px; }
        .b-table :is(td, th) { border: 1px solid var(--line); padding: 4px 10px; text-align: left; }
        .b-table th { background: var(--code); }
        .align-center { text-align: center !important; } .align-right { text-align: right !important; }
        .b-input { margin: 12px 0; display: grid; gap: 4px; }
        .b-input .label { font-weight: 650; }
        .b-input .label small { font-weight: 400; color: var(--soft); }
        .hint { color: var(--soft); }
        .b-alert, .b-card { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
        .b-alert.warning { background: var(--mention); }
        .b-alert.error { border-color: var(--bad); }
        .choices { display: grid; gap: 6px; }
        .choices label, .check { display: flex; gap: 8px; align-items: flex-start; }
        .choices small { color: var(--soft); display: block; }
        .multi { border: 1px solid var(--edge); border-radius: 8px; padding: 5px 10px; background: var(--panel); }
        .multi label { display: flex; gap: 8px; align-items: center; }
        .multi label input { margin: 0; }
        .multi div { display: grid; gap: 4px; padding-top: 6px; max-height: 180px; overflow: auto; }
        .menu { display: inline-block; position: relative; }
        .menu summary {
          list-style: none; border: 1px solid var(--line); background: var(--panel); border-radius: 8px; padding: 1px 10px;
          cursor: pointer; font-weight: 700;
        }
        .menu summary::-webkit-details-marker { display: none; }
        .menu-list {
          position: absolute; right: 0; z-index: 6; min-width: 168px; max-width: 300px; background: var(--panel);
          border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); padding: 4px; display: grid;
        }
        .menu-list.up { bottom: calc(100% + 4px); }
        .b-actions .menu-list { right: auto; left: 0; }
        .menu-list button { border: 0; text-align: left; font-weight: 400; background: none; }
        .menu-list button:hover, .menu-list button:focus-visible { background: var(--hover); }
        .unknown {
          color: var(--soft); font-size: 13px; border: 1px dashed var(--edge); padding: 4px 8px; border-radius: 6px;
        }
        .attachment { border-left: 4px solid var(--line); padding-left: 12px; margin: 6px 0; }
        code, pre { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace; }
        code { background: var(--code); color: var(--code-text); padding: 1px 4px; border-radius: 4px; }
        pre {
          background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 8px 10px; margin: 4px 0;
          overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
        }
        blockquote { margin: 4px 0; padding-left: 10px; border-left: 3px solid var(--edge); }
        .b :is(ul, ol) { margin: 2px 0; padding-left: 24px; }
        [data-indent="1"] { margin-left: 20px !important; } [data-indent="2"] { margin-left: 40px !important; }
        .mention { background: var(--code); border-radius: 4px; padding: 0 3px; color: var(--link); }
        .mention.me { background: var(--mention); color: inherit; }

        .composer { border-top: 1px solid var(--line); padding: 8px 18px 12px; position: relative; }
        .composer .row { display: flex; gap: 8px; align-items: flex-end; }
        .composer textarea { flex: 1; line-height: 1.4; min-height: 35px; }
        .hints { display: flex; gap: 6px; flex-wrap: wrap; margin-bottom: 8px; }
        .hints:empty { display: none; }
        .hints button { padding: 1px 9px; font-size: 13px; font-weight: 450; border-radius: 12px; color: var(--soft); }
        #completions {
          position: absolute; bottom: calc(100% - 4px); left: 18px; right: 18px; margin: 0; padding: 4px; list-style: none; z-index: 5;
          background: var(--panel); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow);
          max-height: 300px; overflow: auto;
        }
        #completions li { padding: 5px 10px; border-radius: 7px; cursor: pointer; display: flex; gap: 10px; align-items: baseline; }
        #completions li:hover, #completions [aria-selected=true] { background: var(--hover); }
        #completions b { font-weight: 600; } #completions span { color: var(--soft); font-size: 13px; }

        .home { flex: 1; min-height: 0; display: flex; flex-direction: column; }
        .home-tabs { display: flex; gap: 4px; padding: 0 18px; border-bottom: 1px solid var(--line); align-items: stretch; }
        .home-tabs > * { padding: 8px 10px !important; border-radius: 0; }
        .home-tabs .current { box-shadow: inset 0 -2px var(--accent); font-weight: 600; }
        .home-blocks { overflow: auto; padding: 16px 18px; flex: 1; }
        .home-blocks > * { max-width: 720px; }
        .home-blocks > .b-header:not(:first-child) { margin-top: 26px; padding-top: 16px; border-top: 1px solid var(--line); }
        .home-blocks > .b-section:not(:first-child) { margin-top: 14px; }

        .tools { grid-area: tools; border-left: 1px solid var(--line); display: flex; flex-direction: column; overflow: hidden; }
        .log {
          grid-area: log; border-left: 1px solid var(--line); border-top: 1px solid var(--line); display: flex;
          flex-direction: column; overflow: hidden;
        }
        .tabs { display: flex; border-bottom: 1px solid var(--line); padding: 0 8px; flex: none; background: var(--panel); }
        .tabs button { border: 0; border-radius: 0; background: none; padding: 9px 9px 8px; font-weight: 500; color: var(--soft); font-size: 14px; }
        .tabs [aria-selected=true] { color: var(--text); box-shadow: inset 0 -2px var(--accent); font-weight: 650; }
        .panel, .scroll { overflow: auto; flex: 1; min-height: 0; }
        .panel { padding: 12px 16px; }
        .panel h2 { margin: 2px 0 8px; } .panel * + h2 { margin-top: 18px; }
        .panel:focus-visible, .scroll:focus-visible { outline-offset: -2px; }
        .form { display: grid; gap: 8px; }
        .form label:not(.check) { display: grid; gap: 3px; font-size: 13px; color: var(--soft); }
        .form :is(input, select) { color: var(--text); }
        .form.inline { grid-template-columns: 1fr auto; margin-top: 8px; }
        .end { display: flex; gap: 10px; justify-content: flex-end; align-items: center; }
        .end > :first-child:not(button):not(:last-child) { margin-right: auto; }
        .check { align-items: center; padding: 2px 0; }
        .check input { margin: 0; }
        .note { color: var(--soft); font-size: 13px; margin: 6px 0; }
        .buttons { display: flex; gap: 8px; flex-wrap: wrap; }
        .plain-list { list-style: none; padding: 0; margin: 10px 0 0; display: grid; gap: 6px; font-size: 14px; }
        .plain-list li { display: flex; gap: 8px; justify-content: space-between; align-items: center; }
        .scopes { list-style: none; padding: 0; margin: 0; display: flex; gap: 6px; flex-wrap: wrap; font-size: 13px; }
        .scopes li { background: var(--code); border-radius: 6px; padding: 1px 2px 1px 8px; }
        .scopes button { border: 0; background: none; padding: 0 7px; }
        dl { margin: 0 0 10px; font-size: 14px; } dt { color: var(--soft); font-size: 13px; } dd { margin: 0 0 6px; overflow-wrap: anywhere; }

        .system { margin-bottom: 14px; }
        .system .bar { display: flex; gap: 6px; align-items: center; }
        .panel .system h2 { margin: 0 auto 0 0; }
        .system .bar button { padding: 1px 9px; font-size: 13px; }
        .accounts { list-style: none; margin: 6px 0 0; padding: 0; max-height: 148px; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
        .accounts li + li { border-top: 1px solid var(--line); }
        .accounts button {
          display: flex; width: 100%; gap: 8px; border: 0; border-radius: 0; background: none; text-align: left; font-weight: 400;
          padding: 3px 10px; font-size: 13.5px; align-items: baseline;
        }
        .accounts button:hover { background: var(--hover); }
        .accounts .key { font-weight: 600; flex: none; }
        .accounts .rest { color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
        .accounts .inactive .key { text-decoration: line-through; }
        .accounts .new { animation: arrive 2.4s ease-out; }
        @keyframes arrive { from { background: color-mix(in srgb, var(--good) 14%, transparent); } }
        .none { color: var(--soft); font-size: 13.5px; padding: 6px 10px; margin: 4px 0; }
        @media (prefers-reduced-motion: reduce) { .accounts .new { animation: none; } }

        .log table { width: 100%; border-collapse: collapse; font-size: 13px; table-layout: fixed; }
        .log th { text-align: left; color: var(--soft); font-weight: 500; position: sticky; top: 0; background: var(--ground); z-index: 1; }
        .log :is(th, td) { padding: 4px 6px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
        .log :is(th, td):first-child { padding-left: 14px; color: var(--soft); width: 46px; }
        #panel-deliveries :is(th, td):nth-child(3) { width: 66px; }
        #panel-deliveries :is(th, td):nth-child(4) { width: 62px; }
        #panel-calls :is(th, td):nth-child(3) { width: 120px; }
        .log :is(th, td):last-child { padding-right: 14px; width: 50px; }
        .log .n { text-align: right; font-variant-numeric: tabular-nums; }
        .log tbody tr[tabindex] { cursor: pointer; }
        .log tbody tr[tabindex]:hover { background: var(--hover); }
        .log tbody tr:focus-visible { outline-offset: -2px; }
        .ok { color: var(--good); } .no { color: var(--bad); } .wait { color: var(--warn); }

        .panes { display: none; }
        dialog {
          width: min(540px, calc(100vw - 24px)); max-height: 88vh; border: 1px solid var(--line); border-radius: 14px;
          background: var(--panel); color: var(--text); padding: 18px 20px; box-shadow: var(--shadow); overflow: auto;
        }
        dialog.wide { width: min(760px, calc(100vw - 24px)); }
        dialog::backdrop { background: rgb(20 10 25 / .5); }
        dialog header { display: flex; gap: 10px; align-items: center; margin-bottom: 8px; }
        dialog header h2 { font-size: 17px; margin-right: auto; overflow-wrap: anywhere; }
        dialog header button { font-size: 20px; line-height: 1; padding: 4px 10px; }
        dialog h3 { margin: 14px 0 4px; font-size: 13px; color: var(--soft); }
        dialog .b-header { font-size: 18px; color: inherit; }
        #ask h2 { margin-bottom: 8px; font-size: 17px; } #ask .end { margin-top: 16px; }
        #modal { padding: 0; overflow: hidden; }
        #modal[open] { display: flex; }
        .modal { display: flex; flex-direction: column; width: 100%; min-height: 0; }
        .modal header { padding: 14px 20px; margin: 0; border-bottom: 1px solid var(--line); }
        .modal-body { padding: 6px 20px 12px; overflow: auto; }
        .modal footer { padding: 12px 20px; border-top: 1px solid var(--line); }
        .crumb { color: var(--soft); font-size: 13px; }
        .checks { display: flex; flex-wrap: wrap; gap: 4px 16px; }
        #toast {
          position: fixed; left: 50%; bottom: 84px; translate: -50% 0; background: var(--text); color: var(--ground); z-index: 20;
          padding: 8px 14px; border-radius: 10px; box-shadow: var(--shadow); max-width: calc(100vw - 24px);
        }

        @media (max-width: 1040px) {
          body {
            grid-template: auto auto minmax(0, 1fr) auto / minmax(0, 1fr);
            grid-template-areas: "top" "banner" "pane" "panes";
          }
          .pane { grid-area: pane; display: none; border: 0; }
          body[data-pane=side] .side { display: block; }
          body[data-pane=chat] .main, body[data-pane=tools] .tools, body[data-pane=log] .log { display: flex; }
          .thread { grid-area: pane; }
          body:not([data-pane=chat]) .thread { display: none; }
          .panes {
            grid-area: panes; display: grid; grid-template-columns: repeat(4, 1fr); background: var(--panel);
            border-top: 1px solid var(--line);
          }
          .panes button { border: 0; border-radius: 0; padding: 12px 2px; font-size: 13px; background: none; color: var(--soft); }
          .panes [aria-current=page] { color: var(--accent); box-shadow: inset 0 2px var(--accent); }
          .accounts { max-height: none; }
          .list button, .tabs button { padding-top: 8px; padding-bottom: 8px; }
        }
        @media (max-width: 560px) {
          .top { padding: 8px 12px; gap: 8px; }
          .top h1 { font-size: 14px; }
          .sub, [data-advance="3600"] { display: none; }
          .clock { gap: 4px; flex-wrap: wrap; justify-content: flex-end; } .clock button { padding: 2px 7px; }
          .live { margin-left: 0; } .live span { display: none; }
          .composer { padding: 8px 12px 10px; }
          .composer .row { flex-wrap: wrap; }
          .as select { max-width: 42vw; font-size: 15px; }
          .chat-head { padding: 6px 12px; }
          .message { padding: 8px 12px; }
          .message > .face { width: 30px; height: 30px; }
          .fields { grid-template-columns: minmax(0, 1fr); }
          .b-section { flex-wrap: wrap; }
          .b-section > .body { flex-basis: 100%; }
          .b-section > :is(select, .external, .multi, input) { max-width: 100%; }
          .tabs { overflow-x: auto; }
          input, select, textarea { font-size: 16px; }
        }
        """#
}
