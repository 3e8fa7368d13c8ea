// What a page that refreshes itself asks for, and what it must not: only what has changed, and nothing while nobody looks.
"use strict";

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const source = ctx.sourceElement;
  if (document.hidden && source.matches("[data-hx-trigger^='every']")) {
    event.preventDefault();
    return;
  }
  const tag = source.dataset.tag;
  if (tag) {
    ctx.request.headers["If-None-Match"] = tag;
  }
  const token = document.querySelector("meta[name='csrf']");
  if (token) {
    ctx.request.headers["X-CSRF-Token"] = token.content;
  }
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const tag = ctx.response.headers.get("ETag");
  if (tag && ctx.response.status === 200) {
    ctx.sourceElement.dataset.tag = tag;
  }
});
