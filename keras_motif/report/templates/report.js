(function () {
  "use strict";
  var search = document.getElementById("search");
  var state = document.getElementById("state");
  var name = document.getElementById("name");
  var group = document.getElementById("group");
  var safe = document.getElementById("safe");
  var allFactors = document.getElementById("all-factors");
  var film = document.getElementById("film");
  var moreFilm = document.getElementById("more-film");
  var FILM_ROWS = 60;
  var pack = {rows: {}, details: {}, film: [], definitions: {}};
  // Each table's rows, all of them, in their order; those in view stand in the page.
  var tables = Array.from(document.querySelectorAll("table.filters")).map(function (table) {
    return {
      table: table, rows: Array.from(table.tBodies), size: Number(table.dataset.size),
      page: 0, pages: table.nextElementSibling, isWhole: false
    };
  });

  function rowsFrom(texts) {
    var holder = document.createElement("table");
    holder.innerHTML = texts.join("");
    return Array.from(holder.tBodies);
  }

  // What is packed is compressed by gzip, in base64.
  function unpacked(text) {
    var bytes = Uint8Array.from(atob(text), function (letter) {
      return letter.charCodeAt(0);
    });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream);
  }

  // Puts the logos that a piece of the page refers to into the page's definitions.
  function define(text) {
    var glyphs = document.querySelector(".glyphs defs");
    var found = "";
    (text.match(/#motif-\d+/g) || []).forEach(function (reference) {
      var id = reference.slice(1);
      if (id in pack.definitions) {
        found += pack.definitions[id];
        delete pack.definitions[id];
      }
    });
    if (found) { glyphs.insertAdjacentHTML("beforeend", found); }
  }

  function fits(row, words) {
    var chosen = name && name.value ? name.value.split(/=(.*)/s) : null;
    return (!state.value || row.dataset.states.split(" ").includes(state.value)) &&
      (!chosen || (row.dataset[chosen[0]] || "") === chosen[1]) &&
      words.every(function (word) { return row.dataset.search.includes(word); });
  }

  function isFree() {
    return !search.value && !state.value && !(name && name.value);
  }

  // Of the rows that fit, those of one group beside each other, the largest first.
  function grouped(rows, key) {
    var groups = new Map();
    rows.forEach(function (row) {
      var label = row.dataset[key] || "";
      if (!groups.has(label)) { groups.set(label, []); }
      groups.get(label).push(row);
    });
    return Array.from(groups).sort(function (one, other) {
      return (one[0] === "") - (other[0] === "") ||
        other[1].length - one[1].length || one[0].localeCompare(other[0]);
    });
  }

  function heading(label, count, columns) {
    var body = document.createElement("tbody");
    body.className = "group";
    body.setAttribute("role", "rowgroup");
    var row = body.insertRow();
    row.setAttribute("role", "row");
    var cell = document.createElement("th");
    cell.colSpan = columns;
    cell.scope = "rowgroup";
    cell.setAttribute("role", "rowheader");
    cell.textContent = (label || "without a convincing name") + " \u00b7 " + count +
      (count === 1 ? " filter" : " filters");
    row.append(cell);
    return body;
  }

  function showTable(entry, words) {
    var rows = entry.rows.filter(function (row) { return fits(row, words); });
    var key = group ? group.value : "";
    var groups = key ? grouped(rows, key) : [["", rows]];
    var ordered = groups.flatMap(function (one) { return one[1]; });
    var numPages = Math.max(1, Math.ceil(ordered.length / entry.size));
    entry.page = Math.min(entry.page, numPages - 1);
    var first = entry.isWhole ? 0 : entry.page * entry.size;
    var last = entry.isWhole ? ordered.length : first + entry.size;
    var shown = new Set(ordered.slice(first, last));
    var bodies = [];
    groups.forEach(function (one) {
      var visible = one[1].filter(function (row) { return shown.has(row); });
      if (key && visible.length) {
        bodies.push(heading(one[0], one[1].length, entry.table.tHead.rows[0].cells.length));
      }
      bodies = bodies.concat(visible);
    });
    bodies.forEach(function (body) {
      if (body.dataset.isNew) { define(body.innerHTML); delete body.dataset.isNew; }
    });
    entry.table.replaceChildren(entry.table.tHead, ...bodies);
    entry.shown = ordered;
    entry.pages.hidden = numPages === 1 || entry.isWhole;
    entry.pages.querySelector("span").textContent =
      (first + 1) + "\u2013" + Math.min(last, ordered.length) + " of " + ordered.length;
    var steps = entry.pages.querySelectorAll("button");
    steps[0].disabled = entry.page === 0;
    steps[1].disabled = entry.page === numPages - 1;
    return rows.length;
  }

  function show() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0, total = 0;
    tables.forEach(function (entry) {
      shown += showTable(entry, words);
      total += entry.rows.length;
    });
    var all = total + (total === 1 ? " filter" : " filters");
    document.getElementById("count").textContent = shown === total ? all :
      shown + " of " + all + (shown ? "" : ": nothing fits. Clear the search to see all.");
  }

  function restart() {
    tables.forEach(function (entry) { entry.page = 0; });
    show();
  }

  function sort(entry, button) {
    var header = button.closest("th");
    var before = header.getAttribute("aria-sort");
    var descending = before ? before === "ascending" : "largest" in button.dataset;
    var key = button.dataset.key, text = "text" in button.dataset;
    entry.table.querySelectorAll("[aria-sort]").forEach(function (other) {
      other.removeAttribute("aria-sort");
    });
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    entry.rows.sort(function (one, other) {
      var a = one.dataset[key], b = other.dataset[key];
      var order = one.dataset.order - other.dataset.order;
      if (a === "" || b === "") {  // without a value: last, in either direction
        return (a === "") - (b === "") || order;
      }
      var difference = text ? a.localeCompare(b) : a - b;
      return (descending ? -difference : difference) || order;
    });
    entry.page = 0;
    show();
  }

  function setExpanded(button, isOpen) {
    button.setAttribute("aria-expanded", String(isOpen));
  }

  // Opens or closes the details of a row, which are made when they are first seen.
  function toggleDetails(button) {
    var id = "details-" + button.dataset.details;
    var part = document.getElementById(id);
    if (!part) {
      var html = pack.details[button.dataset.details];
      define(html);
      var body = button.closest("tbody");
      part = body.insertRow();
      part.id = id;
      part.className = "details";
      part.hidden = true;
      part.setAttribute("role", "row");
      var cell = part.insertCell();
      cell.colSpan = body.rows[0].cells.length;
      cell.setAttribute("role", "cell");
      cell.innerHTML = '<div class="inside">' + html + "</div>";
      button.setAttribute("aria-controls", id);
    }
    part.hidden = !part.hidden;
    setExpanded(button, !part.hidden);
  }

  function toggle(button) {
    var part = document.getElementById(button.getAttribute("aria-controls"));
    part.hidden = !part.hidden;
    setExpanded(button, !part.hidden);
  }

  // Shows a row wherever it is: behind a search, or on another page.
  function reveal(id) {
    tables.forEach(function (entry) {
      var row = entry.rows.find(function (one) { return one.id === id; });
      if (!row || row.isConnected) { return; }
      if (!entry.shown.includes(row)) {
        search.value = state.value = "";
        if (name) { name.value = ""; }
        show();
      }
      entry.page = Math.floor(entry.shown.indexOf(row) / entry.size);
      show();
    });
  }

  function save(blob, file) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = file;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
  }

  // A logo as a file of its own: with the letters that it refers to, in today's colours.
  function saveLogo(picture, file) {
    var svg = picture.cloneNode(true);
    var style = getComputedStyle(document.documentElement);
    var held = document.createElementNS(svg.namespaceURI, "defs");
    var waiting = [svg], known = new Set();
    while (waiting.length) {
      waiting.pop().querySelectorAll("use").forEach(function (use) {
        var id = use.getAttribute("href").slice(1);
        if (known.has(id)) { return; }
        known.add(id);
        var copy = document.getElementById(id).cloneNode(true);
        var base = (copy.getAttribute("class") || "").match(/^base-[ACGT]$/);
        if (base) { copy.setAttribute("fill", style.getPropertyValue("--" + base[0]).trim()); }
        held.append(copy);
        waiting.push(copy);
      });
    }
    svg.prepend(held);
    save(new Blob([new XMLSerializer().serializeToString(svg)], {type: "image/svg+xml"}), file);
  }

  function copy(text, told) {
    function tell(words) { told.textContent = words; }
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(
        function () { tell("Copied."); }, function () { tell("The browser refused."); });
      return;
    }
    var field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    tell(document.execCommand("copy") ? "Copied." : "The browser refused.");
    field.remove();
  }

  function showFilm(limit) {
    var rows = pack.film.slice(film.rows.length, limit);
    define(rows.join(""));
    film.insertAdjacentHTML("beforeend", rows.join(""));
    var left = pack.film.length - film.rows.length;
    moreFilm.hidden = !left;
    moreFilm.textContent = left + (left === 1 ? " more filter" : " more filters");
  }

  tables.forEach(function (entry) {
    entry.table.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (!button) { return; }
      if (button.dataset.key) { sort(entry, button); }
      if (button.dataset.details) { toggleDetails(button); }
      if (button.dataset.copy) {
        copy(button.dataset.copy, button.parentElement.querySelector("[role=status]"));
      }
      if (button.dataset.save) {
        var file = button.dataset.save.replace(/[^\w.-]+/g, "-") + ".svg";
        saveLogo(button.closest("tbody").querySelector(".picture .logo"), file);
      }
    });
    entry.pages.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (button) {
        entry.page += Number(button.dataset.step);
        show();
        entry.table.scrollIntoView();
      }
    });
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a");
    if (!link) { return; }
    if (link.matches("a[href^='#filter-']")) { reveal(link.hash.slice(1)); }
    if (link.href.startsWith("data:application/gzip") && link.dataset.name) {
      event.preventDefault();
      unpacked(link.href.split(",")[1]).blob().then(function (blob) {
        save(blob, link.dataset.name);
      });
    }
  });
  if (allFactors) {
    allFactors.addEventListener("click", function () { toggle(allFactors); });
    toggle(allFactors);
  }
  document.querySelectorAll("[data-find]").forEach(function (button) {
    button.addEventListener("click", function () {
      search.value = search.value === button.dataset.find ? "" : button.dataset.find;
      restart();
    });
  });
  if (moreFilm) {
    moreFilm.addEventListener("click", function () { showFilm(film.rows.length + FILM_ROWS); });
  }
  document.getElementById("copy-methods").addEventListener("click", function (event) {
    var lines = [document.getElementById("methods").textContent];
    document.querySelectorAll(".references li").forEach(function (entry) {
      lines.push(entry.textContent);
    });
    copy(lines.join("\n"), event.target.parentElement.querySelector("[role=status]"));
  });
  search.addEventListener("input", restart);
  [state, name, group].forEach(function (choice) {
    if (choice) { choice.addEventListener("change", restart); }
  });
  safe.addEventListener("change", function () {
    document.documentElement.classList.toggle("safe", safe.checked);
  });
  // On paper nothing is behind a button.
  window.addEventListener("beforeprint", function () {
    tables.forEach(function (entry) { entry.isWhole = true; });
    show();
    if (film) { showFilm(pack.film.length); }
  });
  window.addEventListener("afterprint", function () {
    tables.forEach(function (entry) { entry.isWhole = false; });
    show();
  });
  show();

  unpacked(document.getElementById("pack").content.textContent).json().then(function (held) {
    pack = held;
    tables.forEach(function (entry) {
      var later = rowsFrom(pack.rows[entry.table.dataset.run]);
      later.forEach(function (row) { row.dataset.isNew = "yes"; });
      entry.rows = entry.rows.concat(later);
    });
    if (film) { showFilm(FILM_ROWS); }
    show();
    document.documentElement.dataset.ready = "yes";
  });
})();
