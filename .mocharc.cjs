// The tests that need nothing but Node: `npm test`. None of them may be skipped.
module.exports = {
  require: ['tsx/cjs', 'test/support/ends-by-itself.ts'],
  spec: ['test/**/*.test.ts'],
  ignore: ['test/system/**'],
  timeout: 20_000,
  forbidOnly: true,
  forbidPending: true,
};
