import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** The parts of Emscripten's file system layer that a file system of one's own needs. */
export interface EmscriptenFs {
  ErrnoError: new (errno: number) => Error;
  createNode(parent: Node | null, name: string, mode: number, device: number): Node;
  hashRemoveNode(node: Node): void;
  lookupNode(parent: Node, name: string): Node;
  isDir(mode: number): boolean;
  mkdir(path: string): void;
  mount(type: object, options: object, path: string): void;
}

interface Node {
  id: number;
  name: string;
  parent: Node;
  mode: number;
  mount: { opts: { folder: string } };
  node_ops: object;
  stream_ops: object;
}

interface Stream {
  node: Node;
  flags: number;
  position: number;
  host?: number;
}

/** Emscripten's own error numbers (those of WASI), for the errors of node:fs that can occur. */
const errno: Record<string, number> = {
  EACCES: 2,
  EBADF: 8,
  EEXIST: 20,
  EINVAL: 28,
  EISDIR: 31,
  ENOENT: 44,
  ENOSPC: 51,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
};
const EIO = 29;

const DIR = 0o040777;
const FILE = 0o100666;
const O_TRUNC = 0o1000;

/**
 * An Emscripten file system on a folder of the host. Every call goes straight through, so that a
 * power cut finds on the host's disk what a chip would find in its flash.
 */
export function folderFs(fs: EmscriptenFs): object {
  const path = (node: Node): string =>
    node.parent === node ? node.mount.opts.folder : join(path(node.parent), node.name);
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new fs.ErrnoError(errno[(error as NodeJS.ErrnoException).code ?? ''] ?? EIO);
    }
  };
  const create = (parent: Node | null, name: string, mode: number): Node =>
    Object.assign(fs.createNode(parent, name, mode, 0), { node_ops, stream_ops });

  const node_ops = {
    getattr(node: Node) {
      const stat = guard(() => statSync(path(node)));
      return {
        dev: 1,
        ino: node.id,
        mode: node.mode,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        size: stat.isDirectory() ? 0 : stat.size,
        atime: stat.atime,
        mtime: stat.mtime,
        ctime: stat.ctime,
        blksize: 4096,
        blocks: Math.ceil(stat.size / 4096),
      };
    },
    setattr(node: Node, attributes: { size?: number }) {
      const { size } = attributes;
      if (size !== undefined) guard(() => truncateSync(path(node), size));
    },
    lookup(parent: Node, name: string) {
      const stat = guard(() => statSync(join(path(parent), name)));
      return create(parent, name, stat.isDirectory() ? DIR : FILE);
    },
    mknod(parent: Node, name: string, mode: number) {
      const target = join(path(parent), name);
      guard(() => (fs.isDir(mode) ? mkdirSync(target) : writeFileSync(target, '', { flag: 'wx' })));
      return create(parent, name, fs.isDir(mode) ? DIR : FILE);
    },
    rename(node: Node, folder: Node, name: string) {
      const target = join(path(folder), name);
      guard(() => renameSync(path(node), target));
      const replaced = existingNode(folder, name);
      if (replaced) fs.hashRemoveNode(replaced);
      node.name = name;
    },
    unlink(parent: Node, name: string) {
      guard(() => unlinkSync(join(path(parent), name)));
    },
    rmdir(parent: Node, name: string) {
      guard(() => rmdirSync(join(path(parent), name)));
    },
    readdir: (node: Node) => ['.', '..', ...guard(() => readdirSync(path(node)).sort())],
  };

  const stream_ops = {
    open(stream: Stream) {
      if (fs.isDir(stream.node.mode)) return;
      stream.host = guard(() => openSync(path(stream.node), 'r+'));
      if (stream.flags & O_TRUNC) ftruncateSync(stream.host, 0);
    },
    close(stream: Stream) {
      if (stream.host !== undefined) closeSync(stream.host);
    },
    read: (stream: Stream, buffer: Int8Array, offset: number, length: number, position: number) =>
      guard(() => readSync(stream.host ?? -1, buffer, offset, length, position)),
    write: (stream: Stream, buffer: Int8Array, offset: number, length: number, position: number) =>
      guard(() => writeSync(stream.host ?? -1, buffer, offset, length, position)),
    llseek(stream: Stream, offset: number, whence: number) {
      const from = [0, stream.position, statSync(path(stream.node)).size][whence] ?? 0;
      if (from + offset < 0) throw new fs.ErrnoError(errno.EINVAL ?? EIO);
      return from + offset;
    },
  };

  function existingNode(parent: Node, name: string): Node | undefined {
    try {
      return existsSync(join(path(parent), name)) ? fs.lookupNode(parent, name) : undefined;
    } catch {
      return undefined;
    }
  }

  return { mount: () => create(null, '/', DIR) };
}
