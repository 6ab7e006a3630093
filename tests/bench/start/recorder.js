// Runs in the page before anything of its own: keeps every packet between Flutter and Python, in order, as
// [whether Flutter sent it, when, the packet in base64].
() => {
  const packets = [];
  const given = {};
  globalThis.startPackets = packets;

  const keep = (fromFlutter, packet) => packets.push([fromFlutter, performance.now(), packet.toBase64()]);
  const wrapped = {
    jsConnect: (app, settings, receive) =>
      given.jsConnect(app, settings, (packet) => {
        keep(false, packet);
        receive(packet);
      }),
    jsSend: (app, packet) => {
      keep(true, packet);
      return given.jsSend(app, packet);
    },
  };
  for (const [name, get] of Object.entries(wrapped)) {
    Object.defineProperty(globalThis, name, {
      get: () => get,
      set: (value) => {
        given[name] = value;
      },
    });
  }
}
