// Small secrets by name, in IndexedDB: Python's worker and the service worker both read them.
const DATABASE = "kaeru-vault";
const SECRETS = "secrets";

/**
 * A database of one object store: a function that does one thing in a transaction of its own, and waits until that
 * is on disk.
 * @template Row what the store holds
 * @param {string} databaseName
 * @param {string} storeName
 * @param {IDBObjectStoreParameters} [options]
 * @returns {StoreAccess<Row>}
 */
export function stores(databaseName, storeName, options = {}) {
  /**
   * @template {IDBRequest | undefined | void} Asked
   * @param {IDBTransactionMode} mode
   * @param {(store: Store<Row>) => Asked} action
   */
  return async (mode, action) => {
    const database = await promised(Object.assign(indexedDB.open(databaseName, 1), {
      /** @param {{target: IDBOpenDBRequest}} event */
      onupgradeneeded: ({ target }) => target.result.createObjectStore(storeName, options),
    }));
    try {
      const transaction = database.transaction(storeName, mode, { durability: "strict" });
      const request = action(transaction.objectStore(storeName));
      await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      }));
      return /** @type {ResultOf<Asked>} */ (request?.result);
    } finally {
      database.close();
    }
  };
}

/**
 * Delete a database of `stores` and all that is in it; does nothing where there is none.
 * @param {string} databaseName
 */
export async function drop(databaseName) {
  await promised(indexedDB.deleteDatabase(databaseName)); // waits until others have closed it
}

/** @type {StoreAccess<Bytes>} */
const run = stores(DATABASE, SECRETS);

/**
 * @param {string} name
 * @returns {Promise<Bytes | undefined>} undefined where there is none: Python takes null for something
 */
export async function read(name) {
  return run("readonly", (secrets) => secrets.get(name));
}

/**
 * @param {string} name
 * @param {Bytes} secret
 */
export async function write(name, secret) {
  await run("readwrite", (secrets) => secrets.put(new Uint8Array(secret), name));
}

/** @param {string} name */
export async function forget(name) {
  await run("readwrite", (secrets) => secrets.delete(name));
}

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
