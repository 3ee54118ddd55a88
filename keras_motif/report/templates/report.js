(function () {
  "use strict";
  var tables = Array.from(document.querySelectorAll(".filters"));
  var bodies = tables.flatMap(function (table) { return Array.from(table.tBodies); });
  var search = document.getElementById("search");
  var state = document.getElementById("state");
  var safe = document.getElementById("safe");
  var allFactors = document.getElementById("all-factors");

  function show() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    bodies.forEach(function (body) {
      var fits = (!state.value || body.dataset.states.split(" ").includes(state.value)) &&
        words.every(function (word) { return body.dataset.search.includes(word); });
      body.hidden = !fits;
      if (fits) { shown += 1; }
    });
    var all = bodies.length + (bodies.length === 1 ? " filter" : " filters");
    document.getElementById("count").textContent =
      shown === bodies.length ? all : shown + " of " + all;
  }

  function sort(table, button) {
    var header = button.closest("th");
    var before = header.getAttribute("aria-sort");
    var descending = before ? before === "ascending" : "largest" in button.dataset;
    var text = "text" in button.dataset;
    table.querySelectorAll("[aria-sort]").forEach(function (other) {
      other.removeAttribute("aria-sort");
    });
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    Array.from(table.tBodies).sort(function (one, other) {
      var a = one.dataset[button.dataset.key], b = other.dataset[button.dataset.key];
      var order = one.dataset.order - other.dataset.order;
      if (a === "" || b === "") {  // without a value: last, in either direction
        return (a === "") - (b === "") || order;
      }
      var difference = text ? a.localeCompare(b) : a - b;
      return (descending ? -difference : difference) || order;
    }).forEach(function (body) { table.appendChild(body); });
  }

  function toggle(button) {
    var part = document.getElementById(button.getAttribute("aria-controls"));
    part.hidden = !part.hidden;
    button.setAttribute("aria-expanded", String(!part.hidden));
  }

  tables.forEach(function (table) {
    table.tHead.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (button) { sort(table, button); }
    });
    table.addEventListener("click", function (event) {
      var button = event.target.closest(".more");
      if (button) { toggle(button); }
      var link = event.target.closest("a[href^='#filter-']");
      // A link to a filter that the search has hidden shows all of them again.
      if (link && document.getElementById(link.hash.slice(1)).hidden) {
        search.value = state.value = "";
        show();
      }
    });
  });
  if (allFactors) {
    allFactors.addEventListener("click", function () { toggle(allFactors); });
    toggle(allFactors);
  }
  document.querySelectorAll("[data-find]").forEach(function (button) {
    button.addEventListener("click", function () {
      search.value = search.value === button.dataset.find ? "" : button.dataset.find;
      show();
    });
  });
  search.addEventListener("input", show);
  state.addEventListener("change", show);
  safe.addEventListener("change", function () {
    document.documentElement.classList.toggle("safe", safe.checked);
  });
  show();
})();
