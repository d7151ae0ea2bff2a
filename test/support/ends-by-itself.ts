const PATIENCE_MS = 20_000;

/**
 * The tests are over when nothing that they started is left. What is left after a while is named, and
 * fails the run: without this it would never end.
 */
export const mochaHooks = {
  afterAll(): void {
    // Node 20 may spin for ever while it takes itself down, over sockets that nobody waits for: seen in
    // Environment::CleanupHandles. An exit that is asked for leaves that out.
    process.once('beforeExit', () => process.exit());
    setTimeout(() => {
      console.error('The tests are over, and this still runs:', process.getActiveResourcesInfo());
      // Mocha sets its own code at the exit.
      process.once('exit', () => {
        process.exitCode = 1;
      });
      process.exit();
    }, PATIENCE_MS).unref();
  },
};
