// What the workers use of Pyodide and of the Emscripten module below it. Names that begin with "_" are Pyodide's
// private ones: build/UPSTREAM.md says which, and why.

/** A Python value held by JavaScript. */
interface PyProxy {
  toJs(): Bytes;
}

interface Pyodide {
  FS: PythonFiles;
  _module: PythonModule;
  runPython(code: string): unknown;
  runPythonAsync(code: string): Promise<unknown>;
  registerJsModule(name: string, module: object): void;
  makeMemorySnapshot(options: { serializer(object: unknown): string }): Bytes;
}

interface PyodideSettings {
  indexURL: string;
  env: Record<string, string>;
  stdLibURL?: string;
  _makeSnapshot?: boolean;
  _loadSnapshot?: Bytes;
  _snapshotDeserializer?: (name: string) => object | undefined;
  createPyodideModule: CreatePythonModule;
}

type CreatePythonModule = (settings: PythonModuleSettings) => Promise<PythonModule>;

interface PythonModuleSettings {
  preRun: ((module: PythonModule) => void)[];
}

/** The Emscripten module. */
interface PythonModule {
  HEAPU8: Bytes;
  growMemory(size: number): void;
  preloadedWasm: Record<string, unknown>;
  loadWebAssemblyModule(compiled: WebAssembly.Module, flags: object, path: string, scope: object): unknown;
  loadDynamicLibrary(path: string, flags: object): void;
  /** SQLite forgets its random numbers when asked for none. */
  _sqlite3_randomness(count: number, target: number): void;
}

/** Emscripten's file system. */
interface PythonFiles {
  ErrnoError: new (errno: number) => Error;
  chdir(path: string): void;
  createNode(parent: FileNode | null, name: string, mode: number, device: number): FileNode;
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  lookupPath(path: string): { node: FileNode };
  mkdirTree(path: string): void;
  mount(type: { mount(): FileNode }, options: object, path: string): void;
  utime(path: string, accessed: number, modified: number): void;
  writeFile(path: string, content: Bytes | string, options?: { canOwn: boolean }): void;
}

interface FileNode {
  id: number;
  name: string;
  mode: number;
  atime: number;
  mtime: number;
  ctime: number;
  node_ops: NodeOperations;
  stream_ops: StreamOperations;
  contents: Bytes;
  usedBytes: number;
}

interface FileStream {
  node: FileNode;
  position: number;
}

/** What of a node can be set. */
type FileAttributes = Partial<Pick<FileNode, "mode" | "atime" | "mtime" | "ctime"> & { size: number }>;

interface NodeOperations {
  getattr(node: FileNode): object;
  setattr(node: FileNode, attributes: FileAttributes): void;
  lookup(parent: FileNode, name: string): FileNode;
  mknod(parent: FileNode, name: string, mode: number): FileNode;
  unlink(parent: FileNode, name: string): void;
  rename(): void;
  rmdir(): void;
  symlink(): void;
  readdir(node: FileNode): string[];
}

interface StreamOperations {
  open(): void;
  close(): void;
  read(stream: FileStream, buffer: Bytes, offset: number, length: number, position: number): number;
  write(stream: FileStream, buffer: Bytes, offset: number, length: number, position: number): number;
  llseek(stream: FileStream, offset: number, whence: number): number;
  fsync(stream: FileStream): number;
}
