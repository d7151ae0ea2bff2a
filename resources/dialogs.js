// What the dialogs of several nodes share. Node-RED serves this folder to the editor; a dialog loads
// it with <script src="resources/@mqboard/node-red/dialogs.js">.
window.mqboardDialogs = {
  /** Says in words below a field what is wrong with it, as long as it is. */
  explainWrongFields(node, prefix, names) {
    for (const name of names) {
      const input = $(`#${prefix}-${name}`);
      const row = input.closest('.form-row');
      const words = $('<div class="mqboard-wrong" role="alert"></div>').appendTo(row);
      const typed = row.find('.red-ui-typedInput-container').length > 0;
      const check = () => {
        const value = typed ? input.typedInput('value') : input.val();
        const given = /^\$(\{\w+\}|\(\w+\))$/.test(value);
        const verdict = given || node._def.defaults[name].validate.call(node, value, {});
        words.text(typeof verdict === 'string' ? verdict : '').toggle(typeof verdict === 'string');
      };
      // On the row, because a typed input puts a field of its own in front of the real one.
      row.on('change input', check);
      check();
    }
  },
};
