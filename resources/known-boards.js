// A button beside the field for a board, which shows the boards that the server knows, and whether they
// are online. Node-RED serves this folder to the editor; a dialog loads it with
// <script src="resources/@mqboard/node-red/known-boards.js">. Its texts are those of mqboard-config.
window.mqboardKnownBoards = (() => {
  const MARKS = { true: 'known.online', false: 'known.offline' };
  /** More than fit into the panel are found by typing. */
  const SHOWN = 200;

  const words = (key, values) =>
    RED.nodes.getType('mqboard-config')._(`mqboard-config.${key}`, values);

  const wordsForStatus = (status) => {
    if (status === 404) return words('known.notDeployed');
    if (status === 401 || status === 403) return words('known.denied');
    return words('known.unreachable');
  };

  /** What can be said of a server without asking for it; undefined when it has to be asked. */
  function withoutAsking(id) {
    return !id || id === '_ADD_' ? words('known.noServer') : undefined;
  }

  /** What is to be said above the list. */
  function noteFor(id, { connected, boards }) {
    const server = RED.nodes.node(id);
    if (server?.changed) return words('known.changed');
    if (!connected)
      return words(boards.length > 0 ? 'known.notConnected' : 'known.notConnectedNone');
    return boards.length > 0 ? '' : words('known.none');
  }

  function rowOf({ board, online, asleep, machine, fw }, choose) {
    const mark = words(asleep ? 'known.asleep' : MARKS[online] || 'known.unknown');
    const row = $('<button type="button" class="mqboard-known-board" role="option"></button>');
    $('<i class="fa"></i>')
      .addClass(online === true ? 'fa-circle' : asleep ? 'fa-moon-o' : 'fa-circle-o')
      .css(
        'color',
        online === true ? 'var(--red-ui-text-color-success)' : 'var(--red-ui-secondary-text-color)',
      )
      .attr({ title: mark, 'aria-label': mark })
      .appendTo(row);
    $('<span class="mqboard-known-name"></span>').text(board).appendTo(row);
    const more = [online === true ? '' : mark, machine, fw].filter(Boolean).join(', ');
    $('<span class="mqboard-known-more"></span>').text(more).appendTo(row);
    return row.on('click', () => choose(board));
  }

  const STYLE = `<style>
    .mqboard-known { width: 360px; padding: 8px; }
    .mqboard-known > input { width: 100%; box-sizing: border-box; }
    .mqboard-known-note { padding: 6px 4px; color: var(--red-ui-secondary-text-color); }
    .mqboard-known-list { max-height: 260px; overflow-y: auto; }
    .mqboard-known-board { display: flex; gap: 8px; align-items: baseline; width: 100%; padding: 4px 6px; border: none; background: none; text-align: left; color: var(--red-ui-primary-text-color); cursor: pointer; }
    .mqboard-known-board:hover, .mqboard-known-board:focus { background: var(--red-ui-list-item-background-hover); }
    .mqboard-known-name { flex: none; }
    .mqboard-known-more { flex: 1; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; text-align: right; font-size: 0.9em; color: var(--red-ui-secondary-text-color); }
  </style>`;

  /** The panel: it asks the runtime each time it is opened. */
  function open(target, id, choose) {
    const content = $('<div class="mqboard-known"></div>').append(STYLE);
    const search = $('<input type="text" autocomplete="off" spellcheck="false">')
      .attr({ placeholder: words('known.search'), 'aria-label': words('known.search') })
      .appendTo(content);
    const note = $('<div class="mqboard-known-note" role="status"></div>').appendTo(content);
    const list = $('<div class="mqboard-known-list" role="listbox"></div>').appendTo(content);
    const panel = RED.popover.panel(content);
    const close = () => {
      panel.hide();
      target.trigger('focus');
    };
    let boards = [];
    const show = () => {
      const wanted = search.val().trim().toLowerCase();
      const found = boards.filter(({ board }) => board.toLowerCase().includes(wanted));
      list.empty();
      for (const board of found.slice(0, SHOWN)) {
        list.append(
          rowOf(board, (name) => {
            close();
            choose(name);
          }),
        );
      }
    };
    const say = (text) => note.text(text).toggle(text !== '');

    search.hide().on('input', show);
    content.on('keydown', (event) => {
      const rows = list.children();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || rows.length === 0) return;
      event.preventDefault();
      const next = rows.index(document.activeElement) + step;
      if (next < 0) search.trigger('focus');
      else rows.eq(Math.min(next, rows.length - 1)).trigger('focus');
    });
    say(withoutAsking(id) ?? words('known.asking'));
    panel.show({
      target,
      align: 'left',
      offset: [target.outerWidth(), 2],
      onclose: () => target.trigger('focus'),
    });
    if (withoutAsking(id) !== undefined) return;

    $.getJSON(`mqboard-config/${encodeURIComponent(id)}/boards`)
      .done((answer) => {
        boards = answer.boards;
        say(noteFor(id, answer));
        search.toggle(boards.length > 0).trigger('focus');
        show();
      })
      .fail((request) => say(wordsForStatus(request.status)));
  }

  /** Puts the button behind `input`, whose dialog has a field for its server; `choose` gets a name. */
  function offer(input, choose) {
    const button = $(
      '<button type="button" class="red-ui-button mqboard-known-button"><i class="fa fa-caret-down"></i></button>',
    ).attr('aria-label', words('known.button'));
    const container = input.next('.red-ui-typedInput-container');
    (container.length > 0 ? container : input).after(button);
    RED.popover.tooltip(button, words('known.button'));
    button.on('click', () => open(button, $('#node-input-server').val(), choose));
  }

  return {
    offer,

    /** The same for a typed input, which then names the board itself. */
    offerFor(input) {
      offer(input, (board) => input.typedInput('type', 'str').typedInput('value', board));
    },
  };
})();
