// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The page's HTML.
///
/// It holds no data: the script fills it from `/playground/state`.
enum PageMarkup {
    static let html = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>slack-im playground</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/playground/page.css">
        <script src="/playground/page.js" type="module"></script>
        </head>
        <body data-pane="chat">
        <header class="top">
          <span class="logo" aria-hidden="true"></span>
          <h1>Playground</h1>
          <span class="sub" id="workspace"></span>
          <span class="live" id="live" role="status"><i></i><span>connecting</span></span>
        </header>

        <nav class="side pane" data-name="side" aria-label="Workspace">
          <h2>Channels</h2>
          <ul id="channels" class="list"></ul>
          <h2>People <small id="people-count"></small></h2>
          <ul id="people" class="list people"></ul>
        </nav>

        <main class="chat pane" data-name="chat">
          <div class="chat-head"><h2 id="channel-name"></h2><span id="channel-info"></span></div>
          <div id="messages" class="messages" aria-live="polite"></div>
          <form id="composer" class="composer" autocomplete="off">
            <div class="hints" id="hints"></div>
            <div class="row">
              <label class="as"><span>as</span><select id="me" aria-label="Who you are"></select></label>
              <input id="line" aria-label="Message or command" placeholder="/im sync">
              <button class="primary">Send</button>
            </div>
          </form>
        </main>

        <aside class="pane" data-name="target" aria-label="Target and tools">
          <section>
            <h2>Accounts on the target</h2>
            <div id="systems"></div>
          </section>
          <section>
            <h2>Add a person</h2>
            <form id="add" class="form">
              <label>Name<input name="real_name" required placeholder="Nora Lindqvist"></label>
              <label>E-mail<input name="email" type="email" placeholder="nora@example.com"></label>
              <div class="end">
                <label class="check"><input type="checkbox" name="guest"> a guest</label>
                <button class="primary">Join</button>
              </div>
            </form>
          </section>
          <section>
            <h2>Raise an error</h2>
            <form id="error" class="form">
              <label>Error<select name="kind"></select></label>
              <label>By<select name="user"></select></label>
              <button class="primary">Raise</button>
              <p class="note" id="error-note" role="status"></p>
            </form>
          </section>
          <section>
            <h2>Change a person</h2>
            <form id="change" class="form">
              <label>Who<select name="id"></select></label>
              <label>Name<input name="real_name"></label>
              <label>E-mail<input name="email" type="email"></label>
              <div class="buttons">
                <button class="primary" name="do" value="save">Save</button>
                <button name="do" value="guest" id="guest-button">Make guest</button>
                <button name="do" value="deleted" class="danger" id="deactivate-button">Deactivate</button>
              </div>
            </form>
          </section>
        </aside>

        <section class="pane deliveries" data-name="deliveries" aria-label="Deliveries">
          <h2>Deliveries <small>what Slack sent to the app</small></h2>
          <div class="scroll"><table>
            <thead><tr><th>#</th><th>What</th><th>Try</th><th>Status</th><th class="n">ms</th></tr></thead>
            <tbody id="deliveries"></tbody>
          </table></div>
        </section>

        <nav class="tabs" aria-label="Panes">
          <button data-to="side">Workspace</button>
          <button data-to="chat">Chat</button>
          <button data-to="target">Target</button>
          <button data-to="deliveries">Deliveries</button>
        </nav>
        <dialog id="detail"><form method="dialog"><button aria-label="Close">×</button></form><div></div></dialog>
        <div id="toast" role="alert" hidden></div>
        <noscript>The playground needs JavaScript.</noscript>
        </body>
        </html>
        """#
}
