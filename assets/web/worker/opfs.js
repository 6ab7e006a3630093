// The database's files in the browser's private file system (OPFS), as a folder of Python's file system. SQLite
// reads and writes through synchronous access handles: a flush that returned is on disk, and a handle is
// exclusive, so no other tab can write the same file.

// Handles are opened before SQLite, which cannot wait, asks for them: so the names are known up front.
const FILES = ["kaeru.db", "kaeru.db-journal", "kaeru.db-wal"];
// A tab that was told to stop lets go of its handles within moments.
const PATIENCE_MS = 8000;
const RETRY_MS = 100;

// Emscripten numbers errors as WASI does.
const EPERM = 63;
const EINVAL = 28;
const EIO = 29;
const ENOENT = 44;
const ENOSPC = 51;

const DIRECTORY = 0o40777;
const REGULAR_FILE = 0o100666;

/** The handles could not be had: `reason` is "unsupported", "busy" or "full". */
export class HandlesError extends Error {
  constructor(reason, cause) {
    super(`${reason}: ${cause}`, { cause });
    this.reason = reason;
  }
}

/**
 * Open the database's files, waiting a little for another tab to let go of them.
 * @returns {Promise<Map<string, FileSystemSyncAccessHandle>>} by name
 * @throws {HandlesError}
 */
export async function openHandles() {
  const deadline = performance.now() + PATIENCE_MS;
  const handles = new Map();
  try {
    if (typeof FileSystemSyncAccessHandle === "undefined") throw new TypeError("no synchronous access handles");
    const folder = await navigator.storage.getDirectory();
    for (const name of FILES) {
      const file = await folder.getFileHandle(name, { create: true });
      handles.set(name, await openHandle(file, deadline));
    }
    return handles;
  } catch (error) {
    for (const handle of handles.values()) handle.close();
    const reasons = { NoModificationAllowedError: "busy", QuotaExceededError: "full" };
    throw new HandlesError(reasons[error.name] ?? "unsupported", error);
  }
}

async function openHandle(file, deadline) {
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (error.name !== "NoModificationAllowedError" || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Make the files appear in `folder` of Emscripten's file system `FS`. A file exists once it has content. */
export function mountHandles(FS, folder, handles) {
  const fail = (errno) => {
    throw new FS.ErrnoError(errno);
  };
  /** Run a handle's operation; what the browser throws becomes the errno that SQLite knows. */
  const attempt = (operation) => {
    try {
      return operation();
    } catch (error) {
      return fail(error.name === "QuotaExceededError" ? ENOSPC : EIO);
    }
  };
  const handleOf = (node) => handles.get(node.name);
  const sizeOf = (node) => attempt(() => handleOf(node).getSize());
  const isWritten = (name) => handles.has(name) && attempt(() => handles.get(name).getSize()) > 0;

  const createNode = (parent, name, mode) => {
    const node = FS.createNode(parent, name, mode, 0);
    node.node_ops = nodeOperations;
    node.stream_ops = streamOperations;
    node.atime = node.mtime = node.ctime = Date.now();
    return node;
  };

  const nodeOperations = {
    getattr(node) {
      const size = FS.isDir(node.mode) ? 4096 : sizeOf(node);
      return {
        dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size, blksize: 4096,
        blocks: Math.ceil(size / 512), atime: new Date(node.atime), mtime: new Date(node.mtime),
        ctime: new Date(node.ctime),
      };
    },
    setattr(node, attributes) {
      for (const name of ["mode", "atime", "mtime", "ctime"]) {
        if (attributes[name] != null) node[name] = attributes[name];
      }
      if (attributes.size !== undefined) attempt(() => handleOf(node).truncate(attributes.size));
    },
    lookup: (parent, name) => (isWritten(name) ? createNode(parent, name, REGULAR_FILE) : fail(ENOENT)),
    mknod: (parent, name, mode) => (handles.has(name) && FS.isFile(mode) ? createNode(parent, name, mode) : fail(EPERM)),
    unlink(_parent, name) {
      attempt(() => {
        handles.get(name).truncate(0);
        handles.get(name).flush();
      });
    },
    rename: () => fail(EPERM),
    rmdir: () => fail(EPERM),
    symlink: () => fail(EPERM),
    readdir: () => [".", "..", ...FILES.filter(isWritten)],
  };

  const streamOperations = {
    open() {},
    close() {},
    read: (stream, buffer, offset, length, position) =>
      attempt(() => handleOf(stream.node).read(buffer.subarray(offset, offset + length), { at: position })),
    write(stream, buffer, offset, length, position) {
      const bytes = buffer.subarray(offset, offset + length);
      const written = attempt(() => handleOf(stream.node).write(bytes, { at: position }));
      stream.node.mtime = stream.node.ctime = Date.now();
      // A quota can also show as fewer bytes written; SQLite asks again for the rest and must not be told "0, go on".
      return written === 0 && length > 0 ? fail(ENOSPC) : written;
    },
    llseek(stream, offset, whence) {
      const from = [0, stream.position, FS.isFile(stream.node.mode) ? sizeOf(stream.node) : 0][whence];
      const position = from + offset;
      return position >= 0 ? position : fail(EINVAL);
    },
    fsync(stream) {
      if (FS.isFile(stream.node.mode)) attempt(() => handleOf(stream.node).flush());
      return 0;
    },
  };

  FS.mkdirTree(folder);
  FS.mount({ mount: () => createNode(null, "/", DIRECTORY) }, {}, folder);
}
