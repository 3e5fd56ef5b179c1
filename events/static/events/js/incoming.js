// Shows the file as soon as a worker has read or imported it.
const look = async () => {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = reply?.ok ? new DOMParser().parseFromString(await reply.text(), "text/html") : null;
  if (page && !page.querySelector("[data-incoming-at-work]")) location.reload();
  else setTimeout(look, 2000);
};
if (document.querySelector("[data-incoming-at-work]")) setTimeout(look, 1000);
