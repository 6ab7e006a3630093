// The database's files in the browser's private file system (OPFS), as a folder of Python's file system. SQLite
// reads and writes through synchronous access handles: a flush that returned is on disk, and a handle is
// exclusive, so no other tab can write the same file.

// Handles are opened before SQLite, which cannot wait, asks for them: so the names are known up front.
const FILES = ["kaeru.db", "kaeru.db-journal", "kaeru.db-wal"];
// A tab that was told to stop lets go of its handles within moments.
const PATIENCE_MS = 8000;
const RETRY_MS = 100;
// What a browser's error says of the handles, by its name.
const REASONS = new Map([["NoModificationAllowedError", "busy"], ["QuotaExceededError", "full"]]);

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
  /**
   * @param {string} reason
   * @param {unknown} cause
   */
  constructor(reason, cause) {
    super(`${reason}: ${String(cause)}`, { cause });
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
  /** @type {Map<string, FileSystemSyncAccessHandle>} */
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
    throw new HandlesError(REASONS.get(nameOf(error)) ?? "unsupported", error);
  }
}

/**
 * The name of what a browser throws.
 * @param {unknown} error
 */
function nameOf(error) {
  return error instanceof Error ? error.name : "";
}

/**
 * @param {FileSystemFileHandle} file
 * @param {number} deadline in milliseconds of the performance clock
 */
async function openHandle(file, deadline) {
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (nameOf(error) !== "NoModificationAllowedError" || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/**
 * Make the files appear in `folder` of Emscripten's file system `FS`. A file exists once it has content.
 * @param {PythonFiles} FS
 * @param {string} folder
 * @param {Map<string, FileSystemSyncAccessHandle>} handles by name
 */
export function mountHandles(FS, folder, handles) {
  /**
   * @param {number} errno
   * @returns {never}
   */
  const fail = (errno) => {
    throw new FS.ErrnoError(errno);
  };
  /**
   * Run a handle's operation; what the browser throws becomes the errno that SQLite knows.
   * @template Result
   * @param {() => Result} operation
   */
  const attempt = (operation) => {
    try {
      return operation();
    } catch (error) {
      return fail(nameOf(error) === "QuotaExceededError" ? ENOSPC : EIO);
    }
  };
  /** @param {string} name of a file that is there */
  const handle = (name) => /** @type {FileSystemSyncAccessHandle} */ (handles.get(name));
  /** @param {FileNode} node */
  const sizeOf = (node) => attempt(() => handle(node.name).getSize());
  /** @param {string} name */
  const isWritten = (name) => handles.has(name) && attempt(() => handle(name).getSize()) > 0;

  /**
   * @param {FileNode | null} parent
   * @param {string} name
   * @param {number} mode
   */
  const createNode = (parent, name, mode) => {
    const node = FS.createNode(parent, name, mode, 0);
    node.node_ops = nodeOperations;
    node.stream_ops = streamOperations;
    node.atime = node.mtime = node.ctime = Date.now();
    return node;
  };

  /** @type {NodeOperations} */
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
      node.mode = attributes.mode ?? node.mode;
      node.atime = attributes.atime ?? node.atime;
      node.mtime = attributes.mtime ?? node.mtime;
      node.ctime = attributes.ctime ?? node.ctime;
      const { size } = attributes;
      if (size !== undefined) attempt(() => handle(node.name).truncate(size));
    },
    lookup: (parent, name) => (isWritten(name) ? createNode(parent, name, REGULAR_FILE) : fail(ENOENT)),
    mknod: (parent, name, mode) => (handles.has(name) && FS.isFile(mode) ? createNode(parent, name, mode) : fail(EPERM)),
    unlink(_parent, name) {
      attempt(() => {
        handle(name).truncate(0);
        handle(name).flush();
      });
    },
    rename: () => fail(EPERM),
    rmdir: () => fail(EPERM),
    symlink: () => fail(EPERM),
    readdir: () => [".", "..", ...FILES.filter(isWritten)],
  };

  /** @type {StreamOperations} */
  const streamOperations = {
    open() {},
    close() {},
    read: (stream, buffer, offset, length, position) =>
      attempt(() => handle(stream.node.name).read(buffer.subarray(offset, offset + length), { at: position })),
    write(stream, buffer, offset, length, position) {
      const bytes = buffer.subarray(offset, offset + length);
      const written = attempt(() => handle(stream.node.name).write(bytes, { at: position }));
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
      if (FS.isFile(stream.node.mode)) attempt(() => handle(stream.node.name).flush());
      return 0;
    },
  };

  FS.mkdirTree(folder);
  FS.mount({ mount: () => createNode(null, "/", DIRECTORY) }, {}, folder);
}
