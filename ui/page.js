// What the page does in the browser by itself: copy, show a quote, open and close the reader. It sends nothing.
() => {
  const said = document.createElement("p");
  said.className = "dl-hidden";
  said.setAttribute("role", "status");
  document.body.append(said);

  async function copy(button) {
    const text = button.dataset.copy.startsWith("?")
      ? new URL(button.dataset.copy, location.origin + location.pathname).href
      : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // a page that is not on this machine and not encrypted has no clipboard
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    said.textContent = "Copied";
    button.classList.add("dl-done");
    setTimeout(() => { button.classList.remove("dl-done"); said.textContent = ""; }, 1500);
  }

  function showQuote(link) {
    const place = document.querySelector(link.getAttribute("href"));
    const mark = place?.nextElementSibling;
    if (!mark) return;
    place.focus({ preventScroll: true });
    mark.scrollIntoView({ block: "nearest" });
    mark.classList.add("dl-flash");
    setTimeout(() => mark.classList.remove("dl-flash"), 1500);
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-close], sup a, dialog");
    if (!target) return;
    if (target.matches("[data-copy]")) copy(target);
    else if (target.matches("[data-close]")) target.closest("dialog").close();
    else if (target.matches("dialog") && event.target === target) target.close();  // beside the reader
    else if (target.matches("sup a")) {
      event.preventDefault();
      showQuote(target);
    }
  });
}
