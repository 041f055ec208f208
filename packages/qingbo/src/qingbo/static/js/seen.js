// Reports a view once the page is visible; sends only the referring site.
(() => {
  const { address } = document.currentScript.dataset;
  let told = false;
  const tell = () => {
    if (told || document.prerendering || document.visibilityState !== "visible") return;
    told = true;
    const body = new URLSearchParams({ referrer: document.referrer.split("/", 3).join("/") });
    fetch(address, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  document.addEventListener("visibilitychange", tell);
  document.addEventListener("prerenderingchange", tell);
  tell();
})();
