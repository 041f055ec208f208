// The length of the text, and its reading time.
import { language } from "./fields.js";

const CHINESE_A_MINUTE = 400;
const WORDS_A_MINUTE = 220;
const CHINESE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

export const count = (line, text) => {
  const number = new Intl.NumberFormat(language);
  const say = () => {
    const words = text.value.replace(/\n/g, "");
    const chinese = (words.match(CHINESE) ?? []).length;
    const others = (text.value.replace(CHINESE, " ").match(WORD) ?? []).length;
    const minutes = Math.max(1, Math.round(chinese / CHINESE_A_MINUTE + others / WORDS_A_MINUTE));
    const said = [line.dataset.count.replace("{count}", number.format(chinese + others)), line.dataset.minutes.replace("{count}", number.format(minutes))];
    line.textContent = words && said.join(" · ");
  };
  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(say, 250);
  });
  say();
};
