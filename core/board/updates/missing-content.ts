import type { Release } from '../../protocol/release';

/** What boards lacked of late, so that those who lack the same have one copy of it. */
const made = new WeakMap<Release, Map<string, WeakRef<Buffer>>>();

/** The contents of some files of a release, one behind the other. */
export function missingContent(release: Release, files: number[]): Buffer {
  const known = made.get(release) ?? new Map<string, WeakRef<Buffer>>();
  made.set(release, known);
  const key = files.join();
  const there = known.get(key)?.deref();
  if (there) return there;
  const bytes = Buffer.concat(files.map((file) => release.contents[file] ?? Buffer.alloc(0)));
  known.set(key, new WeakRef(bytes));
  return bytes;
}
