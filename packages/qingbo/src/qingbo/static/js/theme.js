// The colour scheme (light, dark or the system's): stored in this browser, set before the page is painted.
"use strict";
(() => {
  const order = ["system", "light", "dark"];
  const kept = () => {
    try { return localStorage.getItem("theme") || "system"; } catch { return "system"; }
  };
  const keep = (theme) => {
    try { localStorage.setItem("theme", theme); } catch { /* storage is disabled */ }
  };
  const apply = (theme) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  apply(kept());
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme-button").addEventListener("click", () => {
      const next = order[(order.indexOf(kept()) + 1) % order.length];
      keep(next);
      apply(next);
    });
  });
})();
