// The tests against real programs (mosquitto, the unix port of MicroPython, Chromium, other
// versions of Node-RED): `npm run test:system`. In CI a missing program is a failure.
module.exports = {
  require: ['tsx/cjs', 'test/support/ends-by-itself.ts', 'test/system/hooks.ts'],
  spec: ['test/system/**/*.test.ts'],
  timeout: 120_000,
  // They wait for boards, brokers and browsers most of the time.
  parallel: true,
  jobs: 2,
  forbidOnly: true,
  forbidPending: process.env.CI === 'true',
};
