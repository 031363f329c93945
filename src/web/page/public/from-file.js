// Browsers load no modules from file:// addresses. This script, which is not a module, says what to do there.
if (location.protocol === "file:") {
  document.getElementById("loading").textContent =
    "This page must come from a web server, not from a file. Run “npx tritrack drive”, or start any web server in " +
    "this folder, such as “python3 -m http.server”, and open the address that it prints.";
}
