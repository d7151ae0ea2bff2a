// The tests that need nothing but Node: `npm test`. None of them may be skipped.
module.exports = {
  require: ['tsx/cjs', 'test/support/ends-by-itself.ts'],
  spec: ['test/**/*.test.ts'],
  ignore: ['test/system/**'],
  timeout: 20_000,
  // They wait for boards, and for programs that they started, much of the time.
  parallel: true,
  jobs: 2,
  forbidOnly: true,
  forbidPending: true,
};
