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
        <title>playground</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/playground/page.css">
        <script src="/playground/page.js" type="module"></script>
        </head>
        <body data-pane="chat">
        <header class="top">
          <span class="logo" aria-hidden="true"></span>
          <h1>Playground</h1>
          <span class="sub" id="workspace"></span>
          <div class="clock" role="group" aria-label="The workspace's clock">
            <span id="clock-now"></span>
            <button type="button" id="clock-next" class="primary" hidden></button>
            <button type="button" data-advance="60" aria-label="Advance the clock by 1 minute">+1 min</button>
            <button type="button" data-advance="300" aria-label="Advance the clock by 5 minutes">+5 min</button>
            <button type="button" data-advance="3600" aria-label="Advance the clock by 1 hour">+1 h</button>
          </div>
          <span class="live" id="live" role="status"><i aria-hidden="true"></i><span>connecting</span></span>
        </header>
        <div id="banner" role="alert" hidden><span id="banner-text"></span><button type="button" id="banner-button"></button></div>

        <main>
        <nav class="side pane" data-name="side" aria-label="Workspace">
          <div class="side-head"><h2>Channels</h2>
            <button type="button" id="new-channel" class="plain" aria-label="Make a channel" title="Make a channel">+</button></div>
          <ul id="channels" class="list"></ul>
          <h2>Direct messages</h2>
          <ul id="directs" class="list"></ul>
          <h2>App</h2>
          <ul class="list"><li><button type="button" id="home-button"><span aria-hidden="true">⌂</span>
            <span class="name"><span id="home-name"></span> Home</span></button></li></ul>
          <h2>People <small id="people-count"></small></h2>
          <ul id="people" class="list people"></ul>
        </nav>

        <section class="main pane" data-name="chat" aria-labelledby="channel-name">
          <div class="chat-head"><h2 id="channel-name"></h2><span id="channel-info"></span>
            <label class="as">as <select id="me" aria-label="Who you are"></select></label></div>
          <div id="chat" class="chat">
            <div id="messages" class="messages" role="log" aria-label="Messages" aria-live="polite" tabindex="0"></div>
            <form id="composer" class="composer" autocomplete="off">
              <div class="hints" id="hints"></div>
              <ul id="completions" role="listbox" aria-label="Completions" hidden></ul>
              <span id="completion-count" class="sr" role="status"></span>
              <div class="row">
                <textarea id="line" rows="1" aria-label="Message or command" aria-autocomplete="list"
                  aria-controls="completions" placeholder="Write, or / for commands"></textarea>
                <button class="primary">Send</button>
              </div>
            </form>
          </div>
          <section id="home" class="home" aria-label="App Home" hidden>
            <div class="home-tabs"><span class="current" aria-current="page">Home</span>
              <button type="button" id="home-messages" class="plain">Messages</button></div>
            <div id="home-blocks" class="home-blocks" tabindex="0" role="region" aria-label="Home"></div>
          </section>
        </section>

        <section id="thread" class="thread" aria-label="Thread" hidden>
          <div class="chat-head"><h2>Thread</h2>
            <button type="button" id="thread-close" class="plain" aria-label="Close the thread">×</button></div>
          <div id="thread-messages" class="messages" role="log" aria-label="Replies" aria-live="polite" tabindex="0"></div>
          <form id="reply-form" class="composer"><div class="row">
            <textarea id="reply" rows="1" aria-label="Reply" placeholder="Reply…"></textarea>
            <button class="primary">Reply</button></div></form>
        </section>

        <section class="tools pane" data-name="tools" aria-label="Tools">
          <div role="tablist" aria-label="Tools" id="tool-tabs" class="tabs">
            <button role="tab" id="tab-accounts" aria-controls="panel-accounts" aria-selected="true">Accounts</button>
            <button role="tab" id="tab-people" aria-controls="panel-people" aria-selected="false">People</button>
            <button role="tab" id="tab-errors" aria-controls="panel-errors" aria-selected="false">Errors</button>
            <button role="tab" id="tab-faults" aria-controls="panel-faults" aria-selected="false">Faults</button>
            <button role="tab" id="tab-app" aria-controls="panel-app" aria-selected="false">App</button>
          </div>
          <div role="tabpanel" id="panel-accounts" class="panel" aria-labelledby="tab-accounts" tabindex="0">
            <div id="systems"></div>
          </div>
          <div role="tabpanel" id="panel-people" class="panel" aria-labelledby="tab-people" tabindex="0" hidden>
            <h2>Somebody joins</h2>
            <form id="add" class="form">
              <label>Name<input name="real_name" required placeholder="Nora Lindqvist"></label>
              <label>E-mail<input name="email" type="email" placeholder="nora@example.com"></label>
              <div class="end">
                <label class="check"><input type="checkbox" name="guest"> a guest</label>
                <button class="primary">Join</button>
              </div>
            </form>
            <p class="note">Press a name in the list of people to rename, move or deactivate them.</p>
          </div>
          <div role="tabpanel" id="panel-errors" class="panel" aria-labelledby="tab-errors" tabindex="0" hidden>
            <h2>Raise an error</h2>
            <form id="error" class="form">
              <label>Error<select name="kind"></select></label>
              <label>By<select name="user"></select></label>
              <div class="end"><p class="note" id="error-note" role="status"></p><button class="primary">Raise</button></div>
            </form>
          </div>
          <div role="tabpanel" id="panel-faults" class="panel" aria-labelledby="tab-faults" tabindex="0" hidden>
            <h2>A Web API method fails</h2>
            <form id="fault" class="form">
              <label>Method<select name="method"></select></label>
              <label>How<select name="kind">
                <option value="rate_limited">429 with Retry-After</option>
                <option value="error">an error by its name</option>
                <option value="html">an HTML page</option>
                <option value="slow">an answer after a while</option>
                <option value="hang">no answer</option>
                <option value="reset">reset after the work is done</option>
              </select></label>
              <label data-for="rate_limited slow">Seconds<input name="seconds" type="number" min="1" max="3600" value="30"></label>
              <label data-for="error">Error<input name="error" value="internal_error"></label>
              <label data-for="html">HTTP status<input name="status" type="number" min="400" max="599" value="503"></label>
              <label>For how many calls (0: until it is ended)<input name="calls" type="number" min="0" max="10000" value="1"></label>
              <div class="end"><button class="primary">Switch on</button></div>
            </form>
            <ul id="faults" class="plain-list"></ul>
            <h2>What Slack may do at any time</h2>
            <label class="check"><input type="checkbox" data-liberty="twice"> send every event twice</label>
            <label class="check"><input type="checkbox" data-liberty="swapped"> send neighbouring events in the wrong order</label>
            <label class="check"><input type="checkbox" data-liberty="short_pages"> give pages with fewer items than asked for</label>
          </div>
          <div role="tabpanel" id="panel-app" class="panel" aria-labelledby="tab-app" tabindex="0" hidden>
            <h2>Request URLs</h2>
            <dl id="app-facts"></dl>
            <div class="buttons"><button type="button" id="app-verify">Verify events URL</button>
              <button type="button" id="app-install" class="danger">Uninstall</button></div>
            <h2>Scopes</h2>
            <ul id="app-scopes" class="scopes"></ul>
            <form id="app-grant" class="form inline"><input name="scope" aria-label="Scope to grant" placeholder="reactions:write">
              <button>Grant</button></form>
          </div>
        </section>

        <section class="log pane" data-name="log" aria-label="Traffic">
          <div role="tablist" aria-label="Traffic" id="log-tabs" class="tabs">
            <button role="tab" id="tab-deliveries" aria-controls="panel-deliveries" aria-selected="true">Deliveries</button>
            <button role="tab" id="tab-calls" aria-controls="panel-calls" aria-selected="false" tabindex="-1">Web API calls</button>
          </div>
          <div role="tabpanel" id="panel-deliveries" class="scroll" aria-labelledby="tab-deliveries" tabindex="0"><table>
            <caption class="sr">What Slack sent to the app, newest first</caption>
            <thead><tr><th scope="col">#</th><th scope="col">What</th><th scope="col">Try</th><th scope="col">Status</th>
              <th scope="col" class="n">ms</th></tr></thead>
            <tbody id="deliveries"></tbody>
          </table></div>
          <div role="tabpanel" id="panel-calls" class="scroll" aria-labelledby="tab-calls" tabindex="0" hidden><table>
            <caption class="sr">What the app asked of Slack, newest first</caption>
            <thead><tr><th scope="col">#</th><th scope="col">Method</th><th scope="col">Answer</th>
              <th scope="col" class="n">ms</th></tr></thead>
            <tbody id="calls"></tbody>
          </table></div>
        </section>

        </main>

        <nav class="panes" aria-label="Panes">
          <button type="button" data-to="side">Workspace</button>
          <button type="button" data-to="chat">Chat</button>
          <button type="button" data-to="tools">Tools</button>
          <button type="button" data-to="log">Traffic</button>
        </nav>

        <dialog id="modal" aria-labelledby="modal-title"></dialog>
        <dialog id="ask" aria-labelledby="ask-title"></dialog>
        <dialog id="detail" class="closes wide" aria-labelledby="detail-title">
          <header><h2 id="detail-title"></h2><button type="button" class="close plain" aria-label="Close">×</button></header>
          <div id="detail-buttons" class="buttons"></div>
          <div id="detail-body"></div>
        </dialog>
        <dialog id="person" aria-labelledby="person-title">
          <header><h2 id="person-title"></h2><button type="button" id="person-close" class="plain" aria-label="Close">×</button></header>
          <p class="note" id="person-info"></p>
          <form id="person-form" class="form">
            <label>Name<input name="real_name" required></label>
            <label>E-mail<input name="email" type="email"></label>
            <label>Language<select name="locale"><option value="en-US">English</option><option value="ko-KR">한국어</option></select></label>
            <div class="end"><button class="primary">Save</button></div>
          </form>
          <h3>Standing</h3>
          <div class="buttons" id="person-buttons"></div>
          <h3>Channels</h3>
          <div class="checks" id="person-channels"></div>
          <h3>User groups</h3>
          <div class="checks" id="person-groups"></div>
        </dialog>
        <div id="toast" role="alert" hidden></div>
        <noscript>The playground needs JavaScript.</noscript>
        </body>
        </html>
        """#
}
