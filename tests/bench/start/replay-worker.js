// In the place of Python: answers Flutter with what Python answered when a start was recorded. Each list holds,
// for one packet of Flutter's after another, the packets that came back, in base64.
const { start, tap, answer } = { start: [], tap: "", answer: [] };
let replies = [...start];

self.addEventListener("message", ({ data }) => {
  if (data instanceof Uint8Array) reply(data.toBase64());
  else if (data.kind === "connect") self.postMessage({ kind: "connected" });
});

function reply(packet) {
  if (packet === tap) replies = [...answer];
  for (const recorded of replies.shift() ?? []) {
    const bytes = Uint8Array.fromBase64(recorded);
    self.postMessage(bytes, { transfer: [bytes.buffer] });
  }
}
