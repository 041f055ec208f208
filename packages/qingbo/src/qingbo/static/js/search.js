// Shows results while typing. Without this script the form is sent, and the next page shows them.
const form = document.querySelector(".search-form");
const results = document.getElementById("results");
let [waiting, asking, shown] = [0, new AbortController(), ""];

const address = () => {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  return `${form.action.split("?")[0]}${asked.size ? `?${asked}` : ""}`;
};
shown = address();

const show = async () => {
  const wanted = address();
  if (wanted === shown) return;
  asking.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(`${wanted}${wanted.includes("?") ? "&" : "?"}part`, { signal: asking.signal });
    if (!answer.ok) return;
    results.innerHTML = await answer.text();
    shown = wanted;
    history.replaceState(null, "", wanted);
  } catch (error) {
    if (error.name !== "AbortError") throw error; // replaced by a newer request
  }
};
const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, 200);
};

let isComposing = false; // do not search before an input method has finished
form.addEventListener("compositionstart", () => { isComposing = true; });
form.addEventListener("compositionend", () => { isComposing = false; soon(); });
form.addEventListener("input", () => { if (!isComposing) soon(); });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
