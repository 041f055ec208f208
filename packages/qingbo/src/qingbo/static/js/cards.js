// Loads a video's player into its card on a click. Without this script the button is a link to the video's page.
const ALLOWED = "autoplay; encrypted-media; fullscreen; picture-in-picture";
const SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation allow-forms";

document.addEventListener("click", (event) => {
  const card = event.target.closest(".card-title a")?.closest(".video[data-player]");
  if (!card || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", SANDBOX);
  frame.setAttribute("allow", ALLOWED);
  // Players require a referrer.
  Object.assign(frame, { className: "player", title: card.dataset.title, referrerPolicy: "strict-origin-when-cross-origin", src: card.dataset.player });
  card.querySelector(".card-title").replaceWith(frame);
  frame.focus();
});
