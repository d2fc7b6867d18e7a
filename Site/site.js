// The choice of light or dark goes from page to page. A report's own script switches on pages that have runs.
"use strict";
{
    const root = document.documentElement;
    const keep = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* Not kept then. */ } };
    try {
        const kept = localStorage.getItem("theme");
        if (kept === "light" || kept === "dark") root.dataset.theme = kept;
    } catch { /* The system decides. */ }
    addEventListener("DOMContentLoaded", () => {
        const button = document.getElementById("theme");
        button.parentNode.hidden = false;
        if (!button.onclick) {
            button.onclick = () => {
                const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
                root.dataset.theme = dark ? "light" : "dark";
            };
        }
        button.addEventListener("click", () => keep(root.dataset.theme));
    });
}
