// Browsers make no workers from files. When the site is opened from disk, the theme's
// search runs in a hidden frame instead, which has the part of a worker's interface that
// it uses.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      const inside = frame.contentWindow;
      const load = (source) =>
        new Promise((resolve, reject) => {
          const script = inside.document.createElement("script");
          script.src = source;
          script.onload = resolve;
          script.onerror = reject;
          inside.document.body.append(script);
        });
      inside.postMessage = (data) =>
        this.dispatchEvent(new MessageEvent("message", { data }));
      inside.importScripts = (...sources) =>
        sources.reduce((done, source) => done.then(() => load(source)), Promise.resolve());
      const loaded = load(new URL(url, location.href));
      this.postMessage = (data) =>
        loaded.then(() =>
          inside.dispatchEvent(new inside.MessageEvent("message", { data }))
        );
      this.terminate = () => frame.remove();
    }
  };
}
