// The build's archives in Python's file system. They are stored, not deflated (the wire compresses them whole), so
// unpacking is slicing: no byte is copied.
const END_OF_DIRECTORY = 0x06054b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const LOCAL_HEADER_SIZE = 30;
// Python lists a folder again when its time has changed. After a snapshot it must not: see `unpackLater`.
const FOLDER_TIME = 0;

/**
 * The bytes of one of our own files.
 * @param {string} url
 */
export async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Write every file of a stored zip archive (PKWARE APPNOTE 4.3) below `folder`.
 * @param {PythonFiles} FS
 * @param {Bytes} bytes
 * @param {string} folder
 */
export function unpack(FS, bytes, folder) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength - END_SIZE;
  if (end < 0 || view.getUint32(end, true) !== END_OF_DIRECTORY) throw new Error(`The archive for ${folder} is damaged.`);
  const decoder = new TextDecoder();
  const made = new Set([folder]);
  FS.mkdirTree(folder);
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count -= 1) {
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    const name = decoder.decode(bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength));
    const content = local + LOCAL_HEADER_SIZE + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const path = `${folder}/${name}`;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(parent)) {
      FS.mkdirTree(parent);
      made.add(parent);
    }
    FS.writeFile(path, bytes.subarray(content, content + size), { canOwn: true });
    at += ENTRY_SIZE + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  for (const path of made) FS.utime(path, FOLDER_TIME, FOLDER_TIME);
}

/**
 * The same, but not before something in `folder` is looked for: a restored Python seldom does.
 * @param {PythonFiles} FS
 * @param {string} url the archive's
 * @param {string} folder
 */
export function unpackLater(FS, url, folder) {
  FS.mkdirTree(folder);
  FS.utime(folder, FOLDER_TIME, FOLDER_TIME);
  const { node } = FS.lookupPath(folder);
  const usual = node.node_ops;
  const unpackFirst = () => {
    if (node.node_ops === usual) return;
    node.node_ops = usual;
    unpack(FS, readBytes(url), folder);
  };
  node.node_ops = {
    ...usual,
    lookup(parent, name) {
      unpackFirst();
      return usual.lookup(parent, name);
    },
    readdir(read) {
      unpackFirst();
      return usual.readdir(read);
    },
  };
}

/**
 * Let a file have its content once something reads it.
 * @param {PythonFiles} FS
 * @param {string} url the content's
 * @param {string} path the file's
 */
export function writeLater(FS, url, path) {
  FS.writeFile(path, "");
  const { node } = FS.lookupPath(path);
  const { contents, usedBytes } = { ...Object.getOwnPropertyDescriptors(node) };
  const load = () => {
    Object.defineProperties(node, { contents, usedBytes });
    node.contents = readBytes(url);
    node.usedBytes = node.contents.length;
    return node;
  };
  /** @param {"contents" | "usedBytes"} name */
  const later = (name) => ({ configurable: true, enumerable: true, get: () => load()[name] });
  Object.defineProperties(node, { contents: later("contents"), usedBytes: later("usedBytes") });
}

/**
 * The bytes of one of our own files, at once: only a worker may wait like this, as Python in it cannot otherwise.
 * @param {string} url
 */
function readBytes(url) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${url}: ${request.status}`);
  return new Uint8Array(/** @type {ArrayBuffer} */ (request.response));
}
