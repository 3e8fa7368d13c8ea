// Keys for who clears the queue. They rest while somebody writes, and on a computer where they were turned off.
"use strict";

const OFF = "baosong-keys-off";
const help = document.getElementById("help");
const keysOff = document.getElementById("keys-off");
const reasonField = document.getElementById("reason");

keysOff.checked = localStorage.getItem(OFF) === "yes";
keysOff.addEventListener("change", () => localStorage.setItem(OFF, keysOff.checked ? "yes" : "no"));
document.getElementById("help-open").addEventListener("click", () => help.showModal());

function decide(verdict) {
  const button = document.querySelector(`#decide button[value="${verdict}"]`);
  if (!button || button.disabled) {
    return;
  }
  if (reasonField.value.trim() === "") {
    say("请先选一条理由（按数字键），或按 / 自己写。");
    return;
  }
  button.click();
}

const KEYS = {
  a: () => decide("accept"),
  r: () => decide("reject"),
  n: () => document.getElementById("next")?.click(),
  "/": () => reasonField?.focus(),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, input:not([type=checkbox]), select");
  if (event.key === "Escape" && writing) {
    event.target.blur();
    return;
  }
  if (keysOff.checked || writing || help.open || event.repeat || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const key = event.key.toLowerCase();
  const ready = document.querySelector(`#decide [data-key="${CSS.escape(key)}"]`);
  const act = ready ? () => ready.click() : reasonField || key === "n" || key === "?" ? KEYS[key] : undefined;
  if (act) {
    event.preventDefault();
    act();
  }
});
