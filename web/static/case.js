// A place on the scan and the value of the workbook light each other up, whichever is pointed at or has the focus.
"use strict";

function light(element, on) {
  const kind = element.dataset.cell ? "cell" : "seal";
  const number = element.dataset[kind];
  for (const each of document.querySelectorAll(`[data-${kind}="${number}"]`)) {
    each.classList.toggle("lit", on);
  }
}

function partner(element, wanted) {
  return document.querySelector(`${wanted}[data-cell="${element.dataset.cell}"]`);
}

for (const [begin, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  for (const [name, on] of [[begin, true], [end, false]]) {
    document.addEventListener(name, (event) => {
      const element = event.target.closest("[data-cell], [data-seal]");
      if (element) {
        light(element, on);
      }
    });
  }
}

// Keyboard and finger: the other one comes into sight too. A mouse that only passes by moves nothing.
document.addEventListener("focusin", (event) => {
  const cell = event.target.closest(".cell[data-cell]");
  const box = cell && partner(cell, ".box");
  if (box) {
    box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
});

document.addEventListener("click", (event) => {
  const box = event.target.closest("a.box");
  if (box) {
    const cell = partner(box, ".cell");
    if (cell) {
      event.preventDefault();
      const folded = cell.closest("details");
      if (folded) {
        folded.open = true;
      }
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: "center" });
    }
    return;
  }
  const zoom = event.target.closest("[data-zoom]");
  if (zoom) {
    const scan = zoom.closest(".page-scan").querySelector(".scan");
    const step = Number(scan.dataset.step) + Number(zoom.dataset.zoom);
    scan.dataset.step = String(Math.min(3, Math.max(0, step)));
  }
});

// Ready reasons fill the field; one for accepting is not sent with a rejection.
document.addEventListener("click", (event) => {
  const ready = event.target.closest("[data-ready]");
  if (ready) {
    const reason = document.getElementById("reason");
    reason.value = ready.querySelector("span").textContent;
    reason.dataset.verdict = ready.dataset.ready;
    say(ready.dataset.ready === "accept" ? "理由已填好，按 A 受理。" : "理由已填好，按 R 退回。");
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "reason") {
    delete event.target.dataset.verdict;
    say("");
  }
});

document.addEventListener("submit", (event) => {
  const reason = document.getElementById("reason");
  const verdict = event.submitter && event.submitter.value;
  if (event.target.id === "decide" && reason.dataset.verdict && reason.dataset.verdict !== verdict) {
    event.preventDefault();
    say(verdict === "accept" ? "这条理由是退回用的，请换一条。" : "这条理由是受理用的，请换一条。");
  }
});

function say(words) {
  document.getElementById("said").textContent = words;
}

// Who comes for one row, as from the merged table, sees it and its place on the scan marked. With ?row= the server has done
// so; an address that has only #row- is helped here.
function come() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const named = target && target.closest("details.row");
  if (named) {
    for (const each of document.querySelectorAll(".wanted")) {
      each.classList.remove("wanted");
    }
    named.open = true;
    named.classList.add("wanted");
    for (const cell of named.querySelectorAll(".cell[data-cell]")) {
      const box = partner(cell, ".box");
      if (box) {
        box.classList.add("wanted");
      }
    }
  }
  const row = document.querySelector(".row.wanted");
  const box = document.querySelector(".box.wanted");
  if (box) {
    box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  if (row) {
    row.scrollIntoView({ block: "center" });
  }
}

window.addEventListener("hashchange", come);
come();
