// What the page does beside htmx: the theme, copying, values of charts, a few keys, and
// what it says when the program behind it does not answer.
(() => {
  const root = document.documentElement;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.id === "theme") {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
    } else if (button.classList.contains("copy")) {
      const pre = button.parentElement.querySelector("pre");
      try {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = "Copied";
      } catch { // the browser gives the clipboard to pages over TLS and on this machine alone
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    }
  });
  document.addEventListener("keydown", (event) => {
    const search = document.getElementById("search");
    if (event.key === "/" && search && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  const trouble = (text) => {
    const note = document.getElementById("trouble");
    if (!note) return;
    if (note.textContent !== text) note.textContent = text;
    note.hidden = !text;
  };
  document.addEventListener("htmx:sendError", () => trouble("The program behind this page does not answer. What you see is from before; it is asked again when you go on."));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status !== 401) trouble("This could not be read just now (" + status + "). What you see is from before. Load the page again to see why.");
  });
  document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.xhr.status < 400) trouble(""); });

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.(".chart svg");
    if (!svg) return;
    const chart = svg.parentElement, range = chart.querySelector(".range");
    chart.points ??= svg.querySelector("polyline").getAttribute("points").split(" ").map((p) => parseFloat(p));
    chart.values ??= chart.dataset.values.split("|");
    range.dataset.whole ??= range.textContent;
    const box = svg.getBoundingClientRect(), at = 600 * (event.clientX - box.left) / box.width;
    const near = chart.points.reduce((best, x, i) => Math.abs(x - at) < Math.abs(chart.points[best] - at) ? i : best, 0);
    const value = document.createElement("b");
    value.textContent = chart.values[near];
    range.replaceChildren(value);
    let line = svg.querySelector("line");
    if (!line) svg.append(line = document.createElementNS("http://www.w3.org/2000/svg", "line"));
    for (const [name, n] of Object.entries({ x1: chart.points[near], x2: chart.points[near], y1: -4, y2: 84 })) line.setAttribute(name, n);
  });
  document.addEventListener("pointerout", (event) => {
    const chart = event.target.closest?.(".chart"), range = chart?.querySelector(".range");
    if (!range?.dataset.whole || chart.contains(event.relatedTarget)) return;
    range.textContent = range.dataset.whole;
    chart.querySelector("line")?.remove();
  });
})();
