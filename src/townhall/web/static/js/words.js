/* Shared by the scripts of this bundle: one name on the window, nothing else. */
"use strict";
window.Townhall = {
  token() {
    return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  },
  async post(url, fields) {
    const body = new URLSearchParams(fields);
    return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": this.token(), "HX-Request": "true" } });
  },
  typing() {
    const at = document.activeElement;
    return Boolean(at && at.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])"));
  },
  /* The usual key that a person's own key stands for; a usual key that was given away means nothing. */
  own: JSON.parse(document.documentElement.dataset.ownKeys || "{}"),
  key(event) {
    const usual = Object.keys(this.own).find((key) => this.own[key] === event.key);
    return usual || (event.key in this.own ? "" : event.key);
  },
  /* One line at the foot of the page that goes by itself: said, not asked. */
  say(words) {
    const toast = document.createElement("div"), text = document.createElement("p");
    toast.className = "toast";
    text.textContent = words;
    toast.append(text);
    document.getElementById("toasts").append(toast);
    setTimeout(() => toast.remove(), 10000);
  },
  /* Whether one is in an open conversation, not in the list: there k is about its articles. */
  beside() {
    return Boolean(document.querySelector("#open [data-key=k]")) && !document.activeElement?.closest?.("#rows");
  },
  visible(node) {
    return Boolean(node && node.getClientRects().length);
  },
  time(ms) {
    const zone = document.body.dataset.zone || "UTC";
    return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone, timeZoneName: "short" }).format(new Date(ms));
  },
  narrow: matchMedia("(max-width: 899px)"),
  span(ms) {
    const minutes = Math.floor(Math.abs(ms) / 60000);
    if (minutes < 1) return `${Math.floor(Math.abs(ms) / 1000)} s`;
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 2880) return minutes % 60 ? `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes / 60} h`;
    const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
    return hours ? `${days} d ${hours} h` : `${days} d`;
  },
};
