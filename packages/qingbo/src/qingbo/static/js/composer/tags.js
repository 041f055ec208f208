// Completes the current tag from a list, by keyboard or pointer.
const PAUSE = 150;
const SEPARATOR = /[,，、;；]/;

export const complete = (field, list, address) => {
  let [waiting, asked, chosen] = [0, null, -1];
  Object.assign(field, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
  field.setAttribute("aria-controls", list.id);

  // Begin and end of the tag at the caret.
  const place = () => {
    let [start, end] = [field.selectionStart, field.selectionStart];
    while (start > 0 && !SEPARATOR.test(field.value[start - 1])) start -= 1;
    while (end < field.value.length && !SEPARATOR.test(field.value[end])) end += 1;
    return [start, end];
  };
  const show = (names) => {
    chosen = -1;
    list.replaceChildren(...names.map((name, number) => Object.assign(document.createElement("li"), {
      id: `completion-${number}`, textContent: name, role: "option", ariaSelected: "false",
    })));
    list.hidden = !names.length;
    field.ariaExpanded = String(!list.hidden);
    field.setAttribute("aria-activedescendant", "");
  };
  const close = () => {
    clearTimeout(waiting);
    asked?.abort();
    show([]);
  };
  const choose = (number) => {
    const options = [...list.children];
    chosen = (number + options.length) % options.length;
    options.forEach((option, at) => { option.ariaSelected = String(at === chosen); });
    field.setAttribute("aria-activedescendant", options[chosen].id);
  };
  const take = (option) => {
    const [start, end] = place();
    field.setRangeText(`${start ? " " : ""}${option.textContent}${end < field.value.length ? "" : ", "}`, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const ask = async () => {
    const begin = field.value.slice(place()[0], field.selectionStart).trim();
    if (!begin) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${address}?begin=${encodeURIComponent(begin)}`, { signal: asked.signal });
      show(await answer.json());
    } catch { /* no suggestions */ }
  };

  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { if (event.target !== list) take(event.target); });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(Math.max(chosen, 0) - 1);
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
};
