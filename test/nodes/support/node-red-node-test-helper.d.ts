declare module 'node-red-node-test-helper' {
  /** Runs flows in a Node-RED without storage and editor. */
  interface Helper {
    init(runtimePath: string, settings?: object): void;
    load(nodes: unknown[], flow: unknown[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): unknown;
    startServer(done: () => void): void;
    stopServer(done: () => void): void;
    url(): string;
    setFlows(flows: unknown[], type?: 'full' | 'nodes' | 'flows'): Promise<unknown>;
  }
  const helper: Helper;
  export = helper;
}
