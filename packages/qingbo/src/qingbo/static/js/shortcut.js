// The key / focuses the search box, or opens the search page if the header has none.
"use strict";
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = [...document.querySelectorAll("#q, .search-box input")].find((each) => each.checkVisibility());
  event.preventDefault();
  if (box) box.focus();
  else location.assign(document.querySelector(".search-link").href);
});
