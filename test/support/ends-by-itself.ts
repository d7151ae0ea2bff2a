const PATIENCE_MS = 20_000;
const LOOK_MS = 20;

let before: string[] = [];

/** What keeps this process alive, and did not before the tests. */
function left(): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((resource) => {
    const at = known.indexOf(resource);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

/**
 * The tests are over when nothing that they started is left: of each file where files run side by
 * side, else of all. What is left after a while is named, and fails the run.
 */
export const mochaHooks = {
  async beforeAll(): Promise<void> {
    // As below, so that mocha's own timer for hooks that take their time is part of both.
    await pause();
    before = process.getActiveResourcesInfo();
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(2 * PATIENCE_MS);
    // Node 20 may spin for ever while it takes itself down, over sockets that nobody waits for: seen in
    // Environment::CleanupHandles. An exit that is asked for leaves that out.
    if (process.listenerCount('beforeExit', exit) === 0) process.once('beforeExit', exit);
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      await pause();
      if (left().length === 0) return;
    }
    throw new Error(`The tests are over, and this still runs: ${left().join(', ')}`);
  },
};

/** Its timer is not there any more when it is over. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

function exit(): void {
  process.exit();
}
