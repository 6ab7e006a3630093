// Flet starts Rive, an animation plug-in whose engine lives on another origin. Kaeru has no such animation, so
// the engine never arrives here: Flet does not wait for it, and nothing is asked of anyone.
globalThis.RiveNative = () => new Promise(() => {});
