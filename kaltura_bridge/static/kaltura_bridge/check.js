// The check before joining. Nothing is asked for before a button is pressed; what camera and
// microphone give stays in this page and is let go of after the look.

const page = document.querySelector("[data-check]");
const LOOK_MS = 5000;

function say(item, works) {
  item.dataset.works = works ? "yes" : "no";
  item.querySelector("[data-said]").textContent = `${works ? "✓" : "✗"} ${works ? page.dataset.yes : page.dataset.no}`;
  item.querySelector("[data-mend]").hidden = works;
}

function looking(item) {
  delete item.dataset.works;
  item.querySelector("[data-said]").textContent = page.dataset.wait;
}

const pause = (ms) => new Promise((done) => { window.setTimeout(done, ms); });

function cookies(item) {
  let kept = navigator.cookieEnabled;
  try {
    window.localStorage.setItem("check", "1");
    window.localStorage.removeItem("check");
  } catch {
    kept = false; // storage is blocked together with cookies
  }
  say(item, kept);
}

// Any answer will do: the page may not read it, and need not.
async function kaltura(item) {
  const reached = await fetch(`${page.dataset.kaf}/version`, {
    mode: "no-cors", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(LOOK_MS),
  }).then(() => true, () => false);
  say(item, reached);
}

async function sound(item) {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0.2;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  await pause(700);
  tone.stop();
  await audio.close();
  const heard = item.querySelector("[data-heard]");
  heard.hidden = false;
  heard.addEventListener("click", ({ target }) => {
    if (!target.dataset.answer) return;
    heard.hidden = true;
    say(item, target.dataset.answer === "yes");
  });
  item.querySelector("[data-said]").textContent = "";
}

function letGo(stream) {
  for (const track of stream.getTracks()) track.stop();
}

async function microphone(item) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const audio = new AudioContext();
  const ear = audio.createAnalyser();
  audio.createMediaStreamSource(stream).connect(ear);
  const meter = item.querySelector("[data-meter]");
  meter.hidden = false;
  const samples = new Float32Array(ear.fftSize);
  let loudest = 0;
  for (const until = performance.now() + LOOK_MS; performance.now() < until;) {
    ear.getFloatTimeDomainData(samples);
    meter.value = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    loudest = Math.max(loudest, meter.value);
    if (loudest > 0.05) break; // something was heard
    await pause(100);
  }
  letGo(stream);
  await audio.close();
  meter.hidden = true;
  say(item, loudest > 0.005); // a microphone that is switched off gives nothing at all
}

async function camera(item) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const video = item.querySelector("[data-video]");
  video.hidden = false;
  video.srcObject = stream;
  await video.play();
  say(item, video.videoWidth > 0);
  await pause(LOOK_MS);
  letGo(stream);
  video.srcObject = null;
  video.hidden = true;
}

const CHECKS = { cookies, kaltura, sound, microphone, camera };

for (const item of document.querySelectorAll("[data-check-of]")) {
  const button = item.querySelector("[data-try]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    looking(item);
    await Promise.resolve(CHECKS[item.dataset.checkOf](item)).catch(() => say(item, false));
    button.disabled = false;
  });
}
