// Small secrets by name, in IndexedDB: Python's worker and the service worker both read them.
const DATABASE = "kaeru-vault";
const SECRETS = "secrets";

/** @returns {Promise<Uint8Array|null>} */
export async function read(name) {
  return (await run("readonly", (secrets) => secrets.get(name))) ?? null;
}

export async function write(name, secret) {
  await run("readwrite", (secrets) => secrets.put(new Uint8Array(secret), name));
}

export async function forget(name) {
  await run("readwrite", (secrets) => secrets.delete(name));
}

/** Do one thing in a transaction of its own and wait until that is on disk. */
async function run(mode, action) {
  const database = await promised(Object.assign(indexedDB.open(DATABASE, 1), {
    onupgradeneeded: ({ target }) => target.result.createObjectStore(SECRETS),
  }));
  try {
    const transaction = database.transaction(SECRETS, mode, { durability: "strict" });
    const request = action(transaction.objectStore(SECRETS));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  } finally {
    database.close();
  }
}

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
