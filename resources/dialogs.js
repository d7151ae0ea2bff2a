// What the dialogs of several nodes share. Node-RED serves this folder to the editor; a dialog loads
// it with <script src="resources/@mqboard/node-red/dialogs.js">. Its texts are in the catalogue of each
// node that uses them, below "error".
window.mqboardDialogs = (() => {
  const PROPERTY = /^[^.[\]'"\s]+(\.[^.[\]'"\s]+|\[(\d+|'[^']+'|"[^"]+")\])*$/;
  const LONGEST_TIMEOUT_S = 86400;
  const words = (node, key) => node._(`${node.type}.${key}`);

  return {
    /** Rules for fields: true, or the reason in words. */
    board(node, value, type) {
      const text = String(value || '');
      if (text.trim() === '') {
        return words(node, type === 'str' ? 'error.noBoard' : 'error.noBoardProperty');
      }
      if (type !== 'str') return true;
      if (/[+#\0]/.test(text)) return words(node, 'error.boardWildcard');
      return !/^\/|\/$/.test(text) || words(node, 'error.boardSlash');
    },

    property(node, value) {
      return PROPERTY.test(value) || words(node, 'error.property');
    },

    timeout(node, value) {
      const text = String(value === undefined ? '' : value).trim();
      if (text === '') return true;
      const seconds = Number(text);
      return (seconds > 0 && seconds <= LONGEST_TIMEOUT_S) || words(node, 'error.timeout');
    },

    /** Says in words below a field what is wrong with it, as long as it is. */
    explainWrongFields(node, prefix, names) {
      for (const name of names) {
        const input = $(`#${prefix}-${name}`);
        const row = input.closest('.form-row');
        const said = $('<div class="mqboard-wrong" role="alert"></div>').appendTo(row);
        const typed = row.find('.red-ui-typedInput-container').length > 0;
        const check = () => {
          const value = typed ? input.typedInput('value') : input.val();
          const given = /^\$(\{\w+\}|\(\w+\))$/.test(value);
          const verdict = given || node._def.defaults[name].validate.call(node, value, {});
          said.text(typeof verdict === 'string' ? verdict : '').toggle(typeof verdict === 'string');
        };
        // On the row, because a typed input puts a field of its own in front of the real one.
        row.on('change input mqboard:check', check);
        check();
      }
    },
  };
})();
