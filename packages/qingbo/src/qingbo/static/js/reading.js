// On a post's page: a button copies code, and pictures open in an overlay.
const prose = document.querySelector(".body > .prose");

const button = (text, className) => Object.assign(document.createElement("button"), { type: "button", className, textContent: text });

for (const code of prose.querySelectorAll("pre:not(.plain)")) {
  const frame = Object.assign(document.createElement("div"), { className: "copies" });
  const copy = button(prose.dataset.copy, "copy plain");
  code.replaceWith(frame);
  frame.append(code, copy);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Without https there is no clipboard API; execCommand copies the selection.
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    copy.textContent = prose.dataset.copied;
    setTimeout(() => { copy.textContent = prose.dataset.copy; }, 2000);
  });
}

const open = (link) => {
  const dialog = Object.assign(document.createElement("dialog"), { className: "large" });
  const picture = link.querySelector("img:not(.placeholder)");
  const close = button(prose.dataset.close, "plain");
  dialog.append(Object.assign(new Image(), { src: link.href, alt: picture.alt }), close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest(".enlarge");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link);
});
