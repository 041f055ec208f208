// Pasting an address over text makes a link; the server converts rich text to Markdown.
import { inCode, isAddress, replace } from "./editing.js";
import { post } from "./fields.js";

const MOST = 2_000_000;
const RICH = /<(h[1-6]|ul|ol|table|pre|code|blockquote|strong|em|b|i|del|s|a|img)[\s>]|font-(weight: *(bold|[6-9]00)|style: *italic)/i;

export const convertPastes = (form, text) => {
  text.addEventListener("paste", (event) => {
    const pasted = event.clipboardData;
    const plain = pasted.getData("text/plain").replaceAll("\r\n", "\n");
    const html = pasted.getData("text/html");
    const { selectionStart: start, selectionEnd: end, value } = text;
    const [, before, words, after] = /^(\s*)([^]*?)(\s*)$/.exec(value.slice(start, end));
    if (inCode(value, start)) return;
    if (isAddress(plain.trim())) {
      if (!words || words.includes("\n") || isAddress(words)) return;
      // Brackets in the address could end the link.
      const target = plain.trim().replaceAll("(", "%28").replaceAll(")", "%29");
      replace(text, start, end, `${before}[${words}](${target})${after}`);
    } else {
      // HTML from a code editor only contains colours.
      if (!RICH.test(html) || html.length > MOST || pasted.types.includes("vscode-editor-data")) return;
      replace(text, start, end, plain);
      convert(form, text, html, start, plain);
    }
    event.preventDefault();
  });
};

// The plain text is shown until the Markdown arrives. It stays if none arrives or the person changed it.
const convert = async (form, text, html, start, plain) => {
  const { said } = await post(form, form.dataset.pasted, { html }).catch(() => ({ said: {} }));
  const made = said.text;
  form.querySelector(".pasting").textContent = said.problem ?? "";
  const end = start + plain.length;
  if (!made || made === plain || text.value.slice(start, end) !== plain) return;
  const moved = (place) => (place < end ? place : place + made.length - plain.length);
  const [from, to, focused] = [moved(text.selectionStart), moved(text.selectionEnd), document.activeElement];
  replace(text, start, end, made);
  text.setSelectionRange(from, to);
  focused?.focus();
};
