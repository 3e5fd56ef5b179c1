// Offers passkeys where the browser knows them; without a script nobody sees a dead button.
if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkeys]")) {
    part.hidden = false;
  }
}
