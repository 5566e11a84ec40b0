// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The page of the admin port: drawn by its own script from `/status.json`, read again every few seconds.
///
/// Embedded, so that there is one file to install.
enum StatusPage {
    static let markup = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>slack-im</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/status.css">
        <script src="/status.js" defer></script>
        </head>
        <body>
        <header>
          <h1>slack-im</h1>
          <p id="workspace" class="quiet"></p>
          <p id="state" role="status"><span class="badge">loading</span></p>
        </header>
        <noscript><p class="note">This page draws <a href="/status.json">status.json</a> with a script.
        <a href="/metrics">metrics</a> needs none.</p></noscript>
        <main>
          <section aria-labelledby="h-now">
            <h2 id="h-now">Now</h2>
            <dl id="now" class="tiles"></dl>
          </section>
          <section aria-labelledby="h-deliveries" class="wide">
            <h2 id="h-deliveries">Deliveries</h2>
            <div class="charts">
              <figure><figcaption id="c-count">a minute</figcaption><svg id="count" role="img" aria-labelledby="c-count"></svg></figure>
              <figure><figcaption id="c-latency">acknowledged within</figcaption><svg id="latency" role="img" aria-labelledby="c-latency"></svg></figure>
            </div>
          </section>
          <section aria-labelledby="h-targets" class="wide">
            <h2 id="h-targets">Targets</h2>
            <div id="targets" class="table"></div>
          </section>
          <section aria-labelledby="h-errors" class="wide">
            <h2 id="h-errors">Errors</h2>
            <div id="sources" class="table"></div>
            <h3 id="h-groups">Open</h3>
            <div id="groups" class="table"></div>
          </section>
          <section aria-labelledby="h-queue">
            <h2 id="h-queue">Queue</h2>
            <div id="queue" class="table"></div>
          </section>
        </main>
        <footer class="quiet">
          <span id="program"></span>
          <nav aria-label="Raw figures"><a href="/metrics">metrics</a> <a href="/status.json">status.json</a></nav>
        </footer>
        </body>
        </html>
        """#

    static let style = #"""
        :root {
          --ground: #f5f6f4; --card: #ffffff; --ink: #1d2327; --quiet: #566068; --line: #dde1dd;
          --mark: #17656f; --fill: #cfe5e6; --good: #1d6b34; --warn: #8a5300; --bad: #a8221d;
          color-scheme: light dark;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14181a; --card: #1d2326; --ink: #e6eaeb; --quiet: #a2adb2; --line: #343d41;
            --mark: #6fc3cc; --fill: #23474b; --good: #7dcf93; --warn: #e7b35c; --bad: #ff928b;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; max-width: 1180px; padding: 20px; background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK KR", sans-serif; font-variant-numeric: tabular-nums;
        }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 14px; }
        header p { margin: 0; }
        #state { margin-left: auto; }
        h1 { font-size: 20px; margin: 0; }
        h2 { font-size: 15px; margin: 0 0 10px; }
        h3 { font-size: 13px; margin: 18px 0 6px; color: var(--quiet); font-weight: 600; }
        main { display: grid; gap: 14px; margin-top: 14px; grid-template-columns: minmax(0, 1fr); }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; min-width: 0; }
        .quiet { color: var(--quiet); }
        .badge { font-weight: 600; }
        .badge::before { content: "● "; }
        .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 12px; margin: 0; }
        .tiles dt { color: var(--quiet); font-size: 13px; }
        .tiles dd { margin: 0; font-size: 20px; line-height: 1.3; }
        .tiles small { display: block; font-size: 12px; color: var(--quiet); }
        .charts { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); }
        figure { margin: 0; min-width: 0; }
        figcaption { color: var(--quiet); font-size: 13px; margin-bottom: 4px; }
        svg { display: block; width: 100%; height: 110px; overflow: visible; }
        svg .bars { fill: var(--mark); }
        svg .area { fill: var(--fill); }
        svg .line { fill: none; stroke: var(--mark); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        svg .axis { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
        .scale { display: flex; justify-content: space-between; font-size: 12px; color: var(--quiet); margin-top: 4px; }
        .table { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: 6px 14px 6px 0; vertical-align: top; border-top: 1px solid var(--line); }
        thead th { border-top: 0; color: var(--quiet); font-size: 13px; font-weight: 500; white-space: nowrap; }
        tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 12ch; }
        td.n, th.n { text-align: right; padding-right: 26px; }
        tbody th small { font-weight: 400; }
        td small { display: block; color: var(--quiet); overflow-wrap: anywhere; }
        code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        .none { margin: 0; color: var(--quiet); }
        .note { border-left: 3px solid var(--warn); padding-left: 10px; }
        a { color: var(--mark); }
        a:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
        footer { display: flex; flex-wrap: wrap; gap: 4px 16px; justify-content: space-between; margin-top: 14px; font-size: 13px; }
        footer nav { display: flex; gap: 14px; }
        @media (max-width: 640px) {
          body { padding: 12px; }
          #state { margin-left: 0; flex-basis: 100%; }
          .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          .table { overflow: visible; }
          table, tbody, tr, td, tbody th { display: block; }
          thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
          tr { border-top: 1px solid var(--line); padding: 8px 0; }
          tr:first-child { border-top: 0; }
          td, tbody th { border: 0; padding: 1px 0; }
          td.n { text-align: left; padding-right: 0; }
          #sources td { display: inline-block; margin-right: 14px; }
          #groups td, #queue td { display: inline-block; margin-right: 14px; }
          td::before { content: attr(data-name) " "; color: var(--quiet); }
          td.empty { display: none; }
        }
        @media (prefers-reduced-motion: no-preference) { .badge { transition: color .2s; } }
        """#
}
