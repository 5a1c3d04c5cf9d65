// Keeps an open page up to date: the server says that something has changed, the page asks for its live part again.
(() => {
  "use strict";
  const region = () => document.getElementById("live");
  const announcer = document.getElementById("announcer");
  const RETRY = 5000;
  const QUIET = 10000;
  let announcedAt = 0;
  let source;

  // What somebody is typing, or has had refused, stays as it is whatever else changes around it.
  const untouched = (node) => !(node instanceof Element && (node.matches("form[data-typed]") || node.querySelector("form[data-typed]")));
  document.addEventListener("input", (event) => event.target.closest("form")?.setAttribute("data-typed", ""));
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) => !(old instanceof Element && old.matches("form[data-typed]"));
  Idiomorph.defaults.callbacks.beforeNodeRemoved = untouched;
  // An opened explanation stays open.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node instanceof HTMLDetailsElement);

  const connect = () => {
    source = new EventSource(region().dataset.live);
    source.addEventListener("changed", () => htmx.trigger(region(), "changed"));
    source.addEventListener("ended", () => location.reload());
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) {
        // Refused, not interrupted: the page asks for itself, and is sent to the sign-in if the session has ended.
        setTimeout(() => {
          htmx.trigger(region(), "changed");
          connect();
        }, RETRY);
      }
    });
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    const told = event.detail.requestConfig?.triggeringEvent?.type === "changed" && region()?.dataset.announce;
    if (told && Date.now() - announcedAt > QUIET) {
      announcedAt = Date.now();
      announcer.textContent = "";
      setTimeout(() => { announcer.textContent = told; }, 100);
    }
  });

  // A result that comes bit by bit: each part takes the place of the one before, and the last is announced.
  const growing = document.querySelector("[data-stream]");
  if (growing) {
    const parts = new EventSource(growing.dataset.stream);
    const show = (event) => { growing.innerHTML = event.data; };
    parts.addEventListener("progress", show);
    parts.addEventListener("finished", (event) => {
      parts.close();
      show(event);
      announcer.textContent = growing.dataset.announce;
    });
    parts.addEventListener("error", () => {
      if (parts.readyState === EventSource.CLOSED) {
        growing.textContent = growing.dataset.broken;
        announcer.textContent = growing.dataset.broken;
      }
    });
    addEventListener("pagehide", () => parts.close());
  }

  if (region()) {
    connect();
    addEventListener("pagehide", () => source.close());
  }
})();
