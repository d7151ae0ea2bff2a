// What a board of version 1 is told to do with its files, in Python that old and new MicroPython understand.

/** A literal of Python: what JSON escapes, Python escapes alike. */
const literal = (text: string) => JSON.stringify(text);
const flag = (value: boolean) => (value ? 'True' : 'False');

/** `body` runs as a function, so that it leaves no names behind. */
function program(body: string): string {
  const indented = body.trim().replace(/^/gm, ' ');
  return `def _mqb():
 import uos,ujson,uhashlib,ubinascii,utime
 def folder(p):
  return uos.stat(p)[0]&0x4000
 def sha(p):
  h=uhashlib.sha256()
  b=bytearray(512)
  with open(p,'rb') as f:
   while True:
    n=f.readinto(b)
    if not n:
     return ubinascii.hexlify(h.digest()).decode()
    h.update(memoryview(b)[:n])
 def say(v):
  print(ujson.dumps(v))
 def made(p):
  try:
   if folder(p):
    return
   raise OSError(20)
  except OSError as e:
   if e.args[0]!=2:
    raise
  made(p[:p.rfind('/')] or '/')
  uos.mkdir(p)
${indented}
try:
 _mqb()
finally:
 del _mqb
`;
}

/** Keys of the commands below, as in version 2. */
export interface ManageKeys {
  path: string;
  parents?: boolean;
  what?: string;
  to?: string;
}

/** Programs that print what the commands of version 2 have as their value. */
export const manage = {
  stat: ({ path }: ManageKeys) =>
    program(`
p=${literal(path)}
s=uos.stat(p)
if folder(p):
 v=uos.statvfs(p)
 say({'type':'folder','total':v[0]*v[2],'free':v[0]*v[3]})
else:
 t=s[8]+(946684800 if utime.gmtime(0)[0]==2000 else 0)
 say({'type':'file','size':s[6],'mtime':t if t>1577836800 else None})
`),

  hash: ({ path }: ManageKeys) =>
    program(`
p=${literal(path)}
if folder(p):
 raise OSError(21)
say({'size':uos.stat(p)[6],'sha':sha(p)})
`),

  mkdir: ({ path, parents = false }: ManageKeys) =>
    program(`
p=${literal(path)}
if ${flag(parents)}:
 made(p)
else:
 uos.mkdir(p)
say({})
`),

  remove: ({ path, what = 'file' }: ManageKeys) =>
    program(`
p=${literal(path)}
what=${literal(what)}
d=folder(p)
if what=='file' and d or p=='/':
 raise OSError(21)
if what=='folder' and not d:
 raise OSError(20)
if not d:
 uos.remove(p)
 return say({'removed':1})
n=0
todo=[p]
while todo:
 at=todo[-1]
 deeper=[]
 for x in list(uos.ilistdir(at)):
  if what=='folder':
   raise OSError(39)
  f=at+'/'+x[0]
  if x[1]==0x4000:
   deeper.append(f)
  else:
   uos.remove(f)
   n+=1
 todo+=deeper
 if not deeper:
  uos.rmdir(todo.pop())
  n+=1
say({'removed':n})
`),

  rename: ({ path, to = '' }: ManageKeys) =>
    program(`
p=${literal(path)}
to=${literal(to)}
d=folder(p)
try:
 if folder(to):
  raise OSError(21)
 if d:
  raise OSError(20)
except OSError as e:
 if e.args[0]!=2:
  raise
uos.rename(p,to)
say({})
`),
};

export const python = {
  /** Prints the lines of the command `list` of version 2. */
  list: (path: string, deep: boolean, sha: boolean) =>
    program(`
p=${literal(path)}
def entry(n,f,size):
 say([n,size,sha(f)] if ${flag(sha)} else [n,size])
if not folder(p):
 return entry('',p,uos.stat(p)[6])
base=p if p=='/' else p+'/'
todo=['']
while todo:
 at=todo.pop()
 for x in uos.ilistdir(base+at[:-1] if at else p):
  n=at+x[0]
  if x[1]==0x4000:
   say([n+'/'])
   if ${flag(deep)}:
    todo.append(n+'/')
  else:
   entry(n,base+n,x[3] if len(x)>3 else uos.stat(base+n)[6])
`),

  /** Before a put: whether this very file is there, or something that is in the way. */
  prepare: (path: string, size: number, sha256: string, parents: boolean) =>
    program(`
p=${literal(path)}
up=p[:p.rfind('/')] or '/'
if ${flag(parents)}:
 made(up)
uos.stat(up)
try:
 s=uos.stat(p)
 if s[0]&0x4000:
  raise OSError(21)
 same=s[6]==${size} and sha(p)==${literal(sha256)}
except OSError as e:
 if e.args[0]!=2:
  raise
 same=False
say({'same':same})
`),

  /** After a put: gives what arrived its name, if it is what was sent. */
  finish: (temporary: string, path: string, sha256: string) =>
    program(`
t=${literal(temporary)}
p=${literal(path)}
good=sha(t)==${literal(sha256)}
if not good:
 uos.remove(t)
else:
 try:
  uos.rename(t,p)
 except OSError as e:
  if e.args[0]!=17:
   raise
  uos.remove(p)
  uos.rename(t,p)
say({'good':good})
`),
};
