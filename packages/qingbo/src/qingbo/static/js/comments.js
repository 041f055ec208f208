// Fetches the pass of a guest's form when it is first touched, and solves the challenge if there is one.
// Without this script the page that shows the comment again contains the pass, and the guest waits instead.
"use strict";
(() => {
  const put = (form, name, value) => {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  };
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hex = (array) => [...array].map((each) => each.toString(16).padStart(2, "0")).join("");
  const solve = async (challenge) => {
    const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
    const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
    for (let counter = 0; ; counter += 1) {
      new DataView(password.buffer).setUint32(password.length - 4, counter);
      const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
      const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
      const derived = hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)));
      if (derived.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey: derived, time: 0 } }));
    }
  };
  // crypto.subtle exists only on https and localhost; elsewhere the guest waits.
  const work = async (form, challenge) => {
    if (challenge && globalThis.crypto?.subtle) put(form, "work", await solve(challenge));
  };
  const working = new Map();
  const begin = (form, job) => {
    const promise = job().catch(() => {}).finally(() => working.delete(form));
    working.set(form, promise);
  };
  for (const form of document.querySelectorAll("form[data-pass], form[data-challenge]")) {
    form.addEventListener("submit", async (event) => {
      if (!working.has(form)) return;
      event.preventDefault();
      await working.get(form);
      form.submit();
    });
  }
  for (const form of document.querySelectorAll("form[data-pass]")) {
    form.addEventListener("focusin", () => begin(form, async () => {
      const pass = await (await fetch(form.dataset.pass, { method: "POST" })).json();
      put(form, "started", pass.started);
      await work(form, pass.challenge);
    }), { once: true });
  }
  // Stores the guest's name and address in this browser for the next comment.
  const GUEST = ["name", "email"];
  const kept = () => {
    try { return JSON.parse(localStorage.getItem("guest") ?? "{}"); } catch { return {}; }
  };
  const keep = (form) => {
    const guest = Object.fromEntries(GUEST.map((name) => [name, form.elements[name].value]));
    try { localStorage.setItem("guest", JSON.stringify(guest)); } catch { /* storage is disabled */ }
  };
  for (const form of document.querySelectorAll("form[data-pass]")) {
    for (const name of GUEST) form.elements[name].value ||= kept()[name] ?? "";
    form.addEventListener("submit", () => keep(form));
  }
  for (const form of document.querySelectorAll("form[data-challenge]")) {
    begin(form, () => work(form, JSON.parse(form.dataset.challenge)));
  }
})();
