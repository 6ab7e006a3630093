// The last resort: hands the database's files to the person as they are, without Python.
const FILES = ["kaeru.db", "kaeru.db-wal"];

/** Offer every database file that holds something as a download. */
export async function rescueDatabase() {
  const folder = await navigator.storage.getDirectory();
  for (const name of FILES) {
    const file = await folder.getFileHandle(name).then((handle) => handle.getFile()).catch(() => null);
    if (!file?.size) continue;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
  }
}
