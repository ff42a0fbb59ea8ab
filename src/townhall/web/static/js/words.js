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
  visible(node) {
    return Boolean(node && node.getClientRects().length);
  },
  time(ms) {
    const zone = document.body.dataset.zone || "UTC";
    return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone, timeZoneName: "short" }).format(new Date(ms));
  },
  span(ms) {
    const minutes = Math.floor(Math.abs(ms) / 60000);
    if (minutes < 1) return `${Math.floor(Math.abs(ms) / 1000)} s`;
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 2880) return minutes % 60 ? `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes / 60} h`;
    const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
    return hours ? `${days} d ${hours} h` : `${days} d`;
  },
  say(text) {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.textContent = text;
    document.getElementById("toasts").replaceChildren(toast);
  },
};
