declare module 'node-red-node-test-helper' {
  /** Runs flows in a Node-RED without storage and editor. */
  interface Helper {
    init(runtimePath: string, settings?: object): void;
    /** Settings of Node-RED for all flows that are loaded from now on. */
    settings(settings: object): object;
    load(nodes: unknown[], flow: unknown[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    /** What Node-RED logged since the flow was loaded, as a sinon spy. */
    log(): { args: unknown[][] };
    getNode(id: string): import('node:events').EventEmitter & { status: unknown };
    /** Asks the admin API, as the editor does. */
    request(): {
      post(path: string): { send(body: object): Promise<{ status: number; body: unknown }> };
      get(path: string): Promise<{ status: number; body: unknown; text: string }>;
    };
  }
  const helper: Helper;
  export = helper;
}

declare module '@node-red/nodes/core/network/05-tls.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/common/20-inject.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/function/10-switch.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/function/89-trigger.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/sequence/17-split.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/storage/10-file.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/storage/23-watch.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/function/15-change.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/function/10-function.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/network/21-httpin.js' {
  const register: (RED: unknown) => void;
  export = register;
}

declare module '@node-red/nodes/core/function/80-template.js' {
  const register: (RED: unknown) => void;
  export = register;
}
