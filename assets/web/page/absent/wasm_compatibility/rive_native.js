// Flet starts Rive, an animation plug-in whose engine lives on another origin. Kaeru has no such animation:
// this answers that there is no engine, and nothing is asked of anyone.
globalThis.RiveNative = () => Promise.resolve(null);
